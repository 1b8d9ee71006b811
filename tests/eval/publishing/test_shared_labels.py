"""Measurements of `eval labels` in the report, end to end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from indexer.dataset.formats import write_formats
from tests.eval.publishing.test_report_page import Page
from tests.indexer.dataset.formats.conftest import small_set
from trsllava.cli.app import app
from trsllava.errors import InputError


def run(*arguments: object) -> None:
    result = CliRunner().invoke(app, ["eval", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output


@pytest.fixture
def kept(tmp_path: Path) -> list[Path]:
    """Both levels of one data set."""
    built = small_set(tmp_path / "set")
    write_formats(built.folder, built.about, built.images, ["captions"])
    files = []
    for level in ("second", "third"):
        files.append(tmp_path / f"{level}.json")
        labels = ("labels", "--labels", built.folder, "--split", "train", "--level", level, "--branches", "image")
        run(*labels, "--output", files[-1])
    return files


def test_each_level_is_a_task_with_its_tables_both_ways(kept: list[Path], tmp_path: Path) -> None:
    run("report", *kept, "-o", tmp_path / "report")

    text = (tmp_path / "report" / "report.md").read_text("utf-8")
    for level in ("second", "third"):
        assert f"## Shared labels of the {level} level, rich text queries on split 'train'" in text
    assert text.count("| figure | system | @5 | @10 | @20 | @50 | @100 |") == 4
    figure = json.loads(kept[1].read_text("utf-8"))["report"]["i2t"]["WMAP"]["20"]
    (row,) = [line for line in text.split("## Shared labels of the third")[1].splitlines() if "| WMAP |" in line][1:]
    assert row.split(" | ")[4] == f"{figure:.4f}"
    assert text.count("- pictures alone, image, nano-") == 2


def test_the_page_has_them_too(kept: list[Path], tmp_path: Path) -> None:
    run("report", *kept, "-o", tmp_path / "report")

    page = Page((tmp_path / "report" / "report.html").read_text("utf-8"))
    assert "2 runs, 2 tasks" in page.text
    assert {"task-1", "task-2"} <= set(page.ids)
    assert page.tags.count("table") == 4


def test_systems_of_one_task_share_a_table(kept: list[Path], tmp_path: Path) -> None:
    other = json.loads(kept[1].read_text("utf-8"))
    other["report"]["retrieval"]["image_encoder"] = "cisen"
    (tmp_path / "other.json").write_text(json.dumps(other), "utf-8")

    run("report", kept[1], tmp_path / "other.json", "-o", tmp_path / "report")

    text = (tmp_path / "report" / "report.md").read_text("utf-8")
    assert text.count("## Shared labels") == 1
    systems = [line.split(" | ")[1].split(", ")[-1] for line in text.splitlines() if "| MAP |" in line]
    assert [name.split("-")[0] for name in systems] == ["nano", "cisen"] * 2


def test_a_damaged_file_is_named(kept: list[Path], tmp_path: Path) -> None:
    damaged = json.loads(kept[0].read_text("utf-8"))
    del damaged["report"]["t2i"]
    kept[0].write_text(json.dumps(damaged), "utf-8")

    with pytest.raises(InputError, match=r"second\.json is a damaged report of `eval labels`: .*t2i"):
        run("report", kept[0], "-o", tmp_path / "report")
