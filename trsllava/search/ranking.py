"""Scored tiles before they become hits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trsllava.records import BranchScore, Part, Tile
from trsllava.search.fusion import Fusion, moments
from trsllava.store.protocol import FloatArray, Scored


@dataclass(frozen=True)
class Ranking:
    """n tiles, what t branches and re-rankers said of them, and what comes of it."""

    names: tuple[Part, ...]
    ids: list[str]
    scores: FloatArray
    """`(t, n)` float32; NaN where a tile is not known."""
    terms: FloatArray
    """`(t, n)` float32: terms of the fused score."""

    @property
    def fused(self) -> FloatArray:
        """`(n,)` float32."""
        total: FloatArray = self.terms.sum(axis=0)
        return total

    def ranked(self, tiles: Sequence[tuple[int, Tile]]) -> list[RankedTile]:
        """Tiles by their positions."""
        fused, shares = self.fused.tolist(), self.terms.T.tolist()
        return [
            RankedTile(tile, fused[position], dict(zip(self.names, shares[position], strict=True)))
            for position, tile in tiles
        ]

    def branch_scores(self, position: int) -> dict[Part, BranchScore]:
        """What each part says of one tile."""
        return {
            name: _score(name, self.scores[row], position, float(self.terms[row, position]))
            for row, name in enumerate(self.names)
        }


@dataclass(frozen=True)
class RankedTile:
    """A tile that a query found, and what its parts gave it."""

    tile: Tile
    score: float
    """Fused."""
    shares: dict[Part, float]
    """Of each part in the score; they add up to it."""


def fuse(
    scored: Mapping[Part, Scored], sample: FloatArray | None, fusion: Fusion, weights: Mapping[Part, float]
) -> Ranking:
    """Make the branches' scores comparable and add them up; a single branch keeps its own scores.

    A tile that a branch knows nothing of (it has no image vector) counts as the branch's mean: neither for nor against
    it. Statistics run over the tiles that are known.

    Args:
        scored: one or more branches, or sides of a composed query.
        sample: `(b, 2)` mean and standard deviation of each branch where they come from a sample; None: from `scored`.
        fusion: how.
        weights: by branch; 1 where left out.

    Raises:
        InputError: for invalid weights.
    """
    ids = sorted(set().union(*(branch.ids for branch in scored.values())))
    return fuse_aligned(tuple(scored), ids, aligned(scored, ids), sample, fusion, weights)


def fuse_aligned(
    names: tuple[Part, ...],
    ids: list[str],
    scores: FloatArray,
    sample: FloatArray | None,
    fusion: Fusion,
    weights: Mapping[Part, float],
) -> Ranking:
    """The same from `(b, n)` scores of n tiles, NaN where a tile is not known."""
    given = np.array([weights.get(name, 1.0) for name in names], np.float32)
    return Ranking(names, ids, scores, fused_terms(scores, sample, fusion, given))


def fused_terms(scores: FloatArray, sample: FloatArray | None, fusion: Fusion, weights: FloatArray) -> FloatArray:
    """`(b, n)` terms of the fused score from `(b, n)` scores, NaN where a tile is not known; the rest as in `fuse`."""
    if len(scores) == 1 or not scores.shape[1]:
        return scores
    given = known_moments(scores) if sample is None else sample
    return fusion.terms(np.where(np.isnan(scores), given[:, :1], scores), given, weights)


def aligned(scored: Mapping[Part, Scored], ids: Sequence[str]) -> FloatArray:
    """`(b, n)` scores in the order of `ids`; NaN where a tile is not known.

    BM25 knows every tile: one that shares no word with the query has 0.
    """
    place = dict(zip(ids, range(len(ids)), strict=True))
    rows = np.full((len(scored), len(ids)), np.nan, np.float32)
    for row, (name, branch) in zip(rows, scored.items(), strict=True):
        if name == "bm25":
            row[:] = 0.0
        row[list(map(place.__getitem__, branch.ids))] = branch.scores
    return rows


def found(names: Sequence[Part], ids: list[str], scores: FloatArray) -> tuple[list[str], FloatArray]:
    """Of n tiles and their `(b, n)` scores those that a branch knows something of: as in `fuse`, a tile that shares no
    word with the query is nothing that BM25 knows."""
    known = np.zeros(len(ids), bool)
    for name, row in zip(names, scores, strict=True):
        known |= (row != 0) if name == "bm25" else ~np.isnan(row)
        if known.all():
            return ids, scores
    return [tile for tile, is_known in zip(ids, known.tolist(), strict=True) if is_known], scores[:, known]


def known_moments(scores: FloatArray) -> FloatArray:
    """`(b, 2)` mean and standard deviation of each branch over the tiles it knows, 0 and 0 where it knows none."""
    known = [row[~np.isnan(row)] for row in scores]
    return np.stack([moments(row) if row.size else np.zeros(2, np.float32) for row in known])


def _score(name: Part, scores: FloatArray, position: int, share: float) -> BranchScore:
    score = float(scores[position])
    if np.isnan(score):
        return BranchScore(score=None, rank=None, share=share)
    if name == "bm25" and score == 0:  # it shares no word with the query, like all others that do not
        return BranchScore(score=score, rank=None, share=share)
    return BranchScore(score=score, rank=int((scores > scores[position]).sum()) + 1, share=share)
