from itertools import permutations
from statistics import mean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.metrics.i2t import recall_i2t


def column(*scores):
    """One image's scores with every text, beside an image that owns nothing."""
    return np.stack([np.array(scores, np.float32), np.zeros(len(scores), np.float32)], axis=1)


def test_any_own_text_among_the_first_is_a_hit():
    scores = np.array([[0.2, 0.0], [0.8, 0.1], [0.9, 0.3], [0.0, 0.2]], np.float32)
    recalls = recall_i2t(scores, np.array([0, 0, 1, 1]), [1, 2])
    # The first image meets a foreign text first and its own second; the second image's own text comes first.
    assert recalls[1].expected == 0.5
    assert recalls[2].expected == 1.0


def test_one_own_text_tied_with_others_counts_by_chance():
    recalls = recall_i2t(column(0.5, 0.5, 0.5, 0.5, 0.9), np.array([0, 1, 1, 1, 1]), [1, 2, 3, 5])
    # For the first image: one better, three others tied. The second image owns the other four, all scored 0 as is
    # the foreign one: it misses with one draw of five only where that draw is the foreign one.
    first = [recalls[k].expected * 2 - second for k, second in ((1, 0.8), (2, 1), (3, 1), (5, 1))]
    assert first == pytest.approx([0, 1 / 4, 2 / 4, 1])


def test_several_own_texts_tied_with_others_miss_only_where_none_is_drawn():
    # Two own and three others tied: drawing two misses with C(3,2)/C(5,2) = 3/10, four can never miss.
    owner = np.array([0, 0, 2, 2, 2])
    scores = np.zeros((5, 3), np.float32)
    scores[:, 2] = [0, 0, 1, 1, 1]
    recalls = recall_i2t(scores, owner, [1, 2, 3, 4])
    first = [recalls[k].expected * 2 - 1 for k in (1, 2, 3, 4)]
    assert first == pytest.approx([1 - 3 / 5, 1 - 3 / 10, 1 - 1 / 10, 1])
    assert [recalls[k].optimistic for k in (1, 4)] == [1, 1]
    assert [recalls[k].pessimistic for k in (1, 3, 4)] == [0.5, 0.5, 1]


def test_scores_within_a_millionth_are_tied():
    scores = np.array([[0.5], [0.5 + 8e-7], [0.5 + 2e-6]], np.float32)
    # Only text 1 is tied with the own text 0; text 2 is better.
    owner = np.array([0, 1, 1])
    recalls = recall_i2t(np.hstack([scores, [[0], [1], [1]]]).astype(np.float32), owner, [1, 2, 3])
    first = [recalls[k].expected * 2 - 1 for k in (1, 2, 3)]
    assert first == pytest.approx([0, 0.5, 1])


def test_an_image_without_texts_asks_nothing():
    recall = recall_i2t(column(0.9, 0.8), np.array([0, 0]), [1])[1]
    assert recall.expected == 1.0


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 1)), min_size=1, max_size=5),
    st.integers(1, 6),
)
def test_the_expectation_is_the_mean_over_all_orders_of_the_texts(texts, k):
    scores = np.array([text[:2] for text in texts], np.float32)
    owner = np.array([text[2] for text in texts])

    def hits(image, order):
        return any(owner[text] == image for text in sorted(order, key=lambda text: -scores[text, image])[:k])

    orders = list(permutations(range(len(texts))))
    shares = [[hits(image, order) for order in orders] for image in sorted(set(owner.tolist()))]
    recall = recall_i2t(scores, owner, [k])[k]
    assert recall.expected == pytest.approx(mean(mean(share) for share in shares))
    assert recall.optimistic == pytest.approx(mean(max(share) for share in shares))
    assert recall.pessimistic == pytest.approx(mean(min(share) for share in shares))
