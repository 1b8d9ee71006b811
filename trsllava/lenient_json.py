"""JSON in what a model wrote: between fences, after a sentence, with a comma too many."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from trsllava.records import Wrapping

Found = tuple[Any, tuple[Wrapping, ...]]
"""A JSON value, and what had to be undone to read it."""

_FENCE = re.compile(r"```[\w-]*\s*\n?(.*?)(?:```|\Z)", re.DOTALL)
_THOUGHTS_END = re.compile(r"</(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
_MOST_STARTS = 64
"""Brackets at which a value is looked for: no text that a model writes may cost seconds."""
_LONGEST_REPAIR, _MOST_BRACKETS = 60_000, 400
"""Beyond these the repair library's time grows with the square of the text."""
_DECODER = json.JSONDecoder(strict=False)
"""Not strict: grammars that bound a string's length let raw control characters into it."""


def values(text: str) -> Iterator[Found]:
    """The JSON objects and lists in a text, those that need the least undoing first."""
    text = text.strip().lstrip("\N{ZERO WIDTH NO-BREAK SPACE}")
    try:
        whole = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        pass
    else:
        if isinstance(whole, str):  # JSON written as a JSON string
            yield from ((value, ("nesting", *undone)) for value, undone in values(whole))
        else:
            yield _whole(whole), ()
        return
    said = _THOUGHTS_END.split(text)[-1]
    around: tuple[Wrapping, ...] = ("prose",) if said is not text and len(said) < len(text) else ()
    blocks = [block for block in _FENCE.findall(said) if "{" in block or "[" in block]
    for block in reversed(blocks):
        bare = _FENCE.sub("", said, count=1).strip()
        outside: tuple[Wrapping, ...] = ("prose",) if bare and not around else ()
        for value, undone in _embedded(block):
            yield value, ("fences", *around, *outside, *undone)
    if not blocks:
        for value, undone in _embedded(said):
            yield value, (*around, *(name for name in undone if name not in around))
    for block in reversed(blocks or [said]):
        if (repaired := _repaired(block)) is not None:
            fences: tuple[Wrapping, ...] = ("fences",) if blocks else ()
            yield _whole(repaired), (*fences, *around, "syntax")


def _embedded(text: str) -> Iterator[Found]:
    """Whole values that begin at some bracket of the text; of several the last one first."""
    found: list[Any] = []
    place = starts = 0
    while starts < _MOST_STARTS and (bracket := re.compile(r"[{\[]").search(text, place)):
        starts += 1
        try:
            value, place = _DECODER.raw_decode(text, bracket.start())
        except (ValueError, RecursionError):
            place = bracket.start() + 1
        else:
            found.append((value, bracket.start(), place))
    for value, start, end in reversed(found):
        alone = not text[:start].strip() and not text[end:].strip()
        yield _whole(value), () if alone else ("prose",)


def _repaired(text: str) -> Any | None:
    """What a lenient parser makes of text that is not quite JSON, from its first bracket on; None for nothing."""
    from json_repair import loads

    start = min((at for at in (text.find("{"), text.find("[")) if at >= 0), default=-1)
    text = text[start:]
    if start < 0 or len(text) > _LONGEST_REPAIR or text.count("{") + text.count("[") > _MOST_BRACKETS:
        return None
    try:
        value = loads(text, skip_json_loads=True)
    except Exception:  # whatever a repair library trips over, the answer is not readable
        return None
    return value if isinstance(value, dict | list) else None


def is_cut(text: str) -> bool:
    """True where a text that holds JSON does not end with a closing bracket: its last value is incomplete."""
    return not text.rstrip().rstrip("`").rstrip().endswith(("}", "]")) and text.count("{") > text.count("}")


def _whole(value: Any) -> Any:
    """The same with half a surrogate pair, a valid escape and no valid text, as U+FFFD."""
    written = json.dumps(value, ensure_ascii=False)
    try:
        written.encode()
    except UnicodeEncodeError:
        return json.loads(written.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))
    return value
