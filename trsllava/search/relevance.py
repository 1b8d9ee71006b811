"""The chance that a person calls a hit right: a fused score only says which hit is better."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from trsllava.errors import EncoderError
from trsllava.store.protocol import FloatArray

RelevanceSide = Literal["dense", "image"]
"""What words can be compared with: captions or pictures."""
SIDES: Final[tuple[RelevanceSide, ...]] = ("dense", "image")
LIKELY: Final = 0.5
"""Hits below are probably wrong."""
_FITTING = 0.95
"""Quantile of what names of places and things score on a tile: about what one that fits scores there."""
_Coefficients = NDArray[np.float64]


@dataclass(frozen=True)
class Relevance:
    """Logistic regressions over cosines, learnt from captions, drawn scenes and nonsense (`training.relevance`).

    A cosine alone tells little: some tiles are near to every text, some queries far from every tile. So a query's is
    held against those of names of places and things.
    """

    names: Mapping[RelevanceSide, FloatArray]
    """By side that counts, vectors `(m, d)` of names, L2-normalised."""
    coefficients: Mapping[tuple[RelevanceSide, ...], _Coefficients]
    """By the sides that a query asks: an offset, then one for each column of `quadratic`."""

    @classmethod
    def load(cls, path: Path, sides: Collection[RelevanceSide] = SIDES) -> Relevance:
        """Read what `save` wrote; only `sides` will count. Raises EncoderError."""
        try:
            with np.load(path) as kept:
                arrays: dict[str, NDArray[Any]] = {name: kept[name] for name in kept.files}
            names = {side: arrays[f"{side}_names"].astype(np.float32) for side in SIDES if side in sides}
            combinations: list[tuple[RelevanceSide, ...]] = [("dense",), ("image",), SIDES]
            return cls(names, {one: arrays["+".join(one)] for one in combinations})
        except (OSError, KeyError, ValueError) as error:
            raise EncoderError(f"{path} does not hold the weights of relevance. Reinstall trsllava.") from error

    def save(self, path: Path) -> None:
        """Write everything as `.npz`, vectors in half precision."""
        arrays: dict[str, Any] = {f"{side}_names": rows.astype(np.float16) for side, rows in self.names.items()}
        arrays |= {"+".join(sides): row for sides, row in self.coefficients.items()}
        np.savez(path, **arrays)

    def chances(self, features: Mapping[RelevanceSide, FloatArray]) -> FloatArray:
        """Chances `(n,)` float32 from `features` of each side that was asked; NaN where a tile has none."""
        sides = tuple(side for side in SIDES if side in features)
        offset, *slopes = self.coefficients[sides]
        logits = quadratic(np.concatenate([features[side] for side in sides], axis=1)) @ np.array(slopes) + offset
        chances: FloatArray = (0.5 * (1 + np.tanh(0.5 * logits))).astype(np.float32)
        return chances

    def features(self, side: RelevanceSide, asked: FloatArray, tiles: Sequence[FloatArray]) -> FloatArray:
        """What a side tells of a query's vector `(d,)` and n tiles' vectors `(v, d)`: `(n, 4)` float32, NaN where a
        tile has none.

        Cosine of the tile's best vector, about what a fitting name scores on the tile, what names score on
        average, and how near the query is to a name.
        """
        names = np.vstack([asked, self.names[side]])
        nothing = np.full(len(names), np.nan, np.float32)
        scores = np.stack([(names @ rows.T).max(axis=1) if len(rows) else nothing for rows in tiles])
        usual = scores[:, 1:]
        nearest = np.full(len(tiles), (self.names[side] @ asked).max())
        features: FloatArray = np.stack(
            [scores[:, 0], np.quantile(usual, _FITTING, axis=1), usual.mean(axis=1), nearest], axis=1
        ).astype(np.float32)
        return features


def quadratic(features: FloatArray) -> NDArray[np.float64]:
    """Features `(n, f)`, and all products of two of them: `(n, f + f (f + 1) / 2)`."""
    exact = features.astype(np.float64)
    pairs = combinations_with_replacement(range(exact.shape[1]), 2)
    return np.concatenate([exact, *(exact[:, [one]] * exact[:, [other]] for one, other in pairs)], axis=1)


def doubt(chances: Sequence[float | None]) -> str:
    """What to say above hits of which none is likely to be right, given their chances; empty where one is, or where
    nothing is known."""
    known = [chance for chance in chances if chance is not None]
    if not known or max(known) >= LIKELY:
        return ""
    return f"Probably nothing here shows that; the nearest images follow, the best at {max(known):.0%}."
