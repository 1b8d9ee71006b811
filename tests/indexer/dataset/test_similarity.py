"""Likeness of texts: 1 for equal ones, near 0 for those that share nothing, as the published scores say."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from indexer.dataset.similarity import drawn_from_clusters, similarity, similarity_picture, words_of
from tests.standin.encoders import WordEncoder


def of(*texts: str) -> np.ndarray:
    named = {str(number): text for number, text in enumerate(texts)}
    return similarity(named, WordEncoder().encode(texts), seed=0).scores


def test_equal_texts_are_alike_and_texts_without_a_common_word_are_not() -> None:
    scores = of("two red barns near a road", "two red barns near a road", "ships lie moored along some quay")

    assert scores[0, 1] == pytest.approx(1, abs=0.01)
    assert scores[0, 2] < 0.05
    assert np.diag(scores) == pytest.approx(1)


def test_one_pair_by_hand() -> None:
    """BLEU: four of five words, 2 of 4 pairs, 1 of 3 triples, none of 2 fours, counted as 0.1. METEOR: four of five
    words in two runs: F 0.8, penalty 0.5 (2 / 4) ** 3."""
    bleu = (4 / 5 * 2 / 4 * 1 / 3 * 0.1 / 2) ** (1 / 4)
    meteor = 0.8 * (1 - 0.5 * (2 / 4) ** 3)

    assert of("a red barn beside water", "a red barn water there")[0, 1] == pytest.approx((bleu + meteor) / 2)


def test_stems_count_for_meteor() -> None:
    """`barns` and `barn` have one stem."""
    named = {"a": "red barns", "b": "red barn"}
    found = similarity(named, WordEncoder().encode(list(named.values())), seed=0)

    assert found.meteor > 0.9
    assert found.bleu < 0.5


def test_a_set_of_like_texts_scores_higher_than_a_varied_one() -> None:
    like = [f"there are {number} red houses near a straight road" for number in range(12)]
    words = ["harbor", "ship", "crane", "forest", "lake", "barn", "field", "road", "roof", "court", "pool", "track"]
    varied = [" ".join(np.random.default_rng(n).permutation(words)[:8]) for n in range(12)]

    assert of(*like)[0, 1:].mean() > of(*varied)[0, 1:].mean() + 0.2


def test_each_cluster_is_drawn_from_and_equal_seeds_draw_equally() -> None:
    rng = np.random.default_rng(0)
    vectors = np.concatenate([rng.normal(10 * n, 0.1, (50, 3)) for n in range(4)]).astype(np.float32)
    drawn = drawn_from_clusters(vectors, 40, seed=1)

    assert len(set(drawn)) == 40
    assert min(np.bincount(np.array(drawn) // 50, minlength=4)) >= 5
    assert drawn == drawn_from_clusters(vectors, 40, seed=1)
    assert sorted(drawn_from_clusters(vectors[:3], 40, seed=1)) == [0, 1, 2]
    assert sorted(drawn_from_clusters(np.ones((20, 3), np.float32), 40, seed=1)) == list(range(20))


def test_the_picture_is_darker_where_texts_are_alike() -> None:
    texts = {"a": "two red barns near a road", "b": "two red barns near a road", "c": "ships moored along some quay"}
    found = similarity(texts, WordEncoder().encode(list(texts.values())), seed=0)
    with Image.open(io.BytesIO(similarity_picture(found))) as picture:
        shades = np.asarray(picture.convert("L"), float)
    side = len(shades) // 3

    assert shades[side // 2, side + side // 2] < 80
    assert shades[side // 2, 2 * side + side // 2] > 200


def test_words_and_marks() -> None:
    assert words_of("A T-shaped pier, 2 boats.") == ["a", "t-shaped", "pier", ",", "2", "boats", "."]
