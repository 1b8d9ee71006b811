"""Encode each distinct text once, in batches of similar length."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from trsllava.encoders.protocol import FloatArray


def encode_distinct(
    texts: Sequence[str], encode_batch: Callable[[list[str]], FloatArray], *, dim: int, batch_size: int
) -> FloatArray:
    """Encode texts into `(n, dim)` float32 in the given order.

    Batches are sorted by length, so that little is spent on padding.
    """
    row = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    by_length = sorted(row, key=len, reverse=True)
    vectors = np.empty((len(row), dim), np.float32)
    for start in range(0, len(by_length), batch_size):
        batch = by_length[start : start + batch_size]
        vectors[[row[text] for text in batch]] = encode_batch(batch)
    return vectors[[row[text] for text in texts]]
