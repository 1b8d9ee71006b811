"""What a dialogue's answers say of the picture, attribute by attribute; the last word on each counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from trsllava.dialogue.attributes import concepts, phrases
from trsllava.dialogue.state import Answer, Question, Turn
from trsllava.search.negation import read_negation

Verdict = Literal["yes", "no", "unknown"]


def verdicts(turns: Sequence[Turn]) -> Mapping[str, Verdict]:
    """By attribute. What was told is not taken back by an answer that cannot tell."""
    found: dict[str, Verdict] = {}
    for turn in turns:
        for name, verdict in _verdicts(turn.question, turn.answer):
            if verdict != "unknown" or name not in found:
                found[name] = verdict
    return found


def _verdicts(question: Question | None, answer: Answer) -> Iterator[tuple[str, Verdict]]:
    asked = question.attribute if question else ""
    match answer.kind:
        case "yes" | "no" | "unknown" if asked:
            yield asked, answer.kind
        case "skip" | "more like" | "less like":
            return
    if answer.words:
        said = read_negation(answer.words)
        wanted = concepts(said.wanted) if said.unwanted else concepts(answer.words)
        denied = denied_by(said.unwanted)
        for name in sorted(wanted - {asked} if answer.kind == "no" else wanted):
            yield name, "yes"
        for name in sorted(denied - wanted):
            yield name, "no"


def denied_by(unwanted: Sequence[str]) -> frozenset[str]:
    """What `without green trees` denies: green trees, and neither trees nor what is green; `without trees`, trees."""
    return frozenset(name for thing in unwanted for phrase in phrases(thing) for name in _whole(phrase.concepts))


def _whole(names: frozenset[str]) -> frozenset[str]:
    pairs = frozenset(name for name in names if " " in name and len(names) > 1)
    return pairs or names
