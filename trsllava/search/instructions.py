"""Atomic edits of a query (DiaRet, section 3.2), by rules: what to add, remove, modify and retain.

A language model would read more out of captions; these rules know the lexicon alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from trsllava.lexicon import keywords

Kind = Literal["addition", "removal", "modification", "retention"]

_CLAUSES = re.compile(r"[.;,]|\b(?:and|with|near|beside|in|on|of|by|around|surrounded|next|between)\b")
_NO_LOOKS = frozenset({"two", "three", "four", "many", "several", "surrounded", "row"})
"""Numbers and arrangements, which captions of one picture disagree on without meaning it."""


@dataclass(frozen=True)
class Instruction:
    """One atomic edit of a query."""

    kind: Kind
    thing: str
    looks: tuple[str, ...] = ()

    def text(self) -> str:
        """The instruction in words, as the paper's examples put it."""
        named = " ".join([*self.looks, self.thing])
        match self.kind:
            case "addition":
                return f"Add visible {named}"
            case "removal":
                return f"Remove {named}"
            case "modification":
                return f"Change the {self.thing} to {named}"
            case "retention":
                return f"Keep the {named}"

    def sentence(self) -> str:
        """The attribute sentence; empty for a removal, which leaves nothing to be seen."""
        return "" if self.kind == "removal" else f"There is {' '.join([*self.looks, self.thing])}"


def instructions(query: str, answers: Sequence[str]) -> list[Instruction]:
    """What the answers would change of the query, thing by thing: first what they add, then what the query has.

    A thing that no answer names is removed, one that they give other looks is modified, any other is retained. Without
    answers, or where all say the same as the query, everything is retained.
    """
    asked = things(query)
    told: dict[str, tuple[str, ...]] = {}
    for answer in answers:
        for thing, looks in things(answer).items():
            told[thing] = tuple(dict.fromkeys([*told.get(thing, ()), *looks]))
    found = [Instruction("addition", thing, looks) for thing, looks in told.items() if thing not in asked]
    for thing, looks in asked.items():
        if not told:
            found.append(Instruction("retention", thing, looks))
        elif thing not in told:
            found.append(Instruction("removal", thing, looks))
        elif set(told[thing]) - set(looks):
            found.append(Instruction("modification", thing, told[thing]))
        else:
            found.append(Instruction("retention", thing, looks))
    return found


def things(text: str) -> dict[str, tuple[str, ...]]:
    """Things of a text in order, each with the looks that stand before it in its clause."""
    found: dict[str, tuple[str, ...]] = {}
    for clause in _CLAUSES.split(text.lower()):
        looks: list[str] = []
        for keyword in keywords(clause):
            if keyword.level != "look":
                found[keyword.name] = tuple(dict.fromkeys([*found.get(keyword.name, ()), *looks]))
                looks = []
            elif keyword.name not in _NO_LOOKS:
                looks.append(keyword.name)
    return found
