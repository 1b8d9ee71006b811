from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trsllava.encoders.distinct import encode_distinct


@given(texts=st.lists(st.text(max_size=6), max_size=40), batch_size=st.integers(1, 8))
def test_each_distinct_text_is_encoded_once_and_order_is_kept(texts: list[str], batch_size: int) -> None:
    seen: list[str] = []

    def encode(batch: Sequence[str]) -> np.ndarray:
        assert 0 < len(batch) <= batch_size
        seen.extend(batch)
        return np.array([[len(text), sum(map(ord, text))] for text in batch], np.float32)

    vectors = encode_distinct(texts, encode, dim=2, batch_size=batch_size)
    assert sorted(seen) == sorted(set(texts))
    assert [len(text) for text in seen] == sorted(map(len, seen), reverse=True)
    np.testing.assert_array_equal(vectors, np.array([[len(t), sum(map(ord, t))] for t in texts]).reshape(-1, 2))
