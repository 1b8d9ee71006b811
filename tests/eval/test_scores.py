import math

import numpy as np
import pytest

from eval.scores import branch_scores
from eval.task import RetrievalTask
from trsllava.errors import InputError
from trsllava.records import RichCaption, RichText


def rich(*captions):
    return RichText(variants=tuple(RichCaption(caption=caption) for caption in captions))


def task(documents, queries):
    return RetrievalTask(
        images=tuple(f"{number}.jpg" for number in range(len(documents))),
        documents=tuple(documents),
        queries=tuple(queries),
        owner=np.zeros(len(queries), np.intp),
        query_kind="human",
        query_source="people",
    )


def test_the_dense_score_is_the_largest_cosine_over_an_images_variants(word_encoder):
    documents = [rich("grey ship", "long quay"), rich("green field")]
    queries = ["long quay", "green ship"]
    scores = branch_scores(task(documents, queries), word_encoder, ["dense"], 2.0)
    asked, told = word_encoder.encode(queries), word_encoder.encode(["grey ship", "long quay", "green field"])
    cosines = asked @ told.T
    expected = np.stack([cosines[:, :2].max(axis=1), cosines[:, 2]], axis=1)
    np.testing.assert_allclose(scores, expected[None], atol=1e-6)


def test_the_bm25_score_weighs_rare_words_and_is_zero_where_no_word_is_shared(word_encoder):
    documents = [rich("ship harbor"), rich("ship field"), rich("road forest")]
    scores = branch_scores(task(documents, ["harbor", "ship", "desert"]), word_encoder, ["bm25"], 2.0)
    # Robertson's idf with add-one; term frequency 1 in a document of mean length gives the weight 1.
    rare, common = math.log(1 + 2.5 / 1.5), math.log(1 + 1.5 / 2.5)
    np.testing.assert_allclose(scores[0], [[rare, 0, 0], [common, common, 0], [0, 0, 0]], atol=1e-5)


def test_branches_come_in_the_order_asked_for(word_encoder):
    documents, queries = [rich("ship"), rich("road")], ["ship", "a road"]
    both = branch_scores(task(documents, queries), word_encoder, ["bm25", "dense"], 1.0)
    np.testing.assert_array_equal(both[0], branch_scores(task(documents, queries), word_encoder, ["bm25"], 1.0)[0])
    np.testing.assert_array_equal(both[1], branch_scores(task(documents, queries), word_encoder, ["dense"], 1.0)[0])


def test_each_distinct_query_is_encoded_once_and_equal_queries_have_equal_scores(word_encoder):
    scores = branch_scores(
        task([rich("ship"), rich("road")], ["a ship", "a road", "a ship"]), word_encoder, ["dense"], 1.0
    )
    assert word_encoder.encoded.count("a ship") == 1
    np.testing.assert_array_equal(scores[0, 0], scores[0, 2])


def test_images_with_the_same_text_tie_exactly(word_encoder):
    scores = branch_scores(
        task([rich("a ship"), rich("road"), rich("a ship")], ["ship"]), word_encoder, ["dense"], 1.0
    )
    assert scores[0, 0, 0] == scores[0, 0, 2]


def test_a_blank_query_scores_nothing_in_bm25(word_encoder):
    scores = branch_scores(task([rich("ship"), rich("road")], ["", "ship"]), word_encoder, ["bm25"], 1.0)
    np.testing.assert_array_equal(scores[0, 0], [0, 0])


def test_a_branch_that_texts_cannot_serve_is_refused(word_encoder):
    with pytest.raises(InputError, match="image"):
        branch_scores(task([rich("ship")], ["ship"]), word_encoder, ["dense", "image"], 1.0)
