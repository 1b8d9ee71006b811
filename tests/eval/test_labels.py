import json

import numpy as np
import pytest

from eval.datasets.captions import CaptionedImage
from eval.datasets.labels import LabelledImage
from eval.labels import FIGURES, evaluate_labels, label_task
from eval.retrieval import Scoring, evaluate_retrieval
from trsllava.errors import InputError
from trsllava.records import RichCaption, RichText

DENSE = Scoring(("dense",), "cdf", {})


def rich(*captions):
    return RichText(variants=tuple(RichCaption(caption=caption) for caption in captions), model="teller")


LABELLED = [
    LabelledImage("a.jpg", frozenset({"water", "harbor"}), captions=("grey ship", "long quay")),
    LabelledImage("b.jpg", frozenset({"water"}), captions=("wide river",)),
    LabelledImage("c.jpg", frozenset({"trees"}), captions=("green park",)),
    LabelledImage("d.jpg", frozenset(), captions=("bare sand",)),
]
TRUE = {
    "a.jpg": rich("grey ship long quay"),
    "b.jpg": rich("wide river"),
    "c.jpg": rich("green park"),
    "d.jpg": rich("bare sand"),
}
SAME = dict.fromkeys(TRUE, rich("a place"))


def measured(task, encoder, ns=(1, 4)):
    return evaluate_labels(task, evaluate_retrieval(task.retrieval, encoder, DENSE, split="test"), ns)


def test_every_caption_asks_and_images_share_labels():
    task = label_task(LABELLED, TRUE)
    assert task.retrieval.queries == ("grey ship", "long quay", "wide river", "green park", "bare sand")
    assert task.retrieval.owner.tolist() == [0, 0, 1, 2, 3]
    np.testing.assert_array_equal(
        task.labels @ task.labels.T, [[2, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]
    )


def test_captions_of_another_file_ask_in_place_of_those_with_the_labels():
    captioned = [CaptionedImage(image=f"./{image.image}", captions=("what is it", "")) for image in LABELLED]
    assert label_task(LABELLED, TRUE, captioned).retrieval.queries == ("what is it", "") * 4


def test_labelled_images_without_a_caption_are_counted():
    captioned = [CaptionedImage(image="a.jpg", captions=("x",))]
    with pytest.raises(InputError, match=r"3 of 4 labelled images .* 'b\.jpg'.*`captions`"):
        label_task(LABELLED, TRUE, captioned)


def test_documents_that_say_what_was_asked_put_the_own_image_first(word_encoder):
    report = measured(label_task(LABELLED, TRUE), word_encoder)
    assert list(report.t2i) == list(report.i2t) == list(FIGURES) == ["MAP", "WMAP", "NDCG", "ACG"]
    # Texts: two share 2 labels with their image, two share 1, one shares none and finds nothing.
    assert {name: by_n[1] for name, by_n in report.t2i.items()} == pytest.approx(
        {"MAP": 4 / 5, "WMAP": 6 / 5, "NDCG": 4 / 5, "ACG": 6 / 5}
    )
    # Images: a shares 2 labels with its own text, b and c 1 each, d none.
    assert {name: by_n[1] for name, by_n in report.i2t.items()} == pytest.approx(
        {"MAP": 3 / 4, "WMAP": 4 / 4, "NDCG": 3 / 4, "ACG": 4 / 4}
    )


def test_documents_that_are_all_the_same_give_what_chance_gives(word_encoder):
    report = measured(label_task(LABELLED, SAME), word_encoder)
    # The mean number of labels that a text shares with an image: (3 + 3 + 2 + 1 + 0) / 4 each, over five texts.
    assert report.t2i["ACG"] == pytest.approx({1: 9 / 4 / 5, 4: 9 / 4 / 5})
    # The share of relevant images, 2, 2, 2, 1 and 0 of four.
    assert report.t2i["MAP"][1] == pytest.approx(7 / 4 / 5)


def test_the_report_says_what_labels_there_are_and_how_scores_were_made(word_encoder):
    report = json.loads(measured(label_task(LABELLED, TRUE), word_encoder).model_dump_json())
    assert (report["n_labels"], report["labels_per_image"], report["n_unlabelled"]) == (3, 1.0, 1)
    assert report["t2i"]["ACG"].keys() == {"1", "4"}
    assert report["retrieval"]["encoder"] == "words"
    assert report["retrieval"]["t2i"]["R@1"] == 100.0
