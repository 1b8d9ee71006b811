"""The query, then what the answers confirmed, then what they denied: a caption without a language model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trsllava.dialogue.attributes import concepts
from trsllava.dialogue.state import Answer, Dialogue, Question, Turn


class RulesReformulator:
    """Confirmed attributes are added as phrases, in the answer's words where it has some; denied ones as `without …`.

    An attribute answered twice counts as answered last. What cannot be told adds nothing.
    """

    def caption(self, dialogue: Dialogue, question: Question | None = None, answer: Answer | None = None) -> str:
        """As in `Reformulator.caption`."""
        turns = [(turn.question, turn.answer) for turn in dialogue.turns]
        if answer is not None:
            turns.append((question, answer))
        said = dict(_statements(turns))
        known = set(concepts(dialogue.query))
        wanted = [dialogue.query.strip().rstrip(" .")]
        for text, denied in said.items():
            if not denied and not concepts(text) <= known:
                wanted.append(text)
                known |= concepts(text)
        unwanted = [text for text, denied in said.items() if denied]
        caption = ", ".join(part for part in wanted if part)
        return f"{caption}, without {' or '.join(unwanted)}" if unwanted else caption


def _statements(turns: Sequence[tuple[Question | None, Answer]]) -> Iterator[tuple[str, bool]]:
    """What was said of the picture and whether it was denied, the last word on each attribute alone."""
    last: dict[str, tuple[str, bool]] = {}
    for number, (question, answer) in enumerate(turns):
        asked = question.attribute if question else ""
        if answer.kind == "no" and asked:
            last[asked] = (asked, True)
        elif answer.kind in ("yes", "words") and (answer.words or asked):
            last[asked or f"#{number}"] = (answer.words.strip().rstrip(" .") or asked, False)
    yield from last.values()


def said_so_far(turns: Sequence[Turn]) -> list[str]:
    """The words of all answers, in order."""
    return [turn.answer.words for turn in turns if turn.answer.words]
