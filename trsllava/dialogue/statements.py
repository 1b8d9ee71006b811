"""What a dialogue says of the picture, attribute by attribute; the last word on each counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from trsllava.dialogue.attributes import concepts, phrases
from trsllava.dialogue.state import Answer, Dialogue, Question
from trsllava.search.negation import read_negation

Verdict = Literal["yes", "no", "unknown"]


def verdicts(dialogue: Dialogue) -> Mapping[str, Verdict]:
    """By attribute, from the query and the answers. What was told is not taken back by an answer that cannot tell."""
    found: dict[str, Verdict] = dict(_of_words(dialogue.query))
    for turn in dialogue.turns:
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
    for name, verdict in _of_words(answer.words):
        if answer.kind != "no" or name != asked:
            yield name, verdict


def _of_words(words: str) -> Iterator[tuple[str, Verdict]]:
    """What words say is there, and what they say is not."""
    said = read_negation(words)
    wanted = concepts(said.wanted)
    for name in sorted(wanted):
        yield name, "yes"
    for name in sorted(denied_by(said.unwanted) - wanted):
        yield name, "no"


def denied_by(unwanted: Sequence[str]) -> frozenset[str]:
    """What `without green trees` denies: green trees, and neither trees nor what is green; `without trees`, trees."""
    return frozenset(name for thing in unwanted for phrase in phrases(thing) for name in _whole(phrase.concepts))


def _whole(names: frozenset[str]) -> frozenset[str]:
    pairs = frozenset(name for name in names if " " in name and len(names) > 1)
    return pairs or names
