"""Benjamini and Hochberg's control of false discoveries."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import false_discovery_control

from indexer.sampling.discovery import discoveries


def test_by_hand() -> None:
    # in order 0.01 0.02 0.03 0.5 against 0.0125 0.025 0.0375 0.05
    np.testing.assert_array_equal(
        discoveries(np.array([0.5, 0.03, 0.01, 0.02, np.nan]), 0.05), [False, True, True, True, False]
    )


def test_a_later_test_may_carry_an_earlier_one() -> None:
    np.testing.assert_array_equal(discoveries(np.array([[0.04, 0.045]]), 0.05), [[True, True]])


@given(arrays(float, st.integers(1, 30), elements=st.integers(0, 1000).map(lambda n: n / 1000)))
def test_as_scipy_has_it(p: np.ndarray) -> None:
    adjusted = false_discovery_control(p)
    clear = np.abs(adjusted - 0.05) > 1e-9

    np.testing.assert_array_equal(discoveries(p, 0.05)[clear], (adjusted <= 0.05)[clear])


def test_nothing_tested_is_nothing_found() -> None:
    assert not discoveries(np.full(3, np.nan), 0.05).any()
