"""The best hits looked at again."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from tests.standin.collection import Collection
from tests.standin.encoders import ColourEncoder
from trsllava.records import Hit, Query
from trsllava.search.ranking import Ranking
from trsllava.search.rerank import Reranker, rerank

COLOURS = {"red.png": "red", "green.png": "lime", "blue.png": "blue", "teal.png": "teal"}


@pytest.fixture
def painted(collection: Collection) -> Collection:
    collection.paint(COLOURS)
    collection.describe(dict.fromkeys(COLOURS, "a red field"))
    collection.index()
    return collection


def names(hits: list[Hit]) -> list[str]:
    return [hit.paths[0].rsplit("/", 1)[-1] for hit in hits]


def test_pictures_decide_between_hits_with_equal_words(painted: Collection) -> None:
    hits = painted.engine().search(Query(text="red field"), Reranker(ColourEncoder(), top=100))
    assert names(hits)[0] == "red.png"
    for hit in hits:
        assert sum(said.share for said in hit.branches.values()) == pytest.approx(hit.score, abs=1e-5)
    assert [hit.branches["rerank"].rank for hit in hits].count(1) == 1


def test_only_the_best_are_looked_at(painted: Collection) -> None:
    encoder = ColourEncoder()
    hits = painted.engine().search(Query(text="red field"), Reranker(encoder, top=2))
    assert encoder.seen == 2
    assert [hit.branches["rerank"].score is None for hit in hits].count(True) == 2


def test_a_weight_of_nothing_changes_no_order(painted: Collection) -> None:
    query = Query(text="blue field", weights={"rerank": 0.0})
    first = painted.engine().search(query)
    assert names(painted.engine().search(query, Reranker(ColourEncoder(), top=100))) == names(first)


def test_the_collections_own_vectors_are_not_made_anew(collection: Collection) -> None:
    collection.image_encoder = ColourEncoder()
    collection.paint(COLOURS)
    collection.describe(dict.fromkeys(COLOURS, "a red field"))
    collection.index()
    again = ColourEncoder()
    hits = collection.engine().search(Query(text="red field", branches=("dense",)), Reranker(again, top=100))
    assert (names(hits)[0], again.seen) == ("red.png", 0)


def test_a_picture_that_has_gone_is_neutral_and_counted(painted: Collection, caplog: pytest.LogCaptureFixture) -> None:
    (painted.images / "green.png").unlink()
    with caplog.at_level(logging.WARNING):
        hits = painted.engine().search(Query(text="red field"), Reranker(ColourEncoder(), top=100))
    said = {name: hit.branches["rerank"] for name, hit in zip(names(hits), hits, strict=True)}
    assert (said["green.png"].score, said["green.png"].share) == (None, 0.0)
    assert names(hits)[0] == "red.png"
    assert names(hits)[-1] != "green.png"
    assert "1 of 4 hits were not re-ranked" in caplog.text
    assert "green.png" in caplog.text


def test_a_picture_is_compared_with_pictures(collection: Collection) -> None:
    collection.image_encoder = ColourEncoder()
    collection.paint(COLOURS)
    collection.describe(dict.fromkeys(COLOURS, "a field"))
    collection.index()
    teal = np.full((4, 4, 3), (0, 128, 128), np.uint8)
    hits = collection.engine().search(Query(image=teal), Reranker(ColourEncoder("a second opinion"), top=100))
    assert names(hits)[0] == "teal.png"


def test_scores_are_standard_scores_over_the_tiles_looked_at() -> None:
    terms = np.array([[3.0, 1.0, 0.0]], np.float32)
    first = Ranking(("dense",), ["a", "b", "c"], terms, terms)
    both = rerank(first, np.array([0, 1]), np.array([0.2, 0.6], np.float32), 2.0)
    # First: mean 2, spread 1 over a and b; cosines: mean 0.4, spread 0.2, times 2; c was not looked at.
    np.testing.assert_allclose(both.terms, [[1, -1, -2], [-2, 2, 0]], atol=1e-5)
    assert both.names == ("dense", "rerank")
    assert both.branch_scores(2)["rerank"].score is None
