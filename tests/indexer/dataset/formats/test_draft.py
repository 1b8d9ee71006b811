"""Files and folders that appear whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.dataset.formats.draft import new_file, new_folder


def test_a_folder_takes_the_place_of_all_that_was_in_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "data" / "deep").mkdir(parents=True)
    (tmp_path / "data" / "deep" / "old").touch()
    with new_folder(tmp_path / "data") as draft:
        (draft / "new").touch()

    assert [path.relative_to(tmp_path).as_posix() for path in sorted(tmp_path.rglob("*"))] == ["data", "data/new"]


@pytest.mark.parametrize("left", [".data.draft", ".data.old"])
def test_what_a_killed_run_left_is_cleared_away(tmp_path: Path, left: str) -> None:
    (tmp_path / left).mkdir()
    (tmp_path / left / "half").touch()
    with new_folder(tmp_path / "data") as draft:
        assert not list(draft.iterdir())

    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_an_error_leaves_the_old_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "old").touch()
    (tmp_path / "file").write_text("old")
    for write in (_half_a_folder, _half_a_file):
        with pytest.raises(RuntimeError):
            write(tmp_path)

    assert sorted(path.name for path in tmp_path.rglob("*")) == ["data", "file", "old"]
    assert (tmp_path / "file").read_text() == "old"


def _half_a_folder(root: Path) -> None:
    with new_folder(root / "data") as draft:
        (draft / "new").touch()
        raise RuntimeError


def _half_a_file(root: Path) -> None:
    with new_file(root / "file") as draft:
        draft.write_text("new")
        raise RuntimeError
