"""RSRT rich text: what a model is asked, the form its answer must have, and what makes an answer good enough."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model

from prompts import Prompt
from trsllava.errors import AnswerError
from trsllava.records import RichCaption, RichText, Tile

if TYPE_CHECKING:
    from trsllava.completion import Message

_SAME_WORDING = 95.0
"""Two variants at least this alike, in percent of their letters with the words sorted, count as one."""
_UNDECODABLE = "\N{REPLACEMENT CHARACTER}"
"""What a server writes for bytes that are no UTF-8: up to four for what its grammar counted as one character."""


@dataclass(frozen=True)
class Bounds:
    """How much a model may write: the longest of each text in characters, the most features and labels in number."""

    one_sentence: int = 240
    features: int = 10
    feature: int = 90
    caption: int = 900
    labels: int = 12
    label: int = 30


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RsrtVariant(_Strict):
    """One variant as a model writes it: RSRT's three fields, each filled."""

    one_sentence: str
    feature: list[str]
    caption: str


class RsrtAnswer(_Strict):
    """A model's whole answer."""

    variants: list[RsrtVariant]
    labels: list[str]


class RsrtQuestion:
    """The question that every tile is asked: prompt, number of variants, bounds."""

    def __init__(self, prompt: Prompt, variants: int, bounds: Bounds) -> None:
        self._made_of = (prompt, variants, bounds)
        self.prompt = prompt
        self.answer = _answer_type(variants, bounds)
        self._system = prompt.fill("system", variants=variants)

    def __reduce__(self) -> tuple[type[RsrtQuestion], tuple[Prompt, int, Bounds]]:
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

    def rich_text(self, answer: RsrtAnswer, model: str) -> RichText:
        """The answer as rich text. Raises AnswerError where two variants say the same."""
        captions = tuple(
            RichCaption(
                one_sentence=variant.one_sentence,
                feature=tuple(dict.fromkeys(variant.feature)),
                caption=variant.caption,
            )
            for variant in answer.variants
        )
        _refuse_repetition(captions, answer)
        return RichText(
            variants=captions,
            labels=tuple(dict.fromkeys(label.lower() for label in answer.labels)),
            model=model,
            prompt=self.prompt.name,
            created=datetime.now(UTC),
        )


def _answer_type(variants: int, bounds: Bounds) -> type[RsrtAnswer]:
    """The answer's type, with a JSON schema that asks for so many variants within these bounds."""
    variant = create_model(
        "Variant",
        __base__=RsrtVariant,
        one_sentence=(_text(bounds.one_sentence), ...),
        feature=(_texts(bounds.feature, bounds.features), ...),
        caption=(_text(bounds.caption), ...),
    )
    return create_model(
        "RsrtAnswer",
        __base__=RsrtAnswer,
        variants=(list[variant], Field(min_length=variants, max_length=variants)),
        labels=(_texts(bounds.label, bounds.labels), ...),
    )


def says_the_same(first: RichCaption, second: RichCaption) -> bool:
    """True where two variants differ in little but case, order and marks."""
    from rapidfuzz import fuzz, utils

    return fuzz.token_sort_ratio(first.text(), second.text(), processor=utils.default_process) >= _SAME_WORDING


def _refuse_repetition(captions: tuple[RichCaption, ...], answer: RsrtAnswer) -> None:
    for (first, a), (second, b) in combinations(enumerate(captions, 1), 2):
        if says_the_same(a, b):
            raise AnswerError(f"variants {first} and {second} say the same", answer.model_dump_json())


def _readable(value: object) -> object:
    """Text without what nobody can read: control characters, undecodable bytes, runs of space; else as it is."""
    if not isinstance(value, str):
        return value
    return " ".join("".join(letter if _is_readable(letter) else " " for letter in value).split())


def _is_readable(letter: str) -> bool:
    return letter.isprintable() and letter != _UNDECODABLE


def _text(longest: int) -> Any:
    return Annotated[str, Field(min_length=1, max_length=longest), BeforeValidator(_readable)]


def _texts(longest: int, most: int) -> Any:
    return Annotated[list[_text(longest)], Field(min_length=1, max_length=most)]  # type: ignore[misc]
