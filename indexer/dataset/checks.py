"""LuojiaHOG's rules for descriptions (section 3.1.3), as checks: what share of a data set's texts keeps to each."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Literal, get_args

from trsllava.captioners.checks.boilerplate import without_boilerplate
from trsllava.captioners.checks.variants import says_the_same
from trsllava.labels.form import form
from trsllava.records import RichText

RuleName = Literal["attributes", "relations", "vague", "directions", "main first", "opening", "synonyms"]
RULES: Mapping[RuleName, str] = {
    "attributes": "names a colour, shape or size (rule 1)",
    "relations": "says how things lie to each other (rules 1 and 3)",
    "vague": "counts instead of saying many or some (rule 2)",
    "directions": "has no up, down, left or right (rule 3)",
    "main first": "begins with what takes most of the picture (rule 4)",
    "opening": "begins with the scene, not with `This is an image of` (section 3.2)",
    "synonyms": "words each variant anew (rule 5)",
}

_COLOURS = "black blue brown gray green grey orange pink purple red tan turquoise white yellow beige"
_SHAPES = (
    "circular crescent curved curving elliptical irregular l-shaped oval parallel rectangular rounded semicircular "
    "square straight triangular u-shaped winding"
)
_SIZES = "big broad compact giant huge large little long massive narrow short small tall tiny wide dense sparse thin"
_ATTRIBUTE = re.compile(rf"\b(?:{'|'.join((_COLOURS + ' ' + _SHAPES + ' ' + _SIZES).split())})\b", re.IGNORECASE)
_RELATION = re.compile(
    r"\b(?:near|next to|beside|between|around|along|alongside|opposite|across|surround(?:s|ed|ing)|adjacent|"
    r"border(?:s|ed|ing)|behind|through|cross(?:es|ed|ing)?|on (?:both|either|one) sides?|close to|by the)\b",
    re.IGNORECASE,
)
_VAGUE = re.compile(r"\b(?:many|some|several|numerous|various|a few|a lot of|lots of|a number of)\b", re.IGNORECASE)
_DIRECTION = re.compile(
    r"\b(?:(?:upper|lower|left|right|top|bottom)(?:most)?|(?:on|to|at|in) the (?:left|right|top|bottom)|up|down|above|"
    r"below)\b",
    re.IGNORECASE,
)
_MARKS = re.compile(r"[^\w\s-]")


def broken_rules(text: RichText, names: Collection[str] = ()) -> dict[RuleName, str]:
    """The rules that a text breaks, with the words that do, or with what is missing.

    `names`: words for what takes most of the picture, where that is known; one of them must be in the first sentence.
    """
    return dict(_broken(text, names))


def _broken(text: RichText, names: Collection[str]) -> Iterator[tuple[RuleName, str]]:
    whole = " ".join(text.texts())
    if not _ATTRIBUTE.search(whole):
        yield "attributes", "no colour, shape or size"
    if not _RELATION.search(whole):
        yield "relations", "nothing about how things lie to each other"
    if found := _VAGUE.search(whole):
        yield "vague", found[0].casefold()
    if found := _DIRECTION.search(whole):
        yield "directions", found[0].casefold()
    firsts = [next(iter(variant.fields().values())) for variant in text.variants]
    if names and not any(_names(first, names) for first in firsts):
        yield "main first", f"no first sentence names {next(iter(names))}"
    if first := next((first for first in firsts if without_boilerplate(first) != first), ""):
        yield "opening", " ".join(first.split()[:5])
    pairs = [(one, two) for one in range(len(text.variants)) for two in range(one + 1, len(text.variants))]
    if same := next((p for p in pairs if says_the_same(text.variants[p[0]], text.variants[p[1]])), None):
        yield "synonyms", f"variants {same[0] + 1} and {same[1] + 1} say the same"


def _names(sentence: str, names: Collection[str]) -> bool:
    words = form(_MARKS.sub(" ", sentence))
    return any(f" {form(name)} " in f" {words} " for name in names)


def kept_shares(broken: Collection[Mapping[RuleName, str]]) -> dict[RuleName, float]:
    """Of texts, the share that keeps to each rule; of none, nothing."""
    if not broken:
        return {}
    rules: tuple[RuleName, ...] = get_args(RuleName)
    return {rule: 1 - sum(rule in of_text for of_text in broken) / len(broken) for rule in rules}
