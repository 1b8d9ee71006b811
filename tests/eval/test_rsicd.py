"""Figures on real data, which may not be published: TRSLLAVA_RSICD names the folder that holds it."""

import os
from pathlib import Path

import pytest

from eval.datasets.captions import read_captions
from eval.pictures import Pictures, picture_vectors
from eval.proxy import proxy_task
from eval.retrieval import Scoring, evaluate_retrieval
from eval.task import human_task, picture_task
from trsllava.captioners.imported import read_rich_texts
from trsllava.encoders.image_text import load_image_text_encoder
from trsllava.encoders.text import CALIBRATED, load_text_encoder
from trsllava.encoders.weights import DEFAULT_MODEL

FOLDER = os.environ.get("TRSLLAVA_RSICD")
DENSE = Scoring(("dense",), "cdf", {})

pytestmark = pytest.mark.skipif(not FOLDER, reason="TRSLLAVA_RSICD does not name the folder with RSICD")


@pytest.fixture(scope="module")
def asked():
    return read_captions(Path(FOLDER) / "captions.jsonl", "test")


@pytest.fixture(scope="module")
def pictures(asked):
    encoder = load_image_text_encoder("nano")
    return Pictures(encoder, picture_vectors(encoder, Path(FOLDER) / "images", [image.image for image in asked]))


def values(recalls):
    return [recalls["R@1"], recalls["R@5"], recalls["R@10"]]


def test_one_earthdial_caption_an_image_gives_the_measured_figures_on_test():
    images = read_captions(Path(FOLDER) / "captions.jsonl", "test")
    documents = read_rich_texts(Path(FOLDER) / "earthdial_captions.jsonl")
    report = evaluate_retrieval(human_task(images, documents), load_text_encoder(), DENSE, split="test").report
    assert values(report.t2i) == pytest.approx([6.76, 20.55, 33.35], abs=0.1)
    assert values(report.i2t) == pytest.approx([9.77, 26.97, 38.35], abs=0.1)
    assert report.mR == pytest.approx(22.62, abs=0.1)
    assert report.bounds.optimistic.mR == pytest.approx(28.18, abs=0.1)
    assert report.bounds.pessimistic.mR == pytest.approx(19.84, abs=0.1)
    assert (report.protocol.n_images, report.protocol.n_queries) == (1093, 5465)


def test_the_validation_proxy_gives_the_measured_figures():
    task = proxy_task(read_captions(Path(FOLDER) / "captions.jsonl", "val"))
    report = evaluate_retrieval(task, load_text_encoder(), DENSE, split="val").report
    assert (report.protocol.n_images, report.protocol.n_queries) == (772, 2476)
    assert values(report.t2i) == pytest.approx([5.53, 17.18, 27.99], abs=0.1)


def test_nanos_embedding_alone_gives_the_measured_figures_on_test(asked, pictures):
    scoring = Scoring(("image",), "zscore", {})
    report = evaluate_retrieval(picture_task(asked), None, scoring, split="test", pictures=pictures).report
    assert values(report.t2i) == pytest.approx([6.88, 27.28, 42.18], abs=0.1)
    assert values(report.i2t) == pytest.approx([10.43, 29.37, 42.68], abs=0.1)
    assert report.mR == pytest.approx(26.47, abs=0.05)
    assert report.protocol.image_encoder_trained_on.startswith("RSICD's training split")


@pytest.mark.parametrize(("calibrated", "alone", "hybrid"), [("", 22.63, 28.23), (CALIBRATED, 24.95, 28.42)])
def test_captions_and_pictures_give_the_measured_figures_on_test(asked, pictures, calibrated, alone, hybrid):
    task = human_task(asked, read_rich_texts(Path(FOLDER) / "earthdial_captions.jsonl"))
    encoder = load_text_encoder(DEFAULT_MODEL + calibrated)
    both = Scoring(("dense", "image"), "zscore", {"image": 1.5})
    dense = evaluate_retrieval(task, encoder, DENSE, split="test").report
    fused = evaluate_retrieval(task, encoder, both, split="test", pictures=pictures).report
    assert (dense.mR, fused.mR) == (pytest.approx(alone, abs=0.05), pytest.approx(hybrid, abs=0.05))
    assert ("RSICD" in fused.protocol.encoder_trained_on) == bool(calibrated)
    assert fused.protocol.transductive is False
