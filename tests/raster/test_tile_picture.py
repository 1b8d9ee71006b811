"""Which of a tile's files is read and named first."""

from __future__ import annotations

from pathlib import Path

import pytest

from trsllava.errors import OutOfReachError
from trsllava.raster.readable import readable
from trsllava.raster.tile_picture import living_first


def test_living_paths_come_first_each_kind_in_its_order(tmp_path: Path) -> None:
    paths = [(tmp_path / name).as_posix() for name in "abcd"]
    for name in "bd":
        (tmp_path / name).touch()
    assert [path[-1] for path in living_first(paths)] == ["b", "d", "a", "c"]
    assert readable((), paths) == tmp_path / "b"


def test_where_no_file_is_there_the_order_stays_and_the_first_is_named(tmp_path: Path) -> None:
    paths = [(tmp_path / name).as_posix() for name in "ab"]
    assert living_first(paths) == tuple(paths)
    assert readable((), paths) == tmp_path / "a"


def test_a_tile_without_files_has_no_picture() -> None:
    assert living_first([]) == ()
    with pytest.raises(OutOfReachError, match="none of its files exists"):
        readable((), [])
