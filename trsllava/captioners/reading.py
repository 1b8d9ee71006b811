"""Takes a model's reply apart: whatever stands around the answer, wherever in the message, whatever its shape."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from trsllava.captioners.answer import RsrtAnswer, RsrtVariant
from trsllava.completion import Completion, no_json
from trsllava.errors import AnswerError
from trsllava.lenient_json import is_cut, values
from trsllava.records import Wrapping

_LISTS = ("variants", "descriptions", "captions", "answers", "variations")
_SENTENCE = ("one_sentence", "sentence", "onesentence", "summary", "short_caption")
_FEATURE = ("feature", "features", "objects")
_CAPTION = ("caption", "description", "paragraph", "detailed_caption", "text")
_LABELS = ("labels", "tags", "label", "keywords")
_DEEPEST = 6


def read(completion: Completion, variants: int) -> tuple[RsrtAnswer, tuple[Wrapping, ...]]:
    """The answer in a reply, with at least one variant, and what had to be undone to read it.

    Of several objects the one with the most variants is taken; one from another field than the content counts only
    with all `variants`, since a model that thinks aloud quotes its instructions. Raises AnswerError.
    """
    best: tuple[RsrtAnswer, tuple[Wrapping, ...]] | None = None
    readable = False
    for number, text in enumerate((completion.text, *completion.elsewhere)):
        for value, undone in values(text):
            readable = readable or isinstance(value, dict | list)
            answer, reshaped = _answer(value)
            if "syntax" in undone and is_cut(text):
                answer = answer.model_copy(update={"variants": answer.variants[:-1]})
            count = len(answer.variants)
            if count == 0 or (number and count < variants):
                continue
            if best is None or _worth(answer, variants) > _worth(best[0], variants):
                best = answer, (*(("field",) if number else ()), *undone, *reshaped)
            if count >= variants and answer.labels:
                return best
    if best is None:
        reason = "the answer is JSON without a description in it" if readable else no_json(completion.text)
        raise AnswerError(reason, completion.text)
    return best


def _worth(answer: RsrtAnswer, variants: int) -> tuple[int, bool]:
    return min(len(answer.variants), variants), bool(answer.labels)


def _answer(value: Any) -> tuple[RsrtAnswer, tuple[Wrapping, ...]]:
    """What a JSON value describes, however deep it lies and whatever its fields are called."""
    try:
        strict = RsrtAnswer.model_validate(value, strict=True)
        return strict, ()
    except ValueError:
        pass
    nesting: tuple[Wrapping, ...] = () if _variant_list(value) is not None else ("nesting",)
    for found in _within(value):
        if (listed := _variant_list(found)) is not None and (described := list(filter(None, map(_variant, listed)))):
            labels = _strings(_field(found, _LABELS)) if isinstance(found, Mapping) else []
            return RsrtAnswer(variants=described, labels=labels), (*nesting, "shape") if _odd(found) else nesting
    for found in _within(value):
        if isinstance(found, Mapping) and (variant := _variant(found)):
            return RsrtAnswer(variants=[variant], labels=_strings(_field(found, _LABELS))), ("shape",)
    return RsrtAnswer(variants=[], labels=[]), ()


def _odd(found: Any) -> bool:
    try:
        RsrtAnswer.model_validate(found, strict=True)
    except ValueError:
        return True
    return False


def _within(value: Any, depth: int = 0) -> Iterator[Any]:
    """A value and all that lies in it, the outer ones first; JSON within a string is opened."""
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        for inner, _ in values(value):
            yield from _within(inner, depth + 1)
            break
        return
    if not isinstance(value, dict | list) or depth > _DEEPEST:
        return
    yield value
    for child in value.values() if isinstance(value, dict) else value:
        yield from _within(child, depth + 1)


def _variant_list(value: Any) -> list[Any] | None:
    """The variants that an object lists, or numbers one by one, or that a bare list is."""
    if isinstance(value, Mapping):
        listed = _field(value, _LISTS)
        if isinstance(listed, str):
            listed = next((inner for inner, _ in values(listed)), None)
        if isinstance(listed, Mapping):
            listed = list(listed.values())
        if isinstance(listed, list):
            return listed
        numbered = [child for child in value.values() if isinstance(child, Mapping) and _variant(child)]
        return numbered or None
    if isinstance(value, list):
        described = [child for child in value if isinstance(child, Mapping) and _variant(child)]
        return described or None
    return None


def _variant(value: Any) -> RsrtVariant | None:
    """One variant, with what is missing left empty; None where nothing is said."""
    if isinstance(value, str):
        return RsrtVariant(one_sentence="", feature=[], caption=value) if value.strip() else None
    if not isinstance(value, Mapping):
        return None
    sentence, caption = _text(_field(value, _SENTENCE)), _text(_field(value, _CAPTION))
    if not sentence.strip() and not caption.strip():
        return None
    return RsrtVariant(one_sentence=sentence, feature=_strings(_field(value, _FEATURE)), caption=caption)


def _field(value: Mapping[Any, Any], names: tuple[str, ...]) -> Any:
    found = {str(key).strip().lower().replace(" ", "_").replace("-", "_"): child for key, child in value.items()}
    return next((found[name] for name in names if name in found), None)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(child for child in value if isinstance(child, str))
    return value if isinstance(value, str) else ""


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [part.strip() for part in value.replace("\n", ",").replace(";", ",").split(",") if part.strip()]
    if isinstance(value, Mapping):
        value = list(value.values())
    if not isinstance(value, list):
        return []
    flat = [inner for child in value for inner in (child if isinstance(child, list) else [child])]
    return [child if isinstance(child, str) else json.dumps(child) for child in flat if isinstance(child, str | int)]
