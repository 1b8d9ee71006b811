import json

import pytest

from eval.datasets.captioned import read_captioned
from eval.datasets.captions import CaptionedImage
from trsllava.errors import CaptionFileError

A, B = ("a ship", "a quay", "a crane", "two ships", "a port"), ("a road", "cars", "a bridge", "a car", "lanes")
IMAGES = {"port/a.jpg": A, "port/b.jpg": B}


def jsonl(home):
    path = home / "captions.jsonl"
    path.write_text(
        "".join(json.dumps({"image": i, "split": "test", "captions": c}) + "\n" for i, c in IMAGES.items())
    )
    return path


def karpathy(home):
    entries = [{"filename": i, "split": "test", "sentences": [{"raw": c} for c in t]} for i, t in IMAGES.items()]
    path = home / "dataset_ucm.json"
    path.write_text(json.dumps({"images": entries}))
    return path


def nwpu(home):
    keys = ("raw", "raw_1", "raw_2", "raw_3", "raw_4")
    entries = [
        {"filename": i.removeprefix("port/"), "split": "test", **dict(zip(keys, t, strict=True))}
        for i, t in IMAGES.items()
    ]
    path = home / "dataset_nwpu.json"
    path.write_text(json.dumps({"port": entries}))
    return path


def precomp(home):
    (home / "test_caps.txt").write_text("\n".join([*A, *B]))
    (home / "test_filename.txt").write_text("\n".join(IMAGES))
    return home


def table(home):
    path = home / "captions.csv"
    rows = [",".join([image, "test", *told]) for image, told in IMAGES.items()]
    path.write_text("\n".join(["image,split,caption_1,caption_2,caption_3,caption_4,caption_5", *rows]))
    return path


@pytest.mark.parametrize("layout", [jsonl, karpathy, nwpu, precomp, table])
def test_the_same_captions_are_read_from_every_layout(tmp_path, layout):
    expected = [CaptionedImage(image=image, split="test", captions=told) for image, told in IMAGES.items()]
    read = read_captioned(layout(tmp_path), "test")
    assert [image.model_copy(update={"scene": ""}) for image in read] == expected


def test_a_path_that_is_not_there_is_named_with_the_layouts_there_are(tmp_path):
    with pytest.raises(CaptionFileError, match="does not exist") as error:
        read_captioned(tmp_path / "nowhere.json", "test")
    for word in (str(tmp_path / "nowhere.json"), '"captions"', '"sentences"', '"raw_4"', "caption_1", "test_caps.txt"):
        assert word in str(error.value)


@pytest.mark.parametrize("text", ["[]", '"x"', '{"images": 5}'])
def test_json_of_another_layout_is_told_both(tmp_path, text):
    path = tmp_path / "set.json"
    path.write_text(text)
    with pytest.raises(CaptionFileError, match=r'"sentences".*"raw_4"'):
        read_captioned(path)


def test_json_that_is_broken_is_an_error_with_its_place(tmp_path):
    path = tmp_path / "set.json"
    path.write_text('{"image": "a.jpg", "captions": ["x"]}\n{"image": "b.jpg", "captions": ["y"]}\n')
    with pytest.raises(CaptionFileError, match=r"line 2, column 1.*\.jsonl"):
        read_captioned(path)
