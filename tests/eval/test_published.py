"""Figures of others."""

import pytest

from eval.metrics.mean_recall import mean_recall
from eval.published import published_figures, published_set

RSICD = ("test", 1093, 5465, "human")
RSITMD = ("test", 452, 2260, "human")


@pytest.mark.parametrize("named", [RSICD, RSITMD])
@pytest.mark.parametrize("queries", ["human", "rich text", "dialogue"])
def test_recalls_average_to_the_mean_recall_that_is_published(named, queries):
    for figure, recalls in published_figures(published_set(*named), queries):
        if recalls.t2i:
            assert mean_recall(recalls.t2i, recalls.i2t) == pytest.approx(recalls.mR, abs=0.011), figure.system


def test_kinds_of_queries_are_apart():
    rsicd = published_set(*RSICD)
    kinds = {kind: {row.system for row, _ in published_figures(rsicd, kind)} for kind in ("human", "rich text")}
    assert kinds["rich text"] == {"TRSLLaVA, five GPT-4.1 variants"}
    assert kinds["human"].isdisjoint(kinds["rich text"])
    assert all(row.oracle for row, _ in published_figures(rsicd, "dialogue"))


def test_figures_are_those_of_the_literature():
    means = {row.system: found.mR for row, found in published_figures(published_set(*RSITMD), "human")}
    assert means["CLIP, zero-shot"] == 24.19
    assert means["RemoteCLIP, ViT-L/14"] == 50.52
    assert list(means.values()) == sorted(means.values())


def test_a_run_of_another_size_is_on_no_published_set():
    assert published_set("test", 1000, 5000, "human") is None
    assert published_set("val", 1093, 5465, "human") is None
    assert published_set("test", 1093, 1093, "human") is None


def test_of_rich_texts_an_image_may_have_any_number():
    for texts in (1093, 5465):
        assert published_set("test", 1093, texts, "rich text").name == "RSICD"
