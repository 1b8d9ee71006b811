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
_MOST = 500
"""Attributes: what fewer tiles have tells them apart less often than it costs to reckon with."""
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
    had: NDArray[np.bool_]
    """`(n, A)`: a text of the tile names the attribute, or it is seen in the tile more likely than not."""

    @cached_property
    def place(self) -> dict[str, int]:
        """Column of each attribute, by name."""
        return {attribute.name: number for number, attribute in enumerate(self.attributes)}

    def columns(self, names: Iterable[str]) -> NDArray[np.intp]:
        """Columns of the names that the table has, in order."""
        return np.array([self.place[name] for name in names if name in self.place], np.intp)


def attribute_table(gallery: Gallery) -> AttributeTable:
    """The table of a gallery: what its texts name or a model was looking for, the most usual attributes alone."""
    said = [[concepts(text) for text in texts] for texts in gallery.texts]
    counts = Counter(name for texts in said for name in frozenset().union(*texts))
    levels = {keyword.name: keyword.level for keyword in lexicon()}
    names = _asked_about(counts, levels.keys(), gallery.presence)
    place = {name: number for number, name in enumerate(names)}
    named = np.zeros((len(said), len(names)), np.float32)
    for row, texts in zip(named, said, strict=True):
        for text in texts:
            row[[place[name] for name in text if name in place]] += 1 / len(texts)
    looks = {name for name, level in levels.items() if level == "look"}
    pairs = np.array([name.partition(" ")[0] in looks and " " in name for name in names], np.bool_)
    seen = _seen(names, len(named), gallery.presence)
    return AttributeTable(
        tuple(Attribute(name, levels.get(name, levels.get(name.rpartition(" ")[2], "small"))) for name in names),
        named,
        _chances(named, seen, pairs),
        (named > 0) | (np.nan_to_num(seen) >= _LIKELY),
    )


def _asked_about(counts: Counter[str], keywords: Collection[str], presence: Presence | None) -> list[str]:
    """Names in alphabetical order: keywords that some tile has, and whatever else several tiles have."""
    looked_for = set(presence.names) if presence else set()
    found = [
        name
        for name in sorted({*counts, *looked_for})
        if name not in _NOT_ALONE and (counts[name] >= _FEWEST or name in looked_for or name in keywords)
    ]
    return sorted(sorted(found, key=lambda name: (name not in looked_for, -counts[name]))[:_MOST])


def _seen(names: Sequence[str], n: int, presence: Presence | None) -> FloatArray:
    """`(n, A)` chances by sight, of a look with its thing the lesser of the two; NaN where nothing was looked for."""
    seen = np.full((n, len(names)), np.nan, np.float32)
    if presence is not None:
        place = {name: column for column, name in enumerate(presence.names)}
        for column, name in enumerate(names):
            parts = [name] if name in place else name.split(" ", 1)
            if all(part in place for part in parts):
                seen[:, column] = np.min([presence.chances[:, place[part]] for part in parts], axis=0)
    return seen


def _chances(named: FloatArray, seen: FloatArray, pairs: NDArray[np.bool_]) -> FloatArray:
    """P(yes | tile), `(n, A)`: from what is seen in the tile where something is, else from how usual the attribute is;
    and from the tile's texts.

    Logistic regressions with shared slopes, fitted on validation (docs/measurements/dialogue.md).
    """
    usual = _logit((named.sum(axis=0) + 1) / (len(named) + 2))
    blind = _UNSEEN.offset + _UNSEEN.prior * usual + _UNSEEN.named * named
    offset, prior = (np.where(pairs, pair, single) for pair, single in zip(_SEEN_PAIR[:2], _SEEN[:2], strict=True))
    sighted = offset + prior * _logit(seen) + _SEEN.named * named
    logits = np.where(np.isnan(seen), blind, sighted)
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
_LIKELY = 0.5
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
