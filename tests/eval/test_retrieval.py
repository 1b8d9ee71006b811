import json

import numpy as np
import pytest

from eval.datasets.captions import CaptionedImage
from eval.retrieval import Scoring, evaluate_retrieval, fused
from eval.task import human_task, rich_text_task
from trsllava.records import RichCaption, RichText
from trsllava.search.fusion import FUSIONS

DENSE = Scoring(("dense",), "cdf", {})
BOTH = Scoring(("dense", "bm25"), "cdf", {"dense": 3.0})


def rich(*captions, model="teller"):
    return RichText(variants=tuple(RichCaption(caption=caption) for caption in captions), model=model)


IMAGES = [
    CaptionedImage(image="a.jpg", captions=("grey ship", "long quay")),
    CaptionedImage(image="b.jpg", captions=("green field", "green field")),
    CaptionedImage(image="c.jpg", captions=("wide road",)),
]
TRUE = {"a.jpg": rich("grey ship", "long quay"), "b.jpg": rich("green field"), "c.jpg": rich("wide road")}
SAME = dict.fromkeys(TRUE, rich("a place"))


def test_documents_that_say_what_was_asked_give_full_recall_both_ways(word_encoder):
    report = evaluate_retrieval(human_task(IMAGES, TRUE), word_encoder, DENSE, split="test").report
    assert report.t2i == report.i2t == {"R@1": 100.0, "R@5": 100.0, "R@10": 100.0}
    assert report.mR == 100.0


def test_documents_that_are_all_the_same_give_what_chance_gives(word_encoder):
    report = evaluate_retrieval(human_task(IMAGES, SAME), word_encoder, DENSE, split="test").report
    # One of three images; as an image ranks them, each text has one score for all images.
    assert report.t2i["R@1"] == pytest.approx(100 / 3)
    assert report.bounds.optimistic.t2i["R@1"] == 100.0
    assert report.bounds.pessimistic.t2i["R@1"] == 0.0
    assert report.bounds.pessimistic.mR < report.mR < report.bounds.optimistic.mR


@pytest.mark.parametrize("fusion", FUSIONS)
def test_fused_branches_find_the_right_images_too(word_encoder, fusion):
    scoring = Scoring(("dense", "bm25"), fusion, {"dense": 1.0, "bm25": 0.5})
    report = evaluate_retrieval(human_task(IMAGES, TRUE), word_encoder, scoring, split="test").report
    assert report.t2i["R@1"] == 100.0
    assert report.weights == {"dense": 1.0, "bm25": 0.5}
    assert report.fusion == fusion


@pytest.mark.parametrize("fusion", FUSIONS)
def test_each_text_query_is_fused_by_itself(fusion):
    scores = np.random.default_rng(1).normal(size=(2, 700, 5)).astype(np.float32)
    scoring = Scoring(("dense", "bm25"), fusion, {"bm25": 0.5})
    alone = FUSIONS[fusion].terms(scores[:, 600], None, np.array([1.0, 0.5], np.float32)).sum(axis=0)
    np.testing.assert_array_equal(fused(scores, scoring)[600], alone)


@pytest.mark.parametrize("fusion", FUSIONS)
def test_an_image_query_does_not_depend_on_the_other_images(word_encoder, fusion):
    # Fused along what is ranked: an image that outscores the others in every text ranks its texts as before.
    scores = np.random.default_rng(1).normal(size=(2, 40, 5)).astype(np.float32)
    scoring = Scoring(("dense", "bm25"), fusion, {"bm25": 0.5})
    shifted = scores.copy()
    shifted[:, :, 1:] *= 100
    before, after = (fused(matrix.transpose(0, 2, 1), scoring)[0] for matrix in (scores, shifted))
    np.testing.assert_array_equal(before, after)


def test_a_single_branch_keeps_its_own_scores():
    scores = np.random.default_rng(1).normal(size=(1, 3, 5)).astype(np.float32)
    np.testing.assert_array_equal(fused(scores, DENSE), scores[0])


def test_the_json_form_has_the_figures_on_top_and_the_protocol_beside_them(word_encoder):
    report = json.loads(
        evaluate_retrieval(human_task(IMAGES, TRUE), word_encoder, BOTH, split="val").report.model_dump_json()
    )
    assert list(report["t2i"]) == list(report["i2t"]) == ["R@1", "R@5", "R@10"]
    assert set(report["bounds"]) == {"optimistic", "pessimistic"}
    assert set(report["bounds"]["optimistic"]) == {"t2i", "i2t", "mR"}
    assert report["encoder"] == "words"
    assert report["branches"] == ["dense", "bm25"]
    assert report["weights"] == {"dense": 3.0, "bm25": 1.0}
    assert report["bm25_average_length"] == pytest.approx((4 + 2 + 2) / 3)
    protocol = report["protocol"]
    assert (protocol["split"], protocol["n_images"], protocol["n_queries"]) == ("val", 3, 5)
    assert (protocol["n_distinct_queries"], protocol["texts_per_image"]) == (4, pytest.approx(4 / 3))
    assert (protocol["queries"], protocol["oracle"], protocol["documents"]) == ("human", False, "teller")


def test_the_dense_branch_alone_needs_no_statistics_and_a_fusion_is_reported_to_use_them(word_encoder):
    task = human_task(IMAGES, TRUE)
    alone = evaluate_retrieval(task, word_encoder, DENSE, split="test").report
    both = evaluate_retrieval(task, word_encoder, BOTH, split="test").report
    assert (alone.fusion, alone.protocol.transductive) == (None, False)
    assert (both.fusion, both.protocol.transductive) == ("cdf", True)
    assert "bm25" in both.protocol.statistics


def test_queries_of_another_captioner_are_said_to_be_rich_text(word_encoder):
    queries = {name: rich(*text.texts(), model="other") for name, text in TRUE.items()}
    report = evaluate_retrieval(rich_text_task(IMAGES, TRUE, queries), word_encoder, DENSE, split="test").report
    assert (report.protocol.queries, report.protocol.query_source) == ("rich text", "other")
    assert report.protocol.n_queries == 4
    assert report.mR == 100.0
