import json

import pytest

from eval.datasets.captioned import read_captioned
from trsllava.errors import CaptionFileError, InputError


def entry(filename, split, *captions, **others):
    sentences = [{"tokens": c.split(), "raw": c, "imgid": 0, "sentid": 0} for c in captions]
    return {"filename": filename, "imgid": 0, "sentids": [0], "split": split, "sentences": sentences, **others}


@pytest.fixture
def written(tmp_path):
    def write(*entries):
        path = tmp_path / "dataset_rsicd.json"
        path.write_text(json.dumps({"images": list(entries), "dataset": "rsicd"}))
        return path

    return write


def test_images_of_a_split_come_in_the_order_of_the_file_with_their_raw_sentences(written):
    path = written(
        entry("airport_2.jpg", "test", "many planes .", "two  terminals ."),
        entry("airport_1.jpg", "train", "a runway"),
        entry("port_1.jpg", "test", "a quay"),
    )
    images = read_captioned(path, "test")
    assert [image.image for image in images] == ["airport_2.jpg", "port_1.jpg"]
    assert images[0].captions == ("many planes .", "two  terminals .")
    assert len(read_captioned(path)) == 3


def test_blank_sentences_count(written):
    assert read_captioned(written(entry("1.tif", "test", "a ship", "")))[0].captions == ("a ship", "")


def test_a_file_lies_within_its_filepath(written):
    path = written(entry("1.jpg", "val", "a dog", filepath="val2014"), entry("1.jpg", "val", "a cat", filepath="b"))
    assert [image.image for image in read_captioned(path, "val")] == ["val2014/1.jpg", "b/1.jpg"]


def test_the_rest_of_the_validation_images_trains(written):
    path = written(
        entry("1.jpg", "restval", "a dog"), entry("2.jpg", "train", "a cat"), entry("3.jpg", "val", "a cow")
    )
    assert [image.image for image in read_captioned(path, "train")] == ["1.jpg", "2.jpg"]


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        ({"split": "test", "sentences": [{"raw": "x"}]}, "filename"),
        ({"filename": "", "split": "test", "sentences": [{"raw": "x"}]}, "filename"),
        ({"filename": "b.jpg", "split": "test"}, "sentences"),
        ({"filename": "b.jpg", "split": "test", "sentences": []}, "sentences"),
        ({"filename": "b.jpg", "split": "test", "sentences": [{"raw": "x"}, {"tokens": []}]}, r"sentences\.1\.raw"),
        ("b.jpg", "a table of names and values"),
    ],
)
def test_an_entry_without_a_key_is_named_with_its_place(written, broken, what):
    path = written(entry("a.jpg", "test", "a ship"), broken)
    with pytest.raises(CaptionFileError, match=what) as error:
        read_captioned(path, "test")
    assert f"{path}, images[1]" in str(error.value)
    assert '"sentences"' in str(error.value)


def test_an_image_that_comes_twice_is_named_with_both_places(written):
    with pytest.raises(CaptionFileError, match=r"images\[2\]: a\.jpg .* images\[0\]"):
        read_captioned(written(entry("a.jpg", "test", "x"), entry("b.jpg", "test", "x"), entry("a.jpg", "test", "y")))


def test_a_split_that_is_not_there_is_an_error_that_names_those_that_are(written):
    with pytest.raises(InputError, match="it has: test, train"):
        read_captioned(written(entry("a.jpg", "test", "x"), entry("b.jpg", "restval", "y")), "val")
