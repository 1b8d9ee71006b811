"""Chances are learnt from hits that are known to be right or wrong."""

from __future__ import annotations

import numpy as np
import pytest

from eval.judged import HITS, JudgedPictures, JudgedQueries, judged_pairs
from eval.metrics.calibration_error import calibration_error
from trsllava.encoders.protocol import FloatArray
from trsllava.search.relevance import LIKELY, Relevance, RelevanceSide
from trsllava.training.relevance import fit_relevance, logistic_regression

KINDS, EACH, DIM = 6, 12, 24


def unit(rows: FloatArray) -> FloatArray:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), np.float32)


def world(seed: int) -> tuple[dict[RelevanceSide, FloatArray], JudgedQueries, JudgedQueries]:
    """Names of kinds, queries near them whose pictures lie near them too, and queries for nothing."""
    centres = unit(np.random.default_rng(0).standard_normal((KINDS, DIM)))
    rng = np.random.default_rng(seed)

    def near(kind: int, spread: float) -> FloatArray:
        return unit(centres[kind] + spread * rng.standard_normal(DIM))

    shown = [kind for kind in range(KINDS) for _ in range(EACH)]
    pictures = JudgedPictures(
        {side: [near(kind, 0.15)[None] for kind in shown] for side in ("dense", "image")},
        [str(kind) for kind in shown],
    )
    own = rng.integers(len(shown), size=40)
    asked: dict[RelevanceSide, FloatArray] = {
        side: np.stack([near(shown[place], 0.15) for place in own]) for side in ("dense", "image")
    }
    strange = unit(rng.standard_normal((30, DIM)))
    queries = JudgedQueries(pictures, asked, [str(shown[place]) for place in own], own.tolist())
    nothing = JudgedQueries(pictures, {"dense": strange, "image": strange}, [""] * 30)
    return {"dense": centres, "image": centres}, queries, nothing


def test_chances_hold_on_queries_that_were_not_learnt_from() -> None:
    names, queries, nothing = world(1)
    learnt = fit_relevance(names, [queries, nothing])
    _, others, strange = world(2)
    pairs = judged_pairs(learnt, others)
    chances = learnt.chances(pairs.features)
    assert calibration_error(chances, pairs.right) < 0.1
    assert chances[pairs.right].mean() > 0.8 > 0.3 > chances[~pairs.right].mean()
    assert learnt.chances(judged_pairs(learnt, strange).features).mean() < 0.2


def test_a_picture_far_from_a_query_is_not_likely() -> None:
    names, queries, nothing = world(1)
    learnt = fit_relevance(names, [queries, nothing])
    _, asked, _ = world(2)
    pairs = judged_pairs(learnt, asked, others=20)
    far = np.arange(len(pairs.right)) % (HITS + 1 + 20) > HITS
    assert (learnt.chances(pairs.features)[far & ~pairs.right] < LIKELY).mean() > 0.95


def test_a_querys_own_picture_is_right_wherever_it_ranks() -> None:
    names, queries, _ = world(1)
    pairs = judged_pairs(Relevance(names, {}), queries)
    right = pairs.right.reshape(-1, HITS + 1)
    assert right[:, HITS].all()
    assert not right[:, :HITS].all()


def test_a_logistic_regression_finds_the_odds() -> None:
    rng = np.random.default_rng(0)
    features = rng.standard_normal((4000, 2))
    right = rng.random(4000) < 1 / (1 + np.exp(-(0.5 + 2 * features[:, 0] - features[:, 1])))
    found = logistic_regression(features, right, np.ones(4000))
    assert found == pytest.approx([0.5, 2, -1], abs=0.15)
