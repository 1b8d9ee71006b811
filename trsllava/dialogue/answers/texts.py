"""Answers from texts about the picture that are not in the index: the simulated user of an evaluation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from trsllava.dialogue.attributes import concepts, phrases
from trsllava.dialogue.state import Answer, Question


class TextsAnswerer:
    """Knows what some texts say of the picture, and nothing else.

    What a text names is answered with yes, in the words that it is most often named with. Of what no text names it
    cannot tell: people do not write down everything that is to be seen. An open question is answered with the text
    that names most.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = tuple(texts)

    def answer(self, question: Question) -> Answer:
        """As in `Answerer.answer`; a question without an attribute is about all that its words name, else open."""
        asked = [question.attribute] if question.attribute else sorted(concepts(question.text))
        if not asked:
            fullest = max(self._texts, key=lambda text: (len(concepts(text)), len(text), text))
            return Answer(kind="words", words=fullest, source="texts")
        phrases = Counter(phrase for name in asked for text in self._texts for phrase in phrases_of(name, text))
        if not phrases:
            return Answer(kind="unknown", source="texts")
        most = max(phrases.values())
        words = max((phrase for phrase, count in phrases.items() if count == most), key=lambda said: (len(said), said))
        return Answer(kind="yes" if question.attribute else "words", words=words, source="texts")


def phrases_of(name: str, text: str) -> Iterator[str]:
    """The words in which a text names an attribute."""
    yield from (phrase.words for phrase in phrases(text) if name in phrase.concepts)
