"""Instructions in a query's own words: `with more boats`, `no trees`, `change the roof to red`, `keep the pond`.

By rules: the words that give an instruction are listed here and in docs/composed.md, and what follows them is taken as
people wrote it, in or out of the lexicon. A text without such words asks for what it names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from trsllava.lexicon import keywords
from trsllava.search.instructions import Instruction, Kind
from trsllava.search.negation import looks_like_negation

_CUES: dict[Kind, str] = {
    "removal": r"(?:but )?(?:without|with no|has no|have no|there (?:is|are) no|free of|except(?: for)?|excluding"
    r"|lacking|minus|remove|delete|erase|no(?! (?:more|fewer|less) than\b)|not(?! only\b))",
    "retention": r"keep|retain|preserve|leave|the same|same|still",
    "addition": r"add(?:ing)?|with|plus|including|containing|insert|but|has|have|there (?:is|are)|show(?:ing)?",
}
_CUE = re.compile("|".join(rf"(?P<{kind}>(?<!-)\b(?:{words})\b(?!-))" for kind, words in _CUES.items()))
_CHANGE = re.compile(
    r"\b(?:change|convert|replace|swap|transform)\b(?P<old>[^,.;]+?)\b(?:into|to|with|by|for)\b(?P<new>[^,.;]+)"
)
_TURN = re.compile(r"\bturn\b(?P<old>[^,.;]+?)\binto\b(?P<new>[^,.;]+)")
_INSTEAD = re.compile(r"(?P<new>[^,.;]+?)\b(?:instead of|rather than|in place of)\b(?P<old>[^,.;]+)")
_BREAK = re.compile(r"[.;,]|\b(?:and|or|nor)\b")
_FILLER = re.compile(
    r"^(?:(?:a|an|the|any|some|visible|additional|another|other|its|their|of|all|more|it|them|is|are|one|that|which)\b\s*)+"
)
_PIECE = re.compile(r"(\s*[.;,]\s*|\s*\b(?:and|with|while|near|beside|next to|surrounded by|around|between)\b\s*)")


def read_instructions(text: str) -> list[Instruction]:
    """The instructions of a text, in order; things are named as the text names them, without articles.

    A word that gives an instruction holds on over commas, `and` and `or` until the next one; before the first, what is
    named is added. `change X to Y` and `Y instead of X` remove X and add Y, or modify X where Y is a look of it.
    """
    found: list[Instruction] = []
    rest = " ".join(text.lower().split())
    for pattern in (_CHANGE, _TURN, _INSTEAD):
        for match in pattern.finditer(rest):
            found += _changed(match["old"], match["new"])
        rest = pattern.sub(",", rest)
    kind: Kind = "addition"
    start = 0
    only_words = looks_like_negation(rest)
    for cue in _CUE.finditer(rest):
        if any(start <= cue.start() < end for start, end in only_words):  # `no parking` names a thing
            continue
        found += _named(kind, rest[start : cue.start()])
        kind, start = _kind_of(cue), cue.end()
    return found + _named(kind, rest[start:])


def split_negation(text: str) -> tuple[str, tuple[str, ...]]:
    """What a text wants, and what it does not want. Without a removal the first is the text, less a leading `with`."""
    edits = read_instructions(text)
    unwanted = tuple(edit.thing for edit in edits if edit.kind == "removal")
    if not unwanted:
        cue = _CUE.match(text.strip().lower())
        return (text.strip()[cue.end() :].strip() or text) if cue and cue["addition"] else text, ()
    return ", ".join(_wanted(edit) for edit in edits if edit.kind != "removal"), unwanted


def rewrite(caption: str, edits: Sequence[Instruction]) -> str:
    """A caption as it would read after the edits; it may become empty.

    A removal takes out the parts of sentences that name the thing; a modification does so as well and states the thing
    with its new look; an addition is stated, and so is a retention that the caption does not name.
    """
    for edit in edits:
        if edit.kind in ("removal", "modification"):
            caption = _taken_out(caption, edit.thing)
        if edit.kind != "removal" and not (edit.kind == "retention" and _names(caption, edit.thing)):
            caption = f"{caption.rstrip(' .')}. {edit.sentence()}." if caption else f"{edit.sentence()}."
    return caption


def _kind_of(cue: re.Match[str]) -> Kind:
    return next(kind for kind in _CUES if cue[kind] is not None)


def _named(kind: Kind, phrase: str) -> list[Instruction]:
    return [Instruction(kind, thing) for thing in map(_bare, _BREAK.split(phrase)) if thing]


def _changed(old: str, new: str) -> list[Instruction]:
    """From one thing to another, or a thing's look to another look."""
    before, after = _bare(old), _bare(new)
    if not before or not after:
        return _named("addition", new) + _named("removal", old)
    if all(keyword.level == "look" for keyword in keywords(after)) and keywords(after):
        return [Instruction("modification", _without_looks(before), (after,))]
    if _words(before) <= _words(after):
        return [Instruction("modification", before, (_without(after, before),))]
    return [Instruction("removal", before), Instruction("addition", after)]


def _wanted(edit: Instruction) -> str:
    return " ".join([*edit.looks, edit.thing])


def _bare(phrase: str) -> str:
    return _FILLER.sub("", phrase.strip()).strip()


def _without_looks(thing: str) -> str:
    kept = [word for word in thing.split() if not any(keyword.level == "look" for keyword in keywords(word))]
    return " ".join(kept) or thing


def _without(phrase: str, thing: str) -> str:
    gone = _words(thing)
    return " ".join(word for word in phrase.split() if not _words(word) <= gone)


def _taken_out(caption: str, thing: str) -> str:
    """The parts between punctuation and connecting words that do not name the thing, joined as they were."""
    parts = _PIECE.split(caption)
    kept = ""
    for place in range(0, len(parts), 2):
        if not _names(parts[place], thing):
            kept += (parts[place - 1] if place and kept else "") + parts[place]
    return re.sub(r"\s+([.;,])", r"\1", kept).strip(" ,;")


def _names(text: str, thing: str) -> bool:
    """True where a text names a thing: its keyword of the lexicon, or, of what that does not know, all its words."""
    known = {keyword for keyword in keywords(thing) if keyword.level != "look"}
    if known:
        return known <= set(keywords(text))
    return bool(_words(thing)) and _words(thing) <= _words(text)


def _words(text: str) -> set[str]:
    """The words of a text, without a plural's s."""
    return {word.removesuffix("s") for word in re.findall(r"[a-z]+", text.lower())}
