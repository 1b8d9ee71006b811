"""What a query in words does not want: `airport without planes`, `no trees`, `beach but not people`.

By rules: which words say so, how far they reach, and which only look like it (`no parking`, `not far from`). What is
wanted stays as it was typed, so that a query that excludes nothing is searched letter by letter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_SIGNS = (
    r"(?:parking|smoking|entry|entrance|exit|swimming|fishing|diving|hunting|camping|trespassing|stopping|standing"
    r"|passing|overtaking|loading|access|anchoring|mooring|dumping|drones?|u-turns?|through)"
)
"""What is forbidden by a sign: `no parking` is not a place that lacks it."""
_FORBIDDEN = r"(?=\s*(?:$|[,.;)]|(?:zone|area|sign|lane|line|road|street|beach|side|strip|marking|limit)s?\b))"
_COUNTED = (
    r"(?:far|only|just|merely|simply|more|less|fewer|quite|yet|very|too|so|all|every|always|many|much|necessarily|even"
    r"|least|fully|entirely|completely|exactly|really|enough|unlike|without|long|known|sure|applicable|available|found"
    r"|in use|used|to (?:scale|mention|be confused)|one but)"
)
_ONLY_WORDS = re.compile(
    rf"\bno {_SIGNS}{_FORBIDDEN}"
    r"|\bno (?:\w+ signs?|\w+ing zones?)\b"
    r"|\bno(?:\s*\.\s*|\s+)\d"  # a number: runway no. 2
    r"|\bno[- ](?:fly|go|till|tillage|kill|wake|nonsense|frills|name|place|man'?s|one'?s)\b(?:[- ]\w+)?"
    r"|\bno (?:more|fewer|less|\w+er) than\b|\bno (?:longer|shortage|lack|end|doubt|matter|such|idea|problem)\b"
    r"|\b(?:yes or no|no)\W*$"
    rf"|\b(?:is|are|was|were|do|does)?(?:n't|\bnot) (?:{_COUNTED})\b"
    r"|\b(?:can ?not|can't|whether or not|or not|if not|why not)\b"
    r"|\b(?:nothing|none|only|all|just|mostly)\b[^,.;]*"
    r"\b(?:but|except(?:ing)?(?: for)?|other than|apart from|aside from)\b"
    r"|\bwithout (?:borders|end|doubt|exception|limits?|delay|question|equal|fail|interruption)\b"
    r"|\b(?:within (?:and|or)|from) without\b"
    r"|\bfree (?:of|from) (?:charge|cost|duty|tax)\b"
    r"|\b(?:duty|toll|tax|rent|barrier|hands|lead|sugar)-free\b"
    r"|\bsooner rather than\b|\bminus \d",
    re.IGNORECASE,
)
"""What looks like an exclusion and is none."""

_CUE = re.compile(
    r"(?P<people>\b(?:with |there (?:is|are) )?(?:nobody|no[ -]one)\b)"
    r"|(?P<free>\b(?P<thing>[a-z]+)-free\b)"
    r"|(?<![-'’])\b(?P<cue>"
    r"without|w/o|sans|with neither|neither"
    r"|(?:that |which )?(?:ha(?:s|ve)|having|with|show(?:s|ing)?|there(?: is| are|'s)) no"
    r"|(?:(?:that|which) (?:is|are) |completely |totally )?(?:free|devoid|void|empty|bare|clear) of|free from"
    r"|(?:that |which )?lack(?:s|ing)?(?= )|(?:with |in )?(?:an? |the )?(?:lack|absence) of"
    r"|except(?:ing)?(?: for)?|exclud(?:e|es|ing)|(?:apart|aside) from|(?:anything |everything )?other than"
    r"|(?:any|every)thing (?:but|except)|instead of|rather than|in place of|minus"
    r"|(?:(?:i|we|you|that|which|it|they|there|please) )*(?:do|does|did|would|should|must|is|are|was|were|has|have)"
    r"(?:n't| not)(?: (?:want|need|like|show|include|contain|have|see|display|be|been|to|\w+(?= any )))*"
    r"|not|no"
    r")\b(?!-)",
    re.IGNORECASE,
)
_PREPOSITION = (
    r"(?:near|next to|close to|beside|besides|in front of|in|on|onto|along|alongside|by|around|at|under|beneath|below"
    r"|above|between|behind|across|over|inside|outside|within|surrounded by|adjacent to|to the|from|towards?)"
)
_STOP = re.compile(
    r"[.;:!?()]|\b(?:but|however|that|which|where|who|while|whereas|because|though|is|are|was|were|has|have|having)\b"
    rf"|\b{_PREPOSITION}\b",
    re.IGNORECASE,
)
"""What an exclusion does not reach over."""
_MODIFIER = re.compile(r"\bwith\b", re.IGNORECASE)
_LIST = re.compile(r"(?P<last>\s*,?\s*\b(?:or|nor|and)\b\s*)|(?P<comma>\s*,\s*)", re.IGNORECASE)
_AMOUNT = re.compile(
    r"(?:many|several|some|few|a few|lots|plenty|numerous|only|two|three|four|five|with)\b", re.IGNORECASE
)
_ARTICLE = re.compile(r"(?:a|an|the|one)\b", re.IGNORECASE)
_LEADING = re.compile(
    rf"^(?:(?:a single|a|an|the|any|some|visible|single|other|of|it|them|to|either|nor|{_PREPOSITION})\b\s*)+",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    r"(?:\s*\b(?:at all|anywhere|whatsoever|visible|present|around|nearby|there|please|either|in sight|in view"
    r"|to be seen)\b)+\s*$",
    re.IGNORECASE,
)
_FILLER_PLACE = re.compile(
    rf"^\s*{_PREPOSITION}\s+"
    r"(?:it|them|there|sight|(?:the |this )?(?:image|picture|photo|photograph|scene|frame|view))\b",
    re.IGNORECASE,
)
_TIED = re.compile(r"(?:[\s,;.:]|\b(?:but|and|or|with|that|which|who|is|are|has|have)\b)+$", re.IGNORECASE)
_TYING = re.compile(r"^(?:[\s,;.:!?]|\b(?:but|and|or|with)\b)+", re.IGNORECASE)
_LEFT_OVER = re.compile(rf"^(?:[\s,;.:!?]|\b(?:but|and|or|with|{_PREPOSITION})\b)+", re.IGNORECASE)


@dataclass(frozen=True)
class Negation:
    """A query in words, taken apart."""

    wanted: str
    """The query less what it excludes, as typed; empty where it only excludes."""
    unwanted: tuple[str, ...] = ()
    """Things, without articles, as typed."""


def looks_like_negation(text: str) -> list[tuple[int, int]]:
    """Where a text holds words that look like an exclusion and are none: starts and ends."""
    return [match.span() for match in _ONLY_WORDS.finditer(text)]


def read_negation(text: str) -> Negation:
    """What a query wants, and what it does not want; a query that excludes nothing is wanted as it is.

    An exclusion reaches over a list that `or`, `nor` or `and` closes, and ends at punctuation, `but`, verbs and
    prepositions: where something is, is wanted (`no trees near a runway`).
    """
    masks = looks_like_negation(text)
    kept: list[str] = []
    unwanted: list[str] = []
    done = 0
    for cue in _CUE.finditer(text):
        if cue.start() < done or any(start < cue.end() and cue.start() < end for start, end in masks):
            continue
        things, end = _excluded(text, cue)
        if things:
            kept.append(text[done : cue.start()])
            unwanted += things
            done = end
    if not unwanted:
        return Negation(text)
    return Negation(_joined([*kept, text[done:]]), tuple(dict.fromkeys(unwanted)))


def _excluded(text: str, cue: re.Match[str]) -> tuple[list[str], int]:
    """The things that one cue excludes, and where its reach ends."""
    if cue["people"]:
        return ["people"], _past_place(text, cue.end())
    if cue["free"]:
        return [cue["thing"]], cue.end()
    start = cue.end()
    if ahead := _LEADING.match(text[start:].lstrip()):  # `not near a road` excludes the road
        start += len(text[start:]) - len(text[start:].lstrip()) + ahead.end()
    end = _reach(text, start, cue)
    things: list[str] = []
    place = start
    for separator in [*_LIST.finditer(text, start, end), None]:
        stop = separator.start() if separator else end
        if thing := _bare(text[place:stop]):
            things.append(thing)
        if separator is None or not _goes_on(text, separator, end, cue, things):
            return things, _past_place(text, stop)
        place = separator.end()
    raise AssertionError("the last separator is None")


def _reach(text: str, start: int, cue: re.Match[str]) -> int:
    """The farthest that an exclusion can reach: a stop, `with` after `without`, or the next cue."""
    ends = [len(text)]
    without = cue["cue"].lower().endswith(("without", "w/o", "sans"))
    for pattern in (_STOP, *([_MODIFIER] if without else []), _CUE):
        if match := pattern.search(text, start):
            ends.append(match.start())
    return min(ends)


def _goes_on(text: str, separator: re.Match[str], end: int, cue: re.Match[str], things: list[str]) -> bool:
    """True where what follows a comma, `and` or `or` is excluded as well."""
    rest = text[separator.end() : end]
    if _AMOUNT.match(rest) or not rest.strip() or re.match(r"\s*(?:is|are|was|were)\b", text[end:], re.IGNORECASE):
        return False
    if separator["last"]:
        word = separator["last"].strip(" ,").lower()
        if word in ("or", "nor"):
            return True
        bare_no = cue["cue"].lower().endswith("no") and _ARTICLE.match(rest)  # `no ships and a red bridge`
        return not bare_no and ("," not in separator["last"] or len(things) > 1)
    closing = _LIST.search(text, separator.end(), end)
    while closing is not None and not closing["last"]:
        closing = _LIST.search(text, closing.end(), end)
    return closing is not None


def _past_place(text: str, end: int) -> int:
    """Past what only says where to look: `in the image`, `on it`."""
    place = _FILLER_PLACE.match(text[end:])
    return end + place.end() if place else end


def _bare(phrase: str) -> str:
    return _TRAILING.sub("", _LEADING.sub("", phrase.strip(" \t\n,;.:!?\"'"))).strip(" \t\n,;.:!?\"'")


def _joined(parts: list[str]) -> str:
    """What is left of a query, without the words that tied what was taken out to it."""
    whole = ""
    for part in parts:
        piece = _TIED.sub("", part)
        rest = _TYING.sub("", piece) if whole else _LEFT_OVER.sub("", piece)
        if rest.strip():
            separator = ", " if "," in piece[: len(piece) - len(rest)] else " "
            whole = f"{whole}{separator}{rest.strip()}" if whole else rest.strip()
    return whole
