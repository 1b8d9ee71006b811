"""One thing in two opposite places: a river on the left in one variant, on the right in another."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from trsllava.captioners.checks.sentences import sentences
from trsllava.records import RichText

_SIDES = {
    "left": ("across", -1),
    "western": ("across", -1),
    "west": ("across", -1),
    "right": ("across", 1),
    "eastern": ("across", 1),
    "east": ("across", 1),
    "top": ("along", 1),
    "upper": ("along", 1),
    "northern": ("along", 1),
    "north": ("along", 1),
    "bottom": ("along", -1),
    "lower": ("along", -1),
    "southern": ("along", -1),
    "south": ("along", -1),
}
_SIDE = "|".join(sorted(_SIDES, key=len, reverse=True))
_PART = r"(?:part|side|edge|half|third|border|margin|portion|section|end)"
_PLACED = re.compile(
    rf"\b(?:a|an|one|the|single)\s+((?:[a-z-]+\s+){{0,3}}?)([a-z-]+),?\s+"
    r"(?:(?:is|lies|stands|sits|appears|located|situated|placed|visible|can\s+be\s+seen|found)\s+){0,3}"
    rf"(?:in|at|on)\s+the\s+(?:far\s+)?({_SIDE})\b(?:\s+{_PART}\b)?"
    r"(?!\s+(?:left|right|corner)\b)(?!\s+of\s+(?!the\s+(?:image|picture|photo|frame|scene|view)\b))",
    re.IGNORECASE,
)
_ONE_OF_MORE = re.compile(r"\b(?:other|another|second|third|first|smaller|larger|next)\b", re.IGNORECASE)


def fault(text: RichText) -> str:
    """Names the first thing that lies on one side for one variant and on the opposite side for another.

    Only things that every variant speaks of in the singular count, and places that are said of the thing itself: an
    archive full of things on both sides is the usual case, a contradiction is not.
    """
    words = " ".join(variant.text().casefold() for variant in text.variants)
    found: dict[tuple[str, str], dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    said: dict[tuple[str, str, int], str] = {}
    for number, variant in enumerate(text.variants, start=1):
        for thing, side in _placed(variant.text()):
            axis, sign = _SIDES[side]
            found[thing, axis][number].add(sign)
            said.setdefault((thing, axis, sign), side)
    for (thing, axis), signs in found.items():
        surely = {next(iter(of_variant)) for of_variant in signs.values() if len(of_variant) == 1}
        if (
            len(surely) == 2
            and all(len(of_variant) == 1 for of_variant in signs.values())
            and _is_single(thing, words)
        ):
            first, second = (next(n for n, of in signs.items() if of == {sign}) for sign in (-1, 1))
            return (
                f"variant {first} has the {thing} at {said[thing, axis, -1]}, "
                f"variant {second} at {said[thing, axis, 1]}"
            )
    return ""


def _placed(text: str) -> Iterator[tuple[str, str]]:
    """Each thing that is said to lie on one side of the picture, with that side."""
    for sentence in sentences(text.casefold()):
        for found in _PLACED.finditer(sentence):
            if not _ONE_OF_MORE.search(found[1]) and not found[2].endswith("s"):
                yield found[2], found[3]


def _is_single(thing: str, words: str) -> bool:
    """True where no variant speaks of more than one of them, or of another one."""
    one = re.escape(thing)
    several = rf"\b{one}e?s\b|\b(?:other|another|second|two|both|each|more)\s+(?:[a-z-]+\s+)?{one}\b"
    return not re.search(several, words)
