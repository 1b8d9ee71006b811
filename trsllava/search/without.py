"""What a query in words does not want, held against the tiles that show it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import numpy as np

from trsllava.records import Branch, Part, Query
from trsllava.search.branches import BranchQuery, Encoders, branch_queries
from trsllava.search.fusion import standardize
from trsllava.search.ranking import aligned, known_moments
from trsllava.store.protocol import FloatArray, Scored

SHARE: Final = 0.45
"""Weight of what is not wanted, in weights of all that is. Chosen on validation (docs/queries.md)."""


def unwanted_queries(
    query: Query, default: Sequence[Branch] | None, encoders: Encoders
) -> list[dict[Part, BranchQuery]]:
    """What each unwanted thing asks of the branches that the query uses, as if it were a query of its own, and of the
    dense branch always: words alone miss what a caption calls by another name."""
    asked: Sequence[Branch] | None = query.branches or default
    branches = None if asked is None else tuple(dict.fromkeys(("dense", *asked)))
    return [branch_queries(Query(text=thing, branches=branches), None, encoders) for thing in query.unwanted]


def without_scores(
    found: Sequence[Mapping[Part, Scored]], reference: Sequence[Mapping[Part, Scored]], ids: Sequence[str]
) -> Scored:
    """One score a tile for everything unwanted: minus the sum of its standard scores in all branches, of the thing
    that it shows most.

    A branch that knows nothing of a tile says nothing. `found`: of each thing, each branch's scores of these tiles;
    `reference`: the same of the tiles that means and spreads are taken from.
    """
    shown = [_shown(thing, known, ids) for thing, known in zip(found, reference, strict=True)]
    return Scored(list(ids), -np.max(shown, axis=0))


def known_ids(scored: Mapping[Part, Scored]) -> list[str]:
    """The tiles that at least one branch scored, sorted."""
    return sorted({tile for branch in scored.values() for tile in branch.ids})


def weight_without(weights: Mapping[Part, float], wanted: Collection[Part]) -> float:
    """The weight of what is not wanted beside these branches; 1 where nothing is wanted."""
    return SHARE * sum(weights.get(part, 1.0) for part in wanted) if wanted else 1.0


def _shown(thing: Mapping[Part, Scored], reference: Mapping[Part, Scored], ids: Sequence[str]) -> FloatArray:
    known = known_ids(thing)
    place = {tile: number for number, tile in enumerate(known)}
    usual = known_moments(aligned(reference, known_ids(reference)))
    total = np.nan_to_num(standardize(aligned(thing, known), usual)).sum(axis=0).astype(np.float32)
    chosen: FloatArray = total[[place[tile] for tile in ids]]
    return chosen
