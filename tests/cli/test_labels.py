"""`trsllava labels`, as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.labels.conftest import SMALL
from trsllava.cli.app import app
from trsllava.errors import InputError, LabelFileError


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["labels", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path


def test_the_schema_is_printed() -> None:
    assert json.loads(run("schema").stdout)["title"] == "TreeFile"


def test_a_new_tree_is_a_sound_copy_of_ours(tmp_path: Path) -> None:
    assert run("new", tmp_path / "land.yaml").exit_code == 0
    assert "is sound" in run("check", tmp_path / "land.yaml").stdout
    assert run("diff", "overhead", tmp_path / "land.yaml").stdout == "The trees say the same.\n"
    with pytest.raises(InputError, match="exists already"):
        run("new", tmp_path / "land.yaml")


def test_every_fault_is_named_by_its_line(tree: Path) -> None:
    tree.write_text(SMALL.replace("[80]", "[81]").replace("[60]", "[61]"), encoding="utf-8")
    result = CliRunner().invoke(app, ["labels", "check", str(tree)])
    assert [line.partition(": ")[0].rpartition(", ")[2] for line in result.stdout.splitlines()] == [
        "line 6",
        "line 16",
    ]
    assert isinstance(result.exception, LabelFileError)
    assert "has 2 faults" in str(result.exception)


def test_a_word_and_the_tags_of_an_object_are_looked_up() -> None:
    assert run("find", "overhead", "graveyard").stdout.startswith("built-up land > worship and burial > cemetery\n")
    assert "> tennis court\n" in run("find", "overhead", "leisure=pitch", "sport=tennis").stdout
    with pytest.raises(InputError, match="no label for 'qqq'"):
        run("find", "overhead", "qqq")


def test_a_tree_is_shown_from_a_label_down(tree: Path) -> None:
    assert run("show", tree, "--label", "railways").stdout == "  railways\n    train station\n"


def test_messy_labels_are_planned_applied_logged_and_undone(tree: Path, tmp_path: Path) -> None:
    tags, plan = tmp_path / "tags.txt", tmp_path / "plan.yaml"
    tags.write_text("landuse=resevoir\nLakes\n", encoding="utf-8")
    assert run("plan", tree, tags, "-o", plan).exit_code == 0
    assert "same reservoir, by spelling" in plan.read_text(encoding="utf-8")
    assert "1 steps taken" in run("apply", tree, plan).stdout
    assert "took resevoir for reservoir, by spelling" in run("log", tree).stdout
    assert json.loads(run("log", tree, "--json").stdout)["by"] == "spelling"
    run("undo", tree)
    assert tree.read_text(encoding="utf-8") == SMALL


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "river", "--under", "inland water"), "added river under inland water, by person"),
        (("merge", "lake", "--into", "reservoir"), "merged lake into reservoir, by person"),
        (("move", "railways", "--under", "water"), "moved railways under water, by person"),
        (("rename", "lake", "mere"), "renamed lake to mere, by person"),
        (("remove", "beach"), "removed beach, by person"),
        (("apart", "lake", "lagoon"), "kept lake apart from lagoon, by person"),
    ],
)
def test_a_persons_word_is_taken_and_written_down(tree: Path, arguments: tuple[str, ...], said: str) -> None:
    command, *rest = arguments
    assert run(command, tree, *rest).exit_code == 0
    assert said in run("log", tree).stdout


def test_labels_are_mapped_to_another_scheme(tree: Path) -> None:
    assert "lake,80 permanent water,above" in run("map", tree, "worldcover").stdout.splitlines()
    assert "train station,train station,name" in run("map", tree, "overhead").stdout.splitlines()


def test_the_log_of_a_tree_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LabelFileError, match="There is no file"):
        run("log", tmp_path / "missing.yaml")


def test_tags_that_are_none_are_refused(tree: Path) -> None:
    before = tree.read_bytes()
    with pytest.raises(InputError, match=r"`osm` expects OpenStreetMap tags, such as leisure=skatepark, not 'shop'\."):
        run("add", tree, "mall", "--first-level", "--osm", "shop")
    assert tree.read_bytes() == before


@pytest.mark.parametrize(("given", "said"), [(b"lake\n\xff\n", "Standard input is not UTF-8"), (b"lake\n", "")])
def test_labels_from_standard_input(tree: Path, given: bytes, said: str) -> None:
    result = CliRunner().invoke(app, ["labels", "plan", str(tree), "-"], input=given)
    assert isinstance(result.exception, LabelFileError) == bool(said)
    assert said in str(result.exception or "")
