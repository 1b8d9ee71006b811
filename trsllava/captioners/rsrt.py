"""The question that every tile is asked, and what its answer must be to become a rich text."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prompts import Prompt
from trsllava.captioners.answer import Bounds, RsrtAnswer, answer_type
from trsllava.captioners.checks import empty
from trsllava.captioners.checks.refuse import faults, faults_across
from trsllava.captioners.checks.repair import repaired
from trsllava.errors import AnswerError
from trsllava.records import CheckName, RichCaption, RichText, Tile

if TYPE_CHECKING:
    from trsllava.completion import Message


class RsrtQuestion:
    """Prompt, number of variants, bounds, and the checks that are left out (`skip`)."""

    def __init__(self, prompt: Prompt, variants: int, bounds: Bounds, skip: Collection[CheckName] = ()) -> None:
        self._made_of = (prompt, variants, bounds, tuple(skip))
        self.prompt = prompt
        self.answer = answer_type(variants, bounds)
        self._system = prompt.fill("system", variants=variants)
        self._variants, self._bounds, self._skip = variants, bounds, skip

    def __reduce__(self) -> tuple[type[RsrtQuestion], tuple[Prompt, int, Bounds, tuple[CheckName, ...]]]:
        """To other processes go the parts: the answer's type is made anew there."""
        return RsrtQuestion, self._made_of

    def messages(self, tile: Tile, picture: str) -> list[Message]:
        """The question about one tile; `picture` is a data URL.

        The system message is the same for every tile, so that a server's prefix cache can keep it.
        """
        directions = self.prompt.parts["north_up" if tile.north_up else "relative"]
        return [
            {"role": "system", "content": self._system},
            {
                "role": "user",
                "content": [
                    {"type": "image_url", "image_url": {"url": picture}},
                    {"type": "text", "text": self.prompt.fill("user", directions=directions)},
                ],
            },
        ]

    def rich_text(self, answer: RsrtAnswer, tile: Tile, model: str) -> RichText:
        """The answer as rich text, mended where that needs no model.

        Raises AnswerError, with the check's name, where a check finds it unusable.
        """
        mended, repairs = repaired(answer, self._variants, self._bounds, self._skip)
        raw = json.dumps(answer.model_dump())
        if reason := empty.fault(mended):
            raise AnswerError(reason, raw, "empty")
        text = RichText(
            variants=tuple(
                RichCaption(
                    one_sentence=variant.one_sentence,
                    feature=tuple(dict.fromkeys(variant.feature)),
                    caption=variant.caption,
                )
                for variant in mended.variants
            ),
            labels=tuple(dict.fromkeys(label.lower() for label in mended.labels)),
            model=model,
            prompt=self.prompt.name,
            created=datetime.now(UTC),
            repairs=repairs,
        )
        for check, reason in faults(text, north_up=tile.north_up, bounds=self._bounds, skip=self._skip):
            raise AnswerError(reason, raw, check)
        return text

    def clashes(self, text: RichText) -> Iterator[tuple[CheckName, str]]:
        """Where the variants of a text that was asked for in parts do not go together."""
        return faults_across(text, skip=self._skip)
