"""Where a figure comes from."""

import hashlib
import re

import pytest

from eval.provenance import commit, data_documents, data_file, data_folder, versions
from trsllava.errors import ImageError
from trsllava.records import RichCaption, RichText


def test_a_file_is_known_by_its_content(tmp_path):
    (tmp_path / "a.jsonl").write_text("text")
    assert data_file("captions", tmp_path / "a.jsonl").sha256 == hashlib.sha256(b"text").hexdigest()


def test_a_folder_is_known_by_the_content_of_the_files_that_count(tmp_path):
    for name in ("b.png", "a.png", "other.png"):
        (tmp_path / name).write_text(name)
    before = data_folder("images", tmp_path, ["b.png", "a.png"])
    (tmp_path / "other.png").write_text("changed")
    assert data_folder("images", tmp_path, ["a.png", "b.png"]) == before
    (tmp_path / "a.png").write_text("changed")
    assert data_folder("images", tmp_path, ["a.png", "b.png"]).sha256 != before.sha256
    assert before.files == 2


def test_a_data_set_that_is_a_folder_is_known_by_all_of_its_files(tmp_path):
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "a.txt").write_text("a")
    before = data_file("captions", tmp_path)
    (tmp_path / "part" / "b.txt").write_text("b")
    assert data_file("captions", tmp_path).sha256 != before.sha256


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(ImageError, match="none"):
        data_file("captions", tmp_path / "none.jsonl")


def test_documents_of_a_collection_are_known_by_what_they_say():
    one, other = (RichText(variants=(RichCaption(caption=text),)) for text in ("a ship", "a field"))
    assert data_documents([one]).sha256 != data_documents([other]).sha256
    assert data_documents([one]) == data_documents([one])


def test_versions_name_what_decides_a_figure():
    found = versions()
    assert {"python", "platform", "trsllava", "numpy", "onnxruntime", "qdrant-edge-py"} <= set(found)
    assert all(found.values())


def test_a_checkout_names_its_commit():
    found = commit()
    assert found is None or re.fullmatch(r"[0-9a-f]{40}( \+ changes)?", found)
