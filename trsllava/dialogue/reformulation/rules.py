"""The query, then what the answers confirmed, then what they denied: a caption without a language model."""

from __future__ import annotations

from trsllava.dialogue.attributes import concepts
from trsllava.dialogue.questions.wording import spoken
from trsllava.dialogue.reformulation.protocol import Reformulator
from trsllava.dialogue.state import Answer, Dialogue, Question
from trsllava.search.negation import read_negation


class RulesReformulator(Reformulator):
    """Confirmed attributes are added as phrases, in the answer's words where these name them; denied ones as
    `without …`.

    An attribute told twice counts as told last. What cannot be told adds nothing.
    """

    def caption(self, dialogue: Dialogue, question: Question | None = None, answer: Answer | None = None) -> str:
        """As in `Reformulator.caption`."""
        turns = [(turn.question, turn.answer) for turn in dialogue.turns]
        if answer is not None:
            turns.append((question, answer))
        wanted: dict[str, None] = {}
        unwanted: dict[str, None] = {}
        for asked, said in turns:
            more, less = _statement(asked, said)
            for phrase in less:
                _take_out(wanted, phrase)
                unwanted[phrase] = None
            if more:
                _take_out(unwanted, more)
                wanted[more] = None
        return _caption(dialogue, list(wanted), list(unwanted))


def _statement(question: Question | None, answer: Answer) -> tuple[str, tuple[str, ...]]:
    """What an answer says is there, and what it says is not."""
    if answer.kind in ("skip", "unknown", "more like", "less like"):
        return "", ()
    asked = spoken(question.attribute) if question else ""
    said = read_negation(answer.words.strip().rstrip(" ."))
    is_named = bool(said.wanted) and concepts(asked) <= concepts(said.wanted)
    confirmed = asked if answer.kind == "yes" and not is_named else ""
    wanted = ", ".join(filter(None, [confirmed, said.wanted]))
    denied = asked if answer.kind == "no" and asked else ""
    return wanted, (*said.unwanted, *([denied] if denied and denied not in said.unwanted else []))


def _take_out(phrases: dict[str, None], later: str) -> None:
    """Phrases that say nothing but what is said otherwise later."""
    for phrase in [phrase for phrase in phrases if concepts(phrase) and concepts(phrase) <= concepts(later)]:
        del phrases[phrase]


def _caption(dialogue: Dialogue, wanted: list[str], unwanted: list[str]) -> str:
    known = set(concepts(dialogue.query))
    parts = [dialogue.query.strip().rstrip(" .")]
    denied = frozenset().union(*map(concepts, unwanted))
    for phrase in [*wanted, *(added.phrase for added in dialogue.enrichment if not concepts(added.phrase) & denied)]:
        if not concepts(phrase) or not concepts(phrase) <= known:
            parts.append(phrase)
            known |= concepts(phrase)
    caption = ", ".join(part for part in parts if part)
    return f"{caption}, without {' or '.join(unwanted)}" if unwanted else caption
