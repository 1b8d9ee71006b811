import json

import pytest

from eval.datasets.captions import image_key, read_captions
from trsllava.errors import CaptionFileError, InputError


def write(path, *lines):
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
    return path


@pytest.fixture
def captions(tmp_path):
    return tmp_path / "captions.jsonl"


def test_images_of_a_split_come_in_the_order_of_the_file(captions):
    write(
        captions,
        {"image": "b.jpg", "split": "test", "scene": "port", "captions": ["a ship", "two ships"]},
        {"image": "c.jpg", "split": "train", "captions": ["a road"]},
        {"image": "a.jpg", "split": "test", "captions": ["a field"]},
    )
    images = read_captions(captions, "test")
    assert [image.image for image in images] == ["b.jpg", "a.jpg"]
    assert images[0].captions == ("a ship", "two ships")
    assert images[0].scene == "port"


def test_without_a_split_all_images_are_read(captions):
    write(captions, {"image": "b.jpg", "split": "test", "captions": ["x"]}, {"image": "c.jpg", "captions": ["y"]})
    assert len(read_captions(captions)) == 2


def test_images_of_a_file_that_is_not_split_belong_to_any_split(captions):
    write(captions, {"image": "b.jpg", "captions": ["x"]}, {"image": "c.jpg", "split": "val", "captions": ["y"]})
    assert [image.image for image in read_captions(captions, "test")] == ["b.jpg"]


def test_captions_are_kept_as_they_are_blank_ones_too(captions):
    write(captions, {"image": "b.jpg", "captions": ["a  ship .", ""]})
    assert read_captions(captions)[0].captions == ("a  ship .", "")


def test_a_caption_may_hold_a_line_separator(captions):
    write(captions, '{"image": "b.jpg", "captions": ["a ship\u2028at sea"]}')
    assert read_captions(captions)[0].captions == ("a ship\u2028at sea",)


def test_blank_lines_are_passed_over_and_still_counted(captions):
    write(captions, {"image": "b.jpg", "captions": ["a ship"]}, "", "{broken")
    with pytest.raises(CaptionFileError, match=r"captions\.jsonl, line 3"):
        read_captions(captions)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("{broken", "JSON"),
        ('["a list"]', "line 2"),
        ({"captions": ["a ship"]}, "image"),
        ({"image": "", "captions": ["a ship"]}, "image"),
        ({"image": "b.jpg"}, "captions"),
        ({"image": "b.jpg", "captions": []}, "captions"),
        ({"image": "b.jpg", "captions": "a ship"}, "captions"),
        ({"image": "b.jpg", "captions": [1]}, "captions.0"),
    ],
)
def test_a_malformed_line_is_named_with_its_number(captions, line, what):
    write(captions, {"image": "a.jpg", "captions": ["a ship"]}, line)
    with pytest.raises(CaptionFileError, match=what) as error:
        read_captions(captions)
    assert "captions.jsonl, line 2" in str(error.value)


def test_an_image_that_comes_twice_is_an_error_that_names_both_lines(captions):
    write(captions, {"image": "x/a.jpg", "captions": ["a"]}, {"image": "x//a.jpg", "captions": ["b"]})
    with pytest.raises(CaptionFileError, match=r"line 2: .* line 1"):
        read_captions(captions)


def test_images_of_the_same_name_in_two_folders_are_two_images(captions):
    write(captions, {"image": "x/a.jpg", "captions": ["a"]}, {"image": "y/a.jpg", "captions": ["b"]})
    assert len(read_captions(captions)) == 2


def test_an_empty_split_is_an_error_that_names_the_splits_there_are(captions):
    write(captions, {"image": "a.jpg", "split": "val", "captions": ["a"]})
    with pytest.raises(InputError, match="it has: val"):
        read_captions(captions, "test")


def test_a_file_that_is_not_there_or_no_text_is_an_error(tmp_path):
    with pytest.raises(CaptionFileError, match="cannot be read"):
        read_captions(tmp_path / "nowhere.jsonl")
    (tmp_path / "image.jpg").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(CaptionFileError, match="UTF-8"):
        read_captions(tmp_path / "image.jpg")


def test_spellings_of_a_path_have_one_key_and_other_folders_another():
    assert image_key("./a//b.jpg") == image_key("a\\b.jpg") == "a/b.jpg"
    assert image_key("x/b.jpg") != image_key("b.jpg")
