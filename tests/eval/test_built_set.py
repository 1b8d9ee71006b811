"""`trsllava eval labels` on the folder of a data set that `dataset build` wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from indexer.dataset.formats import write_formats
from tests.indexer.dataset.formats.conftest import small_set
from trsllava.cli.app import app
from trsllava.errors import CaptionFileError, InputError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    built = small_set(tmp_path / "set")
    write_formats(built.folder, built.about, built.images[:5], ["captions"])  # the last one has no caption
    return built.folder


def measured(*arguments: object) -> dict[str, Any]:
    result = CliRunner().invoke(app, ["eval", "labels", *map(str, arguments), "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    report: dict[str, Any] = json.loads(result.stdout)
    return report


@pytest.mark.parametrize(
    ("level", "labels", "shared"),
    # One picture has a marina, the other a marina, a quay and a café: two labels of the second level.
    [("second", 2, ((1 + 1) + (1 + 2)) / 2), ("third", 3, ((1 + 1) + (1 + 3)) / 2)],
)
def test_pictures_of_the_folder_answer_its_captions(folder: Path, level: str, labels: int, shared: float) -> None:
    report = measured("--labels", folder, "--split", "train", "--level", level, "--branches", "image")

    assert (report["level"], report["n_labels"]) == (level, labels)
    for way in ("t2i", "i2t"):
        assert list(report[way]) == ["MAP", "WMAP", "NDCG", "ACG"]
        assert all(list(by_n) == ["5", "10", "20", "50", "100"] for by_n in report[way].values())
    assert report["t2i"]["MAP"]["5"] == 1.0
    assert report["t2i"]["ACG"]["5"] == pytest.approx(shared / 5)


def test_what_a_model_wrote_is_not_called_human(folder: Path) -> None:
    protocol = measured("--labels", folder, "--split", "train", "--branches", "image")["retrieval"]["protocol"]

    assert (protocol["queries"], protocol["query_source"]) == ("rich text", "nano")
    assert protocol["documents"] == "none: pictures alone"


def test_retrieval_does_not_call_them_human_either(folder: Path) -> None:
    captions = ("--captions", folder / "captions.jsonl", "--split", "train", "--images", folder, "--branches", "image")
    result = CliRunner().invoke(app, ["eval", "retrieval", *map(str, captions), "--json"], catch_exceptions=False)

    protocol = json.loads(result.stdout)["protocol"]
    assert (protocol["queries"], protocol["query_source"]) == ("rich text", "nano")


def test_captions_do_not_search_for_themselves(folder: Path) -> None:
    with pytest.raises(InputError, match=r"own image's document.*`rich`"):
        measured("--labels", folder, "--split", "train", "--rich", folder / "rich.jsonl", "--branches", "dense")


def test_a_folder_that_is_no_data_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CaptionFileError, match=r"has no captions\.jsonl, so it is not a data set"):
        measured("--labels", tmp_path)
