"""A second look: the best hits' pictures, scored by any image-text encoder."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trsllava.encoders.protocol import ImageTextEncoder
from trsllava.errors import ImageError
from trsllava.raster.tile_picture import read_tile
from trsllava.records import Picture, Query, TileRecord
from trsllava.search.branches import query_vector
from trsllava.search.fusion import TIE, standardize
from trsllava.search.ranking import Ranking, known_moments
from trsllava.store.protocol import FloatArray

_AT_ONCE = 16
_LONGEST = 1024
"""Pixels a side."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reranker:
    """An image-text encoder that looks at the best hits again."""

    encoder: ImageTextEncoder
    top: int
    """How many hits are looked at."""

    def cosines(self, query: Query, records: Sequence[TileRecord], known: Mapping[str, FloatArray]) -> FloatArray:
        """`(n,)` float32 cosines of a query with the pictures of n tiles, read from their files; NaN, counted and
        warned of, where a picture cannot be read.

        `known`: vectors `(d,)` by tile id that the same encoder made before.
        """
        asked = query_vector(query, self.encoder)
        vectors = dict(known)
        unread: list[str] = []
        unseen = [record for record in records if str(record.tile.id) not in known]
        for start in range(0, len(unseen), _AT_ONCE):
            pictures: dict[str, Picture] = {}
            for record in unseen[start : start + _AT_ONCE]:
                try:
                    pictures[str(record.tile.id)] = read_tile(record.tile, record.paths, longest=_LONGEST)
                except ImageError as error:
                    unread.append(str(error))
            vectors |= dict(zip(pictures, self.encoder.encode_images(list(pictures.values())), strict=True))
        if unread:
            _log.warning("%d of %d hits were not re-ranked, because their pictures could not be read; the first: %s",
                         len(unread), len(records), unread[0])  # fmt: skip
        nothing = np.full(self.encoder.dim, np.nan, np.float32)
        return np.array([vectors.get(str(record.tile.id), nothing) @ asked for record in records], np.float32)


def rerank(ranking: Ranking, positions: NDArray[np.intp], cosines: FloatArray, weight: float) -> Ranking:
    """Fuse a ranking with what a re-ranker says of its best tiles.

    The new score is z(first) + weight z(cosine): standard scores, with means and standard deviations over the tiles
    at `positions` `(m,)`, whose `(m,)` cosines are given. z(first) is linear, so each branch keeps its share of it.
    A tile that was not looked at counts as the mean of those that were.
    """
    row = np.full(len(ranking.ids), np.nan, np.float32)
    row[positions] = cosines
    given = known_moments(row[None])
    said = np.where(np.isnan(row), 0.0, weight * standardize(np.nan_to_num(row[None]), given)[0])
    spread = float(ranking.fused[positions].std())
    middle = ranking.terms[:, positions].mean(axis=1, keepdims=True)
    first = (ranking.terms - middle) / (spread if spread > TIE else 1.0)
    return Ranking(
        (*ranking.names, "rerank"),
        ranking.ids,
        np.concatenate([ranking.scores, row[None]]),
        np.concatenate([first, said[None]]).astype(np.float32),
    )
