"""Answers from a picture, by nano: presence, kind of place and where things are, each with calibrated confidence."""

from __future__ import annotations

from trsllava.captioners.nano.impression import Impression
from trsllava.captioners.nano.places import place_words
from trsllava.dialogue.attributes import concepts
from trsllava.dialogue.state import Answer, Question
from trsllava.lexicon import keywords, lexicon

SURE = 0.6
"""Chance from which it says yes."""
MOST = 5
"""Things that it names when it is asked openly."""
SURELY_NOT = 0.15
"""Chance up to which it says no."""


class NanoAnswerer:
    """Sees one picture. It answers with yes or no where it is sure, and cannot tell else.

    Chances are that people would speak of a thing, so that `no` may mean that it is there and nobody cares.
    """

    def __init__(self, seen: Impression, sharpness: float, *, north_up: bool = False) -> None:
        """`sharpness`: of the pooling over the grid (`place_words`); `north_up`: compass words are allowed."""
        self._seen, self._sharpness, self._north_up = seen, sharpness, north_up
        self._scenes = {keyword.name for keyword in keywords(seen.scenes[0][0])} if _is_sure(seen) else set()

    def answer(self, question: Question) -> Answer:
        """As in `Answerer.answer`; a question without an attribute is about all that its words name, else open: then
        it names the kind of place and the things that it is surest of."""
        names = [question.attribute] if question.attribute else sorted(concepts(question.text)) or self._surest()
        chances = {name: chance for name in names if (chance := self._chance(name)) is not None}
        sure = [name for name, chance in chances.items() if chance >= SURE]
        if not question.attribute:
            words = ", ".join(self._placed(name) for name in sure)
            return Answer(kind="words" if words else "unknown", words=words, source="nano")
        if sure:
            return Answer(kind="yes", words=self._placed(sure[0]), source="nano")
        denied = any(chance <= SURELY_NOT for chance in chances.values())
        return Answer(kind="no" if denied else "unknown", source="nano")

    def _surest(self) -> list[str]:
        seen = self._seen.presence
        things = sorted(seen.keys() - self._scenes - _LOOKS, key=lambda name: (-seen[name], name))
        return [*sorted(self._scenes), *things][:MOST]

    def _chance(self, name: str) -> float | None:
        """Of a look and a thing, the lesser of the two; None for what nano was not taught."""
        if name in self._scenes:
            return 1.0
        if name in self._seen.presence:
            return self._seen.presence[name]
        look, _, thing = name.partition(" ")
        if thing and look in _LOOKS and {look, thing} <= self._seen.presence.keys():
            return min(self._seen.presence[look], self._seen.presence[thing])
        return None

    def _placed(self, name: str) -> str:
        grid = self._seen.places.get(name)
        if grid is None or name in _LOOKS:
            return name
        where = place_words(grid, self._sharpness, self._north_up)
        return f"{name} {where}" if where else name


_LOOKS = frozenset(keyword.name for keyword in lexicon() if keyword.level == "look")


def _is_sure(seen: Impression) -> bool:
    return bool(seen.scenes) and seen.scenes[0][1] * seen.evidence >= SURE
