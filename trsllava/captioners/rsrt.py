"""The question that every tile is asked, and what its answer must be to become a rich text."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prompts import Prompt
from trsllava.captioners.answer import Bounds, RsrtAnswer, RsrtVariant, answer_type
from trsllava.captioners.checks import empty
from trsllava.captioners.checks.faults import faults, faults_across
from trsllava.captioners.checks.language import ANY, ENGLISH, check_language
from trsllava.captioners.checks.repair import repaired
from trsllava.errors import AnswerError
from trsllava.records import CheckName, Repair, RichCaption, RichText, Tile, Wrapping

if TYPE_CHECKING:
    from trsllava.completion import Message


class RsrtQuestion:
    """Prompt, number of variants, bounds, and the checks that are left out (`skip`)."""

    def __init__(
        self,
        prompt: Prompt,
        variants: int,
        bounds: Bounds,
        skip: Collection[CheckName] = (),
        language: str = ENGLISH,
    ) -> None:
        """`language`: ISO 639-1 code of the language that answers are asked for and judged in, or `any`.
        Raises InputError for a language that cannot be recognised."""
        check_language(language)
        self._made_of = (prompt, variants, bounds, tuple(skip), language)
        self.prompt = prompt
        self.answer = answer_type(variants, bounds)
        self._system = prompt.fill("system", variants=variants)
        if language not in (ENGLISH, ANY):
            wish = f"Write in the language whose ISO 639-1 code is {language!r}."
            self._system = self._system.replace("Write in English.", wish)
        self.variants, self._bounds, self._skip, self._language = variants, bounds, skip, language

    def __reduce__(self) -> tuple[type[RsrtQuestion], tuple[Prompt, int, Bounds, tuple[CheckName, ...], str]]:
        """To other processes go the parts: the answer's type is made anew there."""
        return RsrtQuestion, self._made_of

    def messages(self, tile: Tile, picture: str, labels: Sequence[str] = ()) -> list[Message]:
        """The question about one tile; `picture` is a data URL. A prompt with a part for `labels` tells them.

        The system message is the same for every tile, so that a server's prefix cache can keep it.
        """
        directions = self.prompt.parts["north_up" if tile.north_up else "relative"]
        if labels and "labels" in self.prompt.parts:
            directions = f"{directions} {self.prompt.fill('labels', labels=', '.join(labels))}"
        return [
            {"role": "system", "content": self._system},
            {
                "role": "user",
                "content": [
                    {"type": "image_url", "image_url": {"url": picture, "detail": "high"}},
                    {"type": "text", "text": self.prompt.fill("user", directions=directions)},
                ],
            },
        ]

    def rich_text(self, answer: RsrtAnswer, tile: Tile, model: str, wrappings: tuple[Wrapping, ...] = ()) -> RichText:
        """The answer as rich text, mended where that needs no model. `wrappings`: what was undone to read it.

        Raises AnswerError, with the check's name, where a check finds it unusable.
        """
        mended, repairs = repaired(answer, self.variants, self._bounds, self._skip)
        raw = json.dumps(answer.model_dump())
        if (count := len(mended.variants)) < self.variants:
            raise AnswerError(f"the answer has only {count} of {self.variants} variants", raw)
        if reason := empty.fault(mended):
            raise AnswerError(reason, raw, "empty")
        text = self._as_text(mended, model, (*wrappings, *repairs))
        for check, reason in self._faults(text, tile):
            raise AnswerError(reason, raw, check)
        return text

    def good_part(
        self, answer: RsrtAnswer, tile: Tile, model: str, wrappings: tuple[Wrapping, ...] = ()
    ) -> RichText | None:
        """What is good of an answer that `rich_text` refuses, flagged `fewer variants`; None where nothing is.

        Complete variants are kept, or, where there is none, those that say anything at all.
        """
        mended, repairs = repaired(answer, self.variants, self._bounds, self._skip)
        said = [variant for variant in mended.variants if not self._is_echo(variant)]
        complete = [v for v in said if not empty.fault(RsrtAnswer(variants=[v], labels=["-"]))]
        kept: list[RsrtVariant] = []
        for variant in complete or said:
            if not (variant.one_sentence.strip() or variant.caption.strip()):
                continue
            more = self._as_text(RsrtAnswer(variants=[*kept, variant], labels=mended.labels), model, ())
            if next(self._faults(more, tile), None) is None:
                kept.append(variant)
        if not kept:
            return None
        good = RsrtAnswer(variants=kept, labels=mended.labels)
        return self._as_text(good, model, (*wrappings, *repairs, "fewer variants"))

    def _is_echo(self, variant: RsrtVariant) -> bool:
        """True where a variant repeats the example in the instructions: it is of another picture."""
        return any(len(words) > 20 and words in self._system for words in (variant.one_sentence, variant.caption))

    def _faults(self, text: RichText, tile: Tile) -> Iterator[tuple[CheckName, str]]:
        return faults(text, north_up=tile.north_up, bounds=self._bounds, skip=self._skip, language=self._language)

    def _as_text(self, answer: RsrtAnswer, model: str, repairs: tuple[Repair, ...]) -> RichText:
        return RichText(
            variants=tuple(
                RichCaption(
                    one_sentence=variant.one_sentence,
                    feature=tuple(dict.fromkeys(variant.feature)),
                    caption=variant.caption,
                )
                for variant in answer.variants
            ),
            labels=tuple(dict.fromkeys(label.lower() for label in answer.labels)),
            model=model,
            prompt=self.prompt.name,
            created=datetime.now(UTC),
            repairs=tuple(dict.fromkeys(repairs)),
        )

    def clashes(self, text: RichText) -> Iterator[tuple[CheckName, str]]:
        """Where the variants of a text that was asked for in parts do not go together."""
        return faults_across(text, skip=self._skip)
