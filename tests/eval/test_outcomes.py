"""What became of each query."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from eval.metrics.i2t import ranks_i2t
from eval.metrics.t2i import ranks_t2i
from eval.outcomes import Outcomes, retrieval_outcomes
from eval.report import measure
from eval.task import RetrievalTask
from trsllava.records import RichCaption, RichText

OWNER = np.array([0, 0, 1, 2])
SCORES = np.array(
    [
        [0.9, 0.1, 0.3],
        [0.2, 0.8, 0.2],  # its own image is last, with another one
        [0.5, 0.6, 0.1],
        [0.7, 0.7, 0.7],  # nothing is told apart
    ],
    np.float32,
)


def task(owner: np.ndarray = OWNER, images: int = 3) -> RetrievalTask:  # type: ignore[type-arg]
    document = RichText(variants=(RichCaption(caption="a place"),))
    return RetrievalTask(
        images=tuple(f"{i}.png" for i in range(images)),
        documents=(document,) * images,
        queries=tuple(f"text {i}" for i in range(len(owner))),
        owner=owner,
        query_kind="human",
        query_source="people",
    )


def test_every_text_has_its_chances_its_expected_rank_and_what_was_found_wrongly() -> None:
    side = retrieval_outcomes(task(), SCORES, SCORES)["t2i"]
    assert side.unit == (0, 0, 1, 2)
    assert side.values["R@1"] == pytest.approx((1, 0, 1, 1 / 3), abs=1e-6)
    assert side.rank == (1, 2.5, 1, 2)
    assert side.wrong == ((2, 1), (1, 2), (0, 2), (0, 1))


def test_every_image_has_them_too_and_its_wrong_answers_are_texts() -> None:
    side = retrieval_outcomes(task(), SCORES, SCORES)["i2t"]
    assert side.found == "text"
    assert side.rank == (1, 3, 1)
    assert side.wrong == ((3, 2), (1, 3, 0), (0, 1, 2))


def scores(seed: int, queries: int, images: int) -> np.ndarray:  # type: ignore[type-arg]
    """With many ties."""
    return np.random.default_rng(seed).integers(0, 6, (queries, images)).astype(np.float32)


@given(seed=st.integers(0, 1000), images=st.integers(1, 15), each=st.integers(1, 4))
def test_the_columns_average_to_the_reported_figures(seed: int, images: int, each: int) -> None:
    owner = np.repeat(np.arange(images), each)
    matrix = scores(seed, len(owner), images)
    figures, _ = measure(matrix, matrix, owner)
    for way, side in retrieval_outcomes(task(owner, images), matrix, matrix).items():
        for name, values in side.values.items():
            assert 100 * np.mean(values) == pytest.approx(getattr(figures, way)[name], abs=1e-3)
        assert list(side.curve.values()) == sorted(side.curve.values())


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 1000), images=st.integers(2, 6), each=st.integers(1, 3))
def test_expected_ranks_are_those_of_many_random_orders(seed: int, images: int, each: int) -> None:
    owner = np.repeat(np.arange(images), each)
    matrix = scores(seed, len(owner), images)
    random = np.random.default_rng(seed)
    of_texts, of_images = [], []
    for _ in range(600):
        shaken = matrix + random.random(matrix.shape) * 0.5  # breaks ties alone
        order = np.argsort(-shaken, axis=1)
        of_texts.append([list(order[i]).index(own) + 1 for i, own in enumerate(owner)])
        below = np.argsort(-shaken, axis=0)
        of_images.append([min(np.flatnonzero(owner[below[:, j]] == j)) + 1 for j in range(images)])
    np.testing.assert_allclose(np.mean(of_texts, axis=0), ranks_t2i(matrix, owner), atol=0.5)
    np.testing.assert_allclose(np.mean(of_images, axis=0), ranks_i2t(matrix, owner), atol=0.8)


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValidationError, match="columns of 1 and 2 queries"):
        Outcomes(asked_with="text", found="image", queries=(0, 1), unit=(0,), values={}, rank=(1, 1), wrong=((), ()))
