"""Texts in another language than the prompt asks for, which is English."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from trsllava.records import RichText

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_TARGET = "en"
_LEAST_LETTERS = 40
"""Shorter texts are judged by their script alone."""
_SURE = 0.8
_FOREIGN_SHARE = 0.2


def fault(text: RichText) -> str:
    """Names the first variant and language that is not English."""
    for number, variant in enumerate(text.variants, start=1):
        if found := foreign(variant.text()):
            return f"variant {number}: is not English but {found}"
    return ""


def prepare() -> None:
    """Load the model of languages, which takes half a second, before the first answer needs it."""
    _identifier()


def foreign(text: str) -> str:
    """The language (ISO 639) that a text is surely written in, or "another script"; empty where it may be English."""
    letters = [letter for letter in text if letter.isalpha()]
    if sum(not _is_latin(letter) for letter in letters) > _FOREIGN_SHARE * len(letters):
        return "in another script"
    if len(letters) < _LEAST_LETTERS:
        return ""
    language, probability = _identifier().classify(text)
    return language if language != _TARGET and probability > _SURE else ""


@cache
def _is_latin(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith("LATIN")


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
