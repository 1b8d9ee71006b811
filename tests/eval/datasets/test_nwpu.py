import json

import pytest

from eval.datasets.captioned import read_captioned
from trsllava.errors import CaptionFileError

FIVE = ("raw", "raw_1", "raw_2", "raw_3", "raw_4")


def entry(filename, split, *captions):
    return {"filename": filename, "imgid": 0, "split": split, **dict(zip(FIVE, captions, strict=False))}


@pytest.fixture
def written(tmp_path):
    def write(classes):
        path = tmp_path / "dataset_nwpu.json"
        path.write_text(json.dumps(classes))
        return path

    return write


def test_an_image_lies_in_the_folder_of_its_class_and_has_its_five_captions_in_order(written):
    path = written(
        {
            "airplane": [entry("airplane_001.jpg", "train", "p"), entry("airplane_002.jpg", "test", *"abcde")],
            "ground_track_field": [entry("ground_track_field_001.jpg", "test", "one", "two", "", "four", "five")],
        }
    )
    images = read_captioned(path, "test")
    assert [image.image for image in images] == [
        "airplane/airplane_002.jpg",
        "ground_track_field/ground_track_field_001.jpg",
    ]
    assert images[0].captions == ("a", "b", "c", "d", "e")
    assert images[1].captions == ("one", "two", "", "four", "five")
    assert [image.scene for image in images] == ["airplane", "ground_track_field"]


@pytest.mark.parametrize("key", ["filename", "split", "raw"])
def test_an_entry_without_a_key_is_named_with_class_and_place(written, key):
    broken = entry("b.jpg", "test", *"abcde")
    del broken[key]
    path = written({"airport": [entry("a.jpg", "test", "a"), broken]})
    with pytest.raises(CaptionFileError, match=rf"airport\[1\]: {key}"):
        read_captioned(path, "test")


def test_an_image_that_comes_twice_in_a_class_is_an_error(written):
    with pytest.raises(CaptionFileError, match=r"airport\[1\]: airport/a\.jpg .* airport\[0\]"):
        read_captioned(written({"airport": [entry("a.jpg", "test", "a"), entry("a.jpg", "test", "b")]}), "test")
