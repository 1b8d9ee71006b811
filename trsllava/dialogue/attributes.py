"""What can be asked about: things, looks and kinds of place that the tiles' texts name or a model sees in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trsllava.dialogue.gallery import Gallery, Presence
from trsllava.dialogue.stopwords import STOPWORDS
from trsllava.encoders.protocol import FloatArray
from trsllava.lexicon import Level, lexicon, tokens

_FEWEST = 2
"""Tiles that must name an attribute of no lexicon."""
_NOT_ALONE = {"both", "center", "medium", "ground", "fan", "ring", "line", "ripple"}


@dataclass(frozen=True)
class Attribute:
    """Something a picture may show or not."""

    name: str
    """A keyword of the lexicon, a look and a thing (`green tree`), or a word of the collection."""
    level: Level
    """Scene, large structure, small detail or look; a pair has that of its thing."""


@dataclass(frozen=True)
class AttributeTable:
    """A attributes of n tiles."""

    attributes: tuple[Attribute, ...]
    named: FloatArray
    """`(n, A)` float32: the share of a tile's texts that name the attribute."""
    chances: FloatArray
    """`(n, A)` float32: P(whoever knows the picture says that it has the attribute | tile)."""

    @cached_property
    def place(self) -> dict[str, int]:
        """Column of each attribute, by name."""
        return {attribute.name: number for number, attribute in enumerate(self.attributes)}

    def columns(self, names: Iterable[str]) -> NDArray[np.intp]:
        """Columns of the names that the table has, in order."""
        return np.array([self.place[name] for name in names if name in self.place], np.intp)


def attribute_table(gallery: Gallery) -> AttributeTable:
    """The table of a gallery: every attribute that some text names or that a model was looking for."""
    said = [[concepts(text) for text in texts] for texts in gallery.texts]
    counts = Counter(name for texts in said for name in set().union(*texts))
    levels = _levels()
    seen = set(gallery.presence.names) if gallery.presence else set()
    names = sorted(
        name
        for name in {*counts, *seen}
        if name not in _NOT_ALONE and (counts[name] >= _FEWEST or name in seen or name in levels)
    )
    place = {name: number for number, name in enumerate(names)}
    named = np.zeros((len(said), len(names)), np.float32)
    for row, texts in zip(named, said, strict=True):
        for text in texts:
            row[[place[name] for name in text if name in place]] += 1 / len(texts)
    return AttributeTable(
        tuple(Attribute(name, levels.get(name.rpartition(" ")[2], levels.get(name, "small"))) for name in names),
        named,
        _chances(named, names, gallery.presence),
    )


def _chances(named: FloatArray, names: Sequence[str], presence: Presence | None) -> FloatArray:
    """P(yes | tile), `(n, A)`: from what is seen in the tile where something is, else from how usual the attribute is;
    and from the tile's texts. A look and a thing are seen as the lesser of the two.

    Logistic regressions with shared slopes, fitted on validation (docs/measurements/dialogue.md).
    """
    usual = _logit((named.sum(axis=0) + 1) / (len(named) + 2))
    logits = _UNSEEN.offset + _UNSEEN.prior * usual + _UNSEEN.named * named
    seen = {} if presence is None else {name: _logit(presence.chances[:, t]) for t, name in enumerate(presence.names)}
    for column, name in enumerate(names):
        look, _, thing = name.partition(" ")
        if name in seen:
            part, prior = _SEEN, seen[name]
        elif {look, thing} <= seen.keys():
            part, prior = _SEEN_PAIR, np.minimum(seen[look], seen[thing])
        else:
            continue
        found = part.offset + part.prior * prior + part.named * named[:, column]
        logits[:, column] = np.where(np.isnan(found), logits[:, column], found)
    return np.asarray(np.clip(0.5 * (1 + np.tanh(0.5 * logits)), _LEAST, 1 - _LEAST), np.float32)


class _Slopes(NamedTuple):
    """Of the log-odds that whoever knows the picture says yes."""

    offset: float
    prior: float
    """Of the log-odds that are known before the tile's texts are read."""
    named: float
    """Of the share of the tile's texts that name the attribute."""


_SEEN = _Slopes(-0.1, 1.05, 1.4)
_SEEN_PAIR = _Slopes(-1.2, 1.15, 1.4)
_UNSEEN = _Slopes(1.75, 1.35, 2.2)
_LEAST = 0.002
"""Nothing is certain."""


def _logit(chances: FloatArray) -> FloatArray:
    kept = np.clip(chances, 1e-3, 1 - 1e-3)
    return np.asarray(np.log(kept / (1 - kept)), np.float32)


class Phrase(NamedTuple):
    """A thing with the looks that stand before it, or looks alone."""

    words: str
    concepts: frozenset[str]
    """The thing, each look, and each pair of the two."""


@lru_cache(maxsize=1 << 16)
def phrases(text: str) -> tuple[Phrase, ...]:
    """The phrases of a text that name something to be seen, in order."""
    found: list[Phrase] = []
    before: list[str] = []
    looks: list[str] = []
    for token in tokens(text):
        if token.keyword is not None and token.keyword.level == "look":
            before.append(token.text)
            looks.append(token.keyword.name)
            continue
        thing = token.keyword.name if token.keyword is not None else _bare(token.text)
        if thing or looks:
            pairs = [f"{look} {thing}" for look in looks] if thing else []
            words = " ".join([*before, token.text] if thing else before)
            found.append(Phrase(words, frozenset([*looks, *([thing] if thing else []), *pairs])))
        before, looks = [], []
    if looks:
        found.append(Phrase(" ".join(before), frozenset(looks)))
    return tuple(found)


@lru_cache(maxsize=1 << 16)
def concepts(text: str) -> frozenset[str]:
    """What a text names: keywords of the lexicon, looks with the thing they stand before, and words of neither."""
    return frozenset().union(*(phrase.concepts for phrase in phrases(text)))


def named_in(texts: Collection[str]) -> frozenset[str]:
    """All that some texts name."""
    return frozenset().union(*map(concepts, texts))


def _bare(word: str) -> str:
    """A word in the singular; empty for one that stands for nothing to be seen."""
    singular = word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
    return "" if len(singular) < 4 or word in STOPWORDS or singular in STOPWORDS else singular


def _levels() -> dict[str, Level]:
    return {keyword.name: keyword.level for keyword in lexicon()}
