import json

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import trsllava
from eval.bank import BANK_IMAGES, BANK_SEED
from eval.run import read_run
from tests.training.tiny_clip import save_tiny_clip
from trsllava.cli.app import app
from trsllava.errors import CaptionFileError, InputError, UnknownCollectionError

WORDS = {"port/a.png": "a grey ship at a quay", "land/a.png": "a green field", "land/b.png": "a wide road with cars"}


def lines(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


@pytest.fixture
def captions(tmp_path):
    rows = [
        {"image": image, "split": "test", "captions": [text, f"{text} seen from above"]}
        for image, text in WORDS.items()
    ]
    return lines(tmp_path / "human.jsonl", rows)


@pytest.fixture
def rich(tmp_path):
    return lines(tmp_path / "rich.jsonl", [{"image": i, "captions": [t], "model": "teller"} for i, t in WORDS.items()])


@pytest.fixture
def images(tmp_path):
    rng = np.random.default_rng(0)
    for image in WORDS:
        path = tmp_path / "images" / image
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (16, 16, 3), np.uint8)).save(path)
    return tmp_path / "images"


def run(*arguments):
    """Standard output of `trsllava eval retrieval`; raises what the command raises."""
    result = CliRunner().invoke(app, ["eval", "retrieval", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_json_is_all_that_is_printed_and_has_figures_and_protocol(captions, rich):
    report = json.loads(run("--captions", captions, "--rich", rich, "--branches", "dense", "--json"))
    assert report["t2i"]["R@1"] == report["i2t"]["R@1"] == report["mR"] == 100.0
    assert report["encoder"] == "sentence-transformers/all-MiniLM-L6-v2"
    assert report["protocol"]["documents"] == "teller"
    assert report["protocol"]["n_queries"] == 6


def test_the_table_names_the_figures_and_how_they_were_made(captions, rich):
    out = run("--captions", captions, "--rich", rich, "--trained-on", "nothing of this set")
    for word in ("T2I R@1", "I2T R@10", "mR", "100.00", "oracle", "nothing of this set"):
        assert word in out


def test_fusion_and_weights_are_taken_and_reported(captions, rich):
    options = ("--branches", "bm25,dense", "--fusion", "rrf", "--weights", "dense=2,bm25=0.5", "--json")
    report = json.loads(run("--captions", captions, "--rich", rich, *options))
    assert report["branches"] == ["bm25", "dense"]
    assert report["fusion"] == "rrf"
    assert report["weights"] == {"bm25": 0.5, "dense": 2.0}


def test_the_open_collection_serves_as_documents(captions, rich, images):
    with trsllava.open() as archive:
        archive.index(images, captions=rich)
    inside = json.loads(run("--captions", captions, "--json"))
    assert inside["mR"] == 100.0
    assert inside["protocol"]["documents"] == "teller"


def test_paths_of_the_collection_can_be_taken_relative_to_another_folder(tmp_path, rich, images):
    with trsllava.open() as archive:
        archive.index(images, captions=rich)
    above = lines(tmp_path / "above.jsonl", [{"image": f"images/{i}", "captions": [t]} for i, t in WORDS.items()])
    report = json.loads(run("--captions", above, "--images", tmp_path, "--json"))
    assert report["mR"] == 100.0


def test_rich_texts_of_another_captioner_can_ask(tmp_path, captions, rich):
    told = WORDS | {"port/a.png": "a vessel"}
    other = lines(tmp_path / "other.jsonl", [{"image": i, "captions": [t], "model": "other"} for i, t in told.items()])
    report = json.loads(run("--captions", captions, "--rich", rich, "--queries", other, "--json"))
    assert report["protocol"]["queries"] == "rich text"
    assert report["protocol"]["n_queries"] == 3
    assert report["protocol"]["queries_in_documents"] == pytest.approx(2 / 3)


def test_documents_that_ask_for_themselves_are_refused(captions, rich):
    with pytest.raises(InputError, match="`queries`"):
        run("--captions", captions, "--rich", rich, "--queries", rich, "--branches", "dense")


def test_the_proxy_needs_human_captions_alone(captions):
    report = json.loads(run("--captions", captions, "--proxy", "--split", "test", "--json"))
    assert report["t2i"]["R@1"] == 100.0
    assert report["protocol"]["n_queries"] == 3


def test_without_rich_texts_and_without_a_collection_the_way_out_is_named(captions):
    with pytest.raises(UnknownCollectionError, match="trsllava index"):
        run("--captions", captions)


def test_a_malformed_line_of_rich_texts_is_named(captions, rich):
    with open(rich, "a") as file:
        file.write("{broken\n")
    with pytest.raises(CaptionFileError, match=r"rich\.jsonl, line 4"):
        run("--captions", captions, "--rich", rich)


def test_images_that_are_not_in_the_folder_are_counted(captions, rich, images):
    (images / "port" / "a.png").unlink()
    with pytest.raises(InputError, match=r"1 of 3 images .* port/a\.png"):
        run("--captions", captions, "--rich", rich, "--images", images)


def test_the_proxy_takes_no_rich_texts(captions, rich):
    with pytest.raises(InputError, match="--proxy"):
        run("--captions", captions, "--rich", rich, "--proxy")


def coloured(tmp_path):
    """Pictures of one colour each, with captions that name it, and an image-text encoder of random weights."""
    save_tiny_clip(tmp_path / "clip")
    rows = []
    for number, name in enumerate(("red", "green", "blue", "white", "black")):
        Image.new("RGB", (8, 8), name).save(tmp_path / f"{name}.png")
        split = "train" if number > 2 else "test"
        rows.append({"image": f"{name}.png", "split": split, "captions": [f"a {name} field", f"{name} land"]})
    return lines(tmp_path / "coloured.jsonl", rows), ("--images", tmp_path, "--image-encoder", tmp_path / "clip")


def test_pictures_alone_need_captions_and_pictures_only(tmp_path):
    captions, seeing = coloured(tmp_path)
    report = json.loads(run("--captions", captions, *seeing, "--branches", "image", "--json"))
    assert (report["encoder"], report["branches"]) == (None, ["image"])
    assert report["image_encoder"].endswith("clip")
    assert report["protocol"]["n_images"] == 3
    assert "pictures alone" in run("--captions", captions, *seeing, "--branches", "image")


def test_words_and_pictures_against_hubs_in_one_command(tmp_path):
    captions, seeing = coloured(tmp_path)
    rich = lines(tmp_path / "told.jsonl", [{"image": f"{c}.png", "captions": [c]} for c in ("red", "green", "blue")])
    asked = ("--captions", captions, *seeing, "--rich", rich, "--branches", "dense,image", "--weights", "image=0.5")
    against = ("--rescore", "inverted-softmax:0.1", "--bank", f"{captions}:train", "--json")
    report = json.loads(run(*asked, *against))
    assert report["weights"] == {"dense": 1.0, "image": 0.5}
    assert report["rescoring"] == "inverted-softmax:0.1"
    assert report["protocol"]["bank"] == "coloured.jsonl:train: 4 texts, 2 images"
    assert report["protocol"]["transductive"] is False
    assert json.loads(run(*asked, "--rescore", "resort:2", "--json"))["protocol"]["transductive"] is True


def test_vectors_of_the_collection_are_used_and_no_picture_is_looked_at_again(captions, rich, images, tmp_path):
    save_tiny_clip(tmp_path / "clip")
    with trsllava.open(image_encoder=str(tmp_path / "clip")) as archive:
        archive.index(images, captions=rich)
    looked = json.loads(run("--captions", captions, "--rich", rich, "--images", images, "--branches", "image",
                            "--image-encoder", tmp_path / "clip", "--json"))  # fmt: skip
    for image in WORDS:
        (images / image).unlink()
    known = json.loads(run("--captions", captions, "--branches", "image", "--json"))
    assert (known["t2i"], known["i2t"]) == (looked["t2i"], looked["i2t"])


def test_pictures_that_are_nowhere_are_an_error_that_names_the_flag(captions, rich):
    with pytest.raises(InputError, match=r"3 of 3 images .*`images`"):
        run("--captions", captions, "--branches", "image")


def test_a_rescoring_without_its_bank_and_a_bank_without_a_rescoring_are_errors(captions, rich):
    asked = ("--captions", captions, "--rich", rich, "--branches", "dense")
    with pytest.raises(InputError, match=r"^inverted-softmax:0\.05 recognises hubs .*`bank`"):
        run(*asked, "--rescore", "inverted-softmax")
    with pytest.raises(InputError, match="for a `rescoring` that"):
        run(*asked, "--bank", captions)
    with pytest.raises(CaptionFileError, match="nowhere"):
        run(*asked, "--rescore", "csls", "--bank", "nowhere.jsonl:train")


def test_a_bank_that_holds_what_is_measured_is_refused_also_where_the_file_is_not_split(tmp_path, captions, rich):
    asked = ("--captions", captions, "--rich", rich, "--branches", "dense", "--rescore", "csls")
    unsplit = lines(tmp_path / "unsplit.jsonl", [{"image": i, "captions": [t]} for i, t in WORDS.items()])
    for bank in (f"{captions}:test", captions, f"{unsplit}:train"):
        with pytest.raises(InputError, match="3 of 3 images of the bank"):
            run(*asked, "--bank", bank)


def test_the_seed_of_a_bank_is_recorded_where_something_was_drawn(tmp_path, captions, rich):
    others = lines(tmp_path / "others.jsonl", [{"image": f"{n}.png", "captions": [f"place {n}"]} for n in range(4)])
    asked = ("--captions", captions, "--rich", rich, "--branches", "dense", "--rescore", "csls", "--bank", others)
    for size, seeds in (("3", {"bank": BANK_SEED}), ("4", {})):
        run(*asked, "--bank-size", size, "--output", tmp_path / "run.json")
        assert read_run(tmp_path / "run.json").seeds == seeds


def test_the_help_names_the_size_of_a_bank():
    assert f"[default: {BANK_IMAGES}]" in " ".join(run("--help").replace("│", " ").split())


def test_no_image_encoder_is_no_image_branch(captions, images):
    with pytest.raises(InputError, match="`image_encoder`"):
        run("--captions", captions, "--images", images, "--branches", "image", "--image-encoder", "none")
