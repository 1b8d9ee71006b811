"""FAR by rules: what a dialogue adds to its first query, removes, modifies and retains, thing by thing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from trsllava.dialogue.reasoning.instructions import Reasoning, as_atomic
from trsllava.dialogue.state import Turn
from trsllava.search.instructions import Instruction, things
from trsllava.search.negation import read_negation

_VERDICT = re.compile(r"^\s*(?:yes|yeah|yep|yup|no|nope|nah)\b[\s,.:;!-]*", re.I)
_ASKED = re.compile(
    r"^\s*(?:(?:is|are) there|(?:do|can|could) you see|does (?:it|the \w+) (?:show|have|contain|include)"
    r"|is it|is the \w+)\b\s*(?:any|a|an|some|the)?\s*",
    re.I,
)
_PLACE = re.compile(r"\s*\b(?:in|on) (?:it|the|this|your) ?(?:image|picture|photo|scene)?\b.*$|\?.*$", re.I)


def reason(query: str, turns: Sequence[Turn]) -> Reasoning:
    """FAR of a dialogue. A later answer overrides an earlier one about the same thing; "can't tell" says nothing."""
    asked = things(query)
    found: dict[str, Instruction] = {}
    for turn in turns:
        for edit in _edits(turn, asked):
            found.pop(edit.thing, None)
            found[edit.thing] = edit
    kept = [Instruction("retention", thing, looks) for thing, looks in asked.items() if thing not in found]
    return Reasoning(tuple(map(as_atomic, [*found.values(), *kept])))


def _edits(turn: Turn, asked: dict[str, tuple[str, ...]]) -> list[Instruction]:
    kind, words = turn.answer.kind, turn.answer.words
    if kind not in ("yes", "no", "words"):
        return []
    told: list[Instruction] = []
    if kind != "words":
        words = _VERDICT.sub("", words)
        if turn.question is not None:
            topic = _named(turn.question.attribute or _topic(turn.question.text))
            told += _present(topic, asked) if kind == "yes" else _absent(topic)
    negation = read_negation(words)
    for thing in negation.unwanted:
        told += _absent(_named(thing))
    return told + _present(things(negation.wanted), asked)


def _absent(seen: dict[str, tuple[str, ...]]) -> list[Instruction]:
    return [Instruction("removal", thing, looks) for thing, looks in seen.items()]


def _present(seen: dict[str, tuple[str, ...]], asked: dict[str, tuple[str, ...]]) -> list[Instruction]:
    """Instructions for things that are there, by what the first query said of them."""
    edits = []
    for thing, looks in seen.items():
        edit = Instruction("addition", thing, looks)
        if thing in asked:
            new = set(looks) - set(asked[thing])
            edit = replace(edit, kind="modification") if new else Instruction("retention", thing, asked[thing])
        edits.append(edit)
    return edits


def _named(phrase: str) -> dict[str, tuple[str, ...]]:
    """The things that a phrase names; the phrase itself where the lexicon knows none of its words."""
    known = things(phrase)
    bare = " ".join(re.findall(r"[a-z'-]+", phrase.lower()))
    return known or ({bare: ()} if bare else {})


def _topic(question: str) -> str:
    """What a question asks for, without the words that ask."""
    return _PLACE.sub("", _ASKED.sub("", question)).strip()
