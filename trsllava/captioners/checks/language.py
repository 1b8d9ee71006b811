"""Texts in another language than the one that is asked for."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from trsllava.errors import InputError
from trsllava.records import RichText

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

ENGLISH, ANY = "en", "any"
_LEAST_LETTERS = 40
"""Shorter texts are judged by their script alone."""
_SURE = 0.8
_FOREIGN_SHARE = 0.2


def fault(text: RichText, target: str = ENGLISH) -> str:
    """Names the first variant that is in another language than `target` (ISO 639-1; `any`: none is)."""
    if target == ANY:
        return ""
    wanted = "English" if target == ENGLISH else repr(target)
    for number, variant in enumerate(text.variants, start=1):
        if found := foreign(variant.text(), target):
            return f"variant {number}: is not {wanted} but {found}"
    return ""


def check_language(code: str) -> None:
    """Raises InputError for a language that cannot be told from others."""
    if code in (ENGLISH, ANY):
        return
    known = sorted(str(name) for name in _identifier().nb_classes)
    if code not in known:
        raise InputError(f"{code!r} is not a language that can be recognised: use any, or one of {', '.join(known)}.")


def prepare() -> None:
    """Load the model of languages, which takes half a second, before the first answer needs it."""
    _identifier()


def foreign(text: str, target: str = ENGLISH) -> str:
    """The language (ISO 639) that a text is surely written in, or "in another script"; empty where it may be the
    target."""
    letters = [letter for letter in text if letter.isalpha()]
    latin = sum(not _is_latin(letter) for letter in letters) <= _FOREIGN_SHARE * len(letters)
    if target == ENGLISH and not latin:
        return "in another script"
    if latin and len(letters) < _LEAST_LETTERS:
        return ""
    language, probability = _identifier().classify(text)
    return str(language) if language != target and probability > _SURE else ""


@cache
def _is_latin(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith("LATIN")


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
