from __future__ import annotations

import pytest

from trsllava.encoders.bm25 import Bm25Encoder, mean_length


def test_a_query_word_meets_its_other_forms() -> None:
    bm25 = Bm25Encoder(5.0)
    assert set(bm25.query("crane").indices) == set(bm25.document("Cranes").indices)


def test_a_query_of_stop_words_or_signs_is_empty() -> None:
    assert len(Bm25Encoder(5.0).query("the of !?").indices) == 0


def test_repetition_saturates() -> None:
    bm25 = Bm25Encoder(5.0)
    once, twice, often = (float(bm25.document("crane " * n).values[0]) for n in (1, 2, 3))
    assert twice / once < 2
    assert often / twice < twice / once


def test_a_term_of_a_document_of_average_length_weighs_as_the_formula_says() -> None:
    # tf (k + 1) / (tf + k (1 - b + b |d| / avg)) with tf = 1, k = 1.2, |d| = avg = 3
    weights = Bm25Encoder(3.0).document("crane quay ship").values
    assert weights.tolist() == pytest.approx([1.0, 1.0, 1.0])


def test_the_mean_length_counts_terms_with_repetition_and_without_stop_words() -> None:
    assert mean_length(["harbor with cranes cranes", "two ships"]) == pytest.approx(2.5)
    assert mean_length([]) == 1.0
