import json

import pytest

from eval.datasets.labelled import read_labelled
from eval.datasets.labels import LabelledImage
from trsllava.errors import CaptionFileError, InputError


@pytest.fixture
def written(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def hog(image, **others):
    row = {"image": image, "split": "test", "captions": [f"long words about {image}"], **others}
    return {"second_level": ["water"], "third_level": ["marina", "river"], **row}


def lines(*rows):
    return "".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows)


def test_a_table_has_a_column_of_zeros_and_ones_a_label(written):
    path = written("labels.csv", "image,split,water,harbor\np/a.jpg,test,1,1\nb.jpg,train,0,1\nc.jpg,test,0,0.0\n")
    assert read_labelled(path, "test") == [
        LabelledImage("p/a.jpg", frozenset({"water", "harbor"}), "test"),
        LabelledImage("c.jpg", frozenset(), "test"),
    ]


def test_a_table_without_splits_belongs_to_any(written):
    path = written("labels.tsv", "filename\twater\na.jpg\t1\n")
    assert read_labelled(path, "val") == [LabelledImage("a.jpg", frozenset({"water"}))]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("name,water\na.jpg,1\n", "no column `image`"),
        ("image,split\na.jpg,test\n", "no label column"),
        ("image,water\na.jpg,yes\n", "line 2, column water: 'yes' is neither 0 nor 1"),
        ("image,water\n,1\n", "line 2, column image"),
        ("image,water\na.jpg,1\n./a.jpg,0\n", r"line 3: \./a\.jpg .* line 2"),
    ],
)
def test_what_is_wrong_with_a_table_is_named_with_line_and_column(written, text, what):
    with pytest.raises(CaptionFileError, match=what):
        read_labelled(written("labels.csv", text), "test")


@pytest.mark.parametrize("name", ["luojiahog.jsonl", "luojiahog.json"])
def test_labels_of_two_levels_come_with_captions_as_lines_or_as_a_list(written, name):
    rows = [hog("a.jpg"), hog("b.jpg", split="train"), hog("c.jpg", third_level=[])]
    path = written(name, lines(*rows) if name.endswith("l") else json.dumps(rows))
    third = read_labelled(path, "test")
    assert third[0] == LabelledImage("a.jpg", frozenset({"marina", "river"}), "test", ("long words about a.jpg",))
    assert third[1].labels == frozenset()
    assert [image.labels for image in read_labelled(path, "test", "second")] == [frozenset({"water"})] * 2


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("{broken", "line 2"),
        ({"second_level": []}, "line 2: image"),
        ({"image": "b.jpg", "second_level": ["water"]}, "line 2: third_level"),
        (hog("b.jpg", third_level="marina"), "line 2: third_level"),
        (hog("b.jpg", third_level=[""]), "line 2: third_level"),
        (hog("a.jpg"), r"line 2: a\.jpg .* line 1"),
    ],
)
def test_an_object_without_what_is_needed_is_named_with_its_line_and_key(written, row, what):
    with pytest.raises(CaptionFileError, match=what):
        read_labelled(written("luojiahog.jsonl", lines(hog("a.jpg"), row)), "test")


def test_an_entry_of_a_list_is_named_with_its_place(written):
    with pytest.raises(CaptionFileError, match=r"\[1\]: captions"):
        read_labelled(written("luojiahog.json", json.dumps([hog("a.jpg"), hog("b.jpg", captions="x")])), "test")


def test_a_level_is_not_asked_of_a_table(written):
    with pytest.raises(InputError, match="`level`"):
        read_labelled(written("labels.csv", "image,water\na.jpg,1\n"), "test", "second")


def test_a_path_that_is_not_there_is_named_with_the_layouts_there_are(tmp_path):
    with pytest.raises(CaptionFileError, match="does not exist") as error:
        read_labelled(tmp_path / "labels.csv")
    for word in (str(tmp_path / "labels.csv"), "0 or 1", '"third_level"'):
        assert word in str(error.value)


def test_an_empty_split_is_an_error_that_names_those_there_are(written):
    with pytest.raises(InputError, match="it has: test"):
        read_labelled(written("luojiahog.jsonl", lines(hog("a.jpg"))), "val")
