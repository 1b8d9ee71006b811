"""Which tiles the next question is about: the likeliest, and the informative ones among them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trsllava.encoders.protocol import FloatArray


def likeliest(p: FloatArray, count: int) -> NDArray[np.intp]:
    """The S tiles of greatest chance, best first; of equal ones the first (DiaRet, eq. 1)."""
    found = np.arange(len(p))
    if count < len(p):
        last = np.partition(p, -count)[-count]
        above, equal = np.flatnonzero(p > last), np.flatnonzero(p == last)
        found = np.sort(np.concatenate([above, equal[: count - len(above)]]))
    return found[np.argsort(-p[found], kind="stable")]


def spread_out(vectors: FloatArray, p: FloatArray, candidates: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """K candidates that stand for the others: the likeliest, then again and again the one farthest from those chosen,
    weighted by its chance.

    Source: Gonzalez, "Clustering to minimize the maximum intercluster distance", Theor. Comput. Sci. 1985.

    Args:
        vectors: `(n, d)` float32, L2-normalised.
        p: `(n,)` chances.
        candidates: `(S,)` best first.
        count: K.
    """
    if len(candidates) <= count:
        return candidates
    own = vectors[candidates]
    chosen = [0]
    far = 1 - own @ own[0]
    weight = p[candidates] / max(float(p[candidates].max()), 1e-12)
    for _ in range(count - 1):
        chosen.append(int((np.sqrt(weight) * far).argmax()))
        far = np.minimum(far, 1 - own @ own[chosen[-1]])
    return candidates[np.array(sorted(set(chosen)), np.intp)]
