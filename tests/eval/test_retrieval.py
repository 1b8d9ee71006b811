import json

import numpy as np
import pytest

from eval.bank import caption_bank, draw_bank, read_bank
from eval.datasets.captions import CaptionedImage
from eval.pictures import Pictures
from eval.rescoring import Csls, InvertedSoftmax, Resort
from eval.retrieval import Scoring, evaluate_retrieval, fused
from eval.task import human_task, picture_task, rich_text_task
from tests.standin.encoders import ColourEncoder
from trsllava.errors import InputError
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
    queries["c.jpg"] = rich("road", model="other")
    report = evaluate_retrieval(rich_text_task(IMAGES, TRUE, queries), word_encoder, DENSE, split="test").report
    assert (report.protocol.queries, report.protocol.query_source) == ("rich text", "other")
    assert report.protocol.n_queries == 4
    assert report.protocol.queries_in_documents == 0.75
    assert report.mR == 100.0


COLOURS = [
    CaptionedImage(image="r.png", captions=("a red roof", "red")),
    CaptionedImage(image="g.png", captions=("a green field",)),
    CaptionedImage(image="b.png", captions=("a blue lake",)),
]
COLOUR = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}
IMAGE = Scoring(("image",), "zscore", {})


def painted(*names):
    encoder = ColourEncoder()
    return Pictures(encoder, encoder.encode_images([np.full((2, 2, 3), COLOUR[name], np.uint8) for name in names]))


def test_pictures_alone_need_no_documents_and_say_so():
    report = evaluate_retrieval(
        picture_task(COLOURS), None, IMAGE, split="test", pictures=painted("red", "green", "blue")
    ).report
    assert report.mR == 100.0
    assert (report.encoder, report.image_encoder, report.bm25_average_length) == (None, "colours", None)
    assert report.protocol.documents == "none: pictures alone"
    assert report.protocol.captioner_trained_on == "no captioner"
    assert report.protocol.image_encoder_trained_on == "not stated"
    assert report.protocol.transductive is False


def test_words_and_pictures_are_fused_like_any_branches(word_encoder):
    documents = {image.image: rich("a place") for image in COLOURS}
    task, pictures = human_task(COLOURS, documents), painted("red", "green", "blue")
    scoring = Scoring(("dense", "image"), "zscore", {"image": 0.5})
    report = evaluate_retrieval(task, word_encoder, scoring, split="test", pictures=pictures).report
    assert report.t2i["R@1"] == 100.0
    assert report.weights == {"dense": 1.0, "image": 0.5}
    assert (report.encoder, report.image_encoder, report.fusion) == ("words", "colours", "zscore")


def test_a_picture_near_every_text_wins_no_longer_once_a_bank_knows_it():
    # All texts lie near the white picture: it shows all colours. Dark ones show their own and are farther away.
    dark = Pictures(ColourEncoder(), np.array([[0.5, 0, 0, 0.8], [0, 0.5, 0, 0.8], [0.6, 0.6, 0.6, 0.1]], np.float32))
    task = picture_task([COLOURS[0], COLOURS[1], CaptionedImage(image="w.png", captions=("red green blue",))])
    bank = caption_bank(COLOURS, painted("red", "green", "blue"), "others")
    before = evaluate_retrieval(task, None, IMAGE, split="test", pictures=dark).report
    scoring = Scoring(("image",), "zscore", {}, InvertedSoftmax(0.1))
    after = evaluate_retrieval(task, None, scoring, split="test", pictures=dark, bank=bank).report
    assert (before.t2i["R@1"], after.t2i["R@1"]) == (25.0, 100.0)
    assert after.rescoring == "inverted-softmax:0.1"
    assert after.protocol.bank == "others: 4 texts, 3 images"
    assert after.protocol.transductive is False


def test_without_its_bank_a_rescoring_says_what_it_lacks():
    scoring = Scoring(("image",), "zscore", {}, InvertedSoftmax())
    with pytest.raises(InputError, match="`bank`"):
        evaluate_retrieval(picture_task(COLOURS), None, scoring, split="t", pictures=painted("red", "green", "blue"))


def test_resorting_needs_no_bank_and_is_transductive(word_encoder):
    scoring = Scoring(("dense",), "zscore", {}, Resort(2))
    report = evaluate_retrieval(human_task(IMAGES, TRUE), word_encoder, scoring, split="test").report
    assert report.mR == 100.0
    assert (report.protocol.transductive, report.protocol.bank) == (True, "none")


@pytest.fixture
def captioned(tmp_path):
    path = tmp_path / "captions.jsonl"
    rows = [{"image": f"{n}.png", "split": "train" if n % 2 else "test", "captions": [str(n)]} for n in range(20)]
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def test_a_bank_is_a_seeded_draw_of_a_split(captioned):
    there = read_bank(f"{captioned}:train", measured=())
    drawn = draw_bank(there, size=4)
    assert drawn == draw_bank(there, size=4) != draw_bank(there, size=4, seed=1)
    assert [image.split for image in drawn] == ["train"] * 4
    assert draw_bank(there, size=10) == there
    assert len(read_bank(str(captioned), measured=())) == 20
    with pytest.raises(InputError, match="val"):
        read_bank(f"{captioned}:val", measured=())


def test_a_bank_holds_no_image_that_is_measured(captioned):
    measured = [CaptionedImage(image="./4.png", captions=("however it is asked for",))]
    assert len(read_bank(f"{captioned}:train", measured)) == 10
    for name in (f"{captioned}:test", str(captioned)):
        with pytest.raises(InputError, match=r"1 of .*0 images of the bank .* also measured.* 4\.png"):
            read_bank(name, measured)


@pytest.mark.parametrize("rescoring", [InvertedSoftmax(), Csls()], ids=str)
def test_a_rescoring_of_cosines_is_refused_where_there_are_none(rescoring):
    with pytest.raises(InputError, match="bm25 has none"):
        Scoring(("bm25",), "zscore", {}, rescoring)
    assert Scoring(("bm25",), "zscore", {}, Resort(2)).rescoring == Resort(2)


def test_a_bank_is_read_in_any_layout_of_captions(tmp_path):
    entries = [{"filename": f"{n}.png", "split": "train", "sentences": [{"raw": str(n)}]} for n in range(3)]
    path = tmp_path / "dataset.json"
    path.write_text(json.dumps({"images": entries}))
    assert [image.image for image in read_bank(f"{path}:train", measured=())] == ["0.png", "1.png", "2.png"]


def test_a_bank_has_distinct_texts_and_a_document_of_each_image():
    images = [CaptionedImage(image="a", captions=("", "a ship", "a ship")), CaptionedImage(image="b", captions=("x",))]
    bank = caption_bank(images, None, "here")
    assert bank.texts == ("a ship", "x")
    assert [document.texts() for document in bank.images.documents] == [["a ship"], ["x"]]
    with pytest.raises(InputError, match="blank"):
        caption_bank([CaptionedImage(image="a", captions=("",))], None, "here")


def test_what_the_shipped_captioner_learnt_from_is_told_unless_something_else_is_stated(word_encoder):
    by_nano = {image: document.model_copy(update={"model": "nano-0123abcd"}) for image, document in TRUE.items()}
    task = human_task(IMAGES, by_nano)
    told = evaluate_retrieval(task, word_encoder, DENSE, split="test").report.protocol
    stated = evaluate_retrieval(task, word_encoder, DENSE, split="test", captioner_trained_on="ours").report.protocol
    assert "RSICD" in told.captioner_trained_on
    assert stated.captioner_trained_on == "ours"
