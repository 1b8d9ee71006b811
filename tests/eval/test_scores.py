import math

import numpy as np
import pytest

from eval.pictures import Pictures
from eval.scores import Gallery, branch_scores
from trsllava.errors import InputError
from trsllava.records import RichCaption, RichText


def rich(*captions):
    return RichText(variants=tuple(RichCaption(caption=caption) for caption in captions))


def test_the_dense_score_is_the_largest_cosine_over_an_images_variants(word_encoder):
    documents = (rich("grey ship", "long quay"), rich("green field"))
    queries = ["long quay", "green ship"]
    scores = branch_scores(queries, Gallery(documents), ["dense"], word_encoder)
    asked, told = word_encoder.encode(queries), word_encoder.encode(["grey ship", "long quay", "green field"])
    cosines = asked @ told.T
    expected = np.stack([cosines[:, :2].max(axis=1), cosines[:, 2]], axis=1)
    np.testing.assert_allclose(scores, expected[None], atol=1e-6)


def test_the_bm25_score_weighs_rare_words_and_is_zero_where_no_word_is_shared(word_encoder):
    documents = (rich("ship harbor"), rich("ship field"), rich("road forest"))
    scores = branch_scores(["harbor", "ship", "desert"], Gallery(documents), ["bm25"], word_encoder)
    # Robertson's idf with add-one; term frequency 1 in a document of mean length gives the weight 1.
    rare, common = math.log(1 + 2.5 / 1.5), math.log(1 + 1.5 / 2.5)
    np.testing.assert_allclose(scores[0], [[rare, 0, 0], [common, common, 0], [0, 0, 0]], atol=1e-5)


def test_branches_come_in_the_order_asked_for(word_encoder):
    documents, queries = (rich("ship"), rich("road")), ["ship", "a road"]
    both = branch_scores(queries, Gallery(documents), ["bm25", "dense"], word_encoder)
    np.testing.assert_array_equal(both[0], branch_scores(queries, Gallery(documents), ["bm25"], word_encoder)[0])
    np.testing.assert_array_equal(both[1], branch_scores(queries, Gallery(documents), ["dense"], word_encoder)[0])


def test_each_distinct_query_is_encoded_once_and_equal_queries_have_equal_scores(word_encoder):
    scores = branch_scores(
        ["a ship", "a road", "a ship"], Gallery((rich("ship"), rich("road"))), ["dense"], word_encoder
    )
    assert word_encoder.encoded.count("a ship") == 1
    np.testing.assert_array_equal(scores[0, 0], scores[0, 2])


def test_images_with_the_same_text_tie_exactly(word_encoder):
    scores = branch_scores(["ship"], Gallery((rich("a ship"), rich("road"), rich("a ship"))), ["dense"], word_encoder)
    assert scores[0, 0, 0] == scores[0, 0, 2]


def test_a_blank_query_scores_nothing_in_bm25(word_encoder):
    scores = branch_scores(["", "ship"], Gallery((rich("ship"), rich("road"))), ["bm25"], word_encoder)
    np.testing.assert_array_equal(scores[0, 0], [0, 0])


class Compass:
    """A picture encoder for texts that name a direction."""

    name, dim = "compass", 2

    def encode_texts(self, texts):
        return np.array([[text == "north", text != "north"] for text in texts], np.float32)


def test_the_image_score_is_the_cosine_with_the_picture(word_encoder):
    half = np.float32(0.5**0.5)
    pictures = Pictures(Compass(), np.array([[1, 0], [half, half]], np.float32))
    scores = branch_scores(["south", "north", "south"], Gallery(pictures=pictures), ["image"], None)
    np.testing.assert_allclose(scores[0], [[0, half], [1, half], [0, half]])
    both = branch_scores(["ship"], Gallery((rich("ship"), rich("road")), pictures), ["image", "dense"], word_encoder)
    np.testing.assert_allclose(both[0], [[0, half]])
    assert both[1, 0, 0] == pytest.approx(1)


def test_branches_that_the_gallery_cannot_serve_are_refused_with_what_is_missing(word_encoder):
    with pytest.raises(InputError, match=r"image.*`images`"):
        branch_scores(["ship"], Gallery((rich("ship"),)), ["dense", "image"], word_encoder)
    with pytest.raises(InputError, match=r"dense.*`documents`"):
        branch_scores(["ship"], Gallery(), ["dense"], word_encoder)
