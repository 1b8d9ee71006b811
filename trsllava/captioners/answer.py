"""The form of a model's answer: RSRT's fields and labels, and how much of them is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, create_model


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
    """One variant as a model writes it: RSRT's three fields."""

    one_sentence: str
    feature: list[str]
    caption: str


class RsrtAnswer(_Strict):
    """A model's whole answer."""

    variants: list[RsrtVariant]
    labels: list[str]


def answer_type(variants: int, bounds: Bounds) -> type[RsrtAnswer]:
    """The answer's type, with a JSON schema that asks for so many variants within these bounds.

    Only the form and the least number of variants are insisted on here: what else is wrong with an answer, a check
    can name and often mend (`checks`).
    """
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
        variants=(list[variant], Field(min_length=variants, json_schema_extra={"maxItems": variants})),
        labels=(_texts(bounds.label, bounds.labels), ...),
    )


def _text(longest: int) -> Any:
    return Annotated[str, Field(json_schema_extra={"minLength": 1, "maxLength": longest})]


def _texts(longest: int, most: int) -> Any:
    return Annotated[list[_text(longest)], Field(json_schema_extra={"minItems": 1, "maxItems": most})]  # type: ignore[misc]
