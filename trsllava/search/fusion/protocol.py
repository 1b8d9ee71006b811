"""What a fusion does: scores of several branches in, one term a branch and tile out."""

from __future__ import annotations

from typing import Protocol

from trsllava.store.protocol import FloatArray


class Fusion(Protocol):
    """Makes the scores of several branches comparable, so that they can be added up.

    A trailing shape of `(n,)` is one query's scores of n tiles; `(q, n)` is many queries at once, each for itself.
    """

    def terms(self, scores: FloatArray, moments: FloatArray | None, weights: FloatArray) -> FloatArray:
        """Each branch's term in the fused score: summed over the first axis they are the fused score.

        Args:
            scores: `(b, n)` or `(b, q, n)` float32, higher is better; b branches, n of 1 or more;
                statistics run along n.
            moments: `(b, 2)` or `(b, q, 2)` float32, mean and standard deviation of each branch, where they come
                from a sample; None: they are taken from `scores`.
            weights: `(b,)` float32, not negative, not all zero.

        Returns:
            float32 of the shape of `scores`. Equal scores of a branch get equal terms.

        Raises:
            InputError: for a negative weight, or none above zero.
        """
        ...
