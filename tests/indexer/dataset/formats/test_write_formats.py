"""All formats together: equal data sets give equal bytes, and a killed run is simply run again."""

from __future__ import annotations

import hashlib
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from indexer.dataset.formats import FORMATS, write_formats
from tests.indexer.dataset.formats.conftest import SmallSet, small_set
from trsllava.errors import InputError


def _bytes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_equal_data_sets_give_equal_bytes(data_set: SmallSet, tmp_path: Path) -> None:
    other = small_set(tmp_path / "elsewhere")
    for one in (data_set, other):
        write_formats(one.folder, one.about, one.images)

    assert _bytes(data_set.folder) == _bytes(other.folder)


def test_writing_again_changes_nothing(data_set: SmallSet) -> None:
    first = write_formats(data_set.folder, data_set.about, data_set.images)
    before = _bytes(data_set.folder)

    assert write_formats(data_set.folder, data_set.about, data_set.images) == first
    assert _bytes(data_set.folder) == before
    assert all(path.is_file() for path in first)


_KILLED_AT = """
import os, signal, sys
from pathlib import Path
from indexer.dataset.formats import write_formats
from tests.indexer.dataset.formats.conftest import small_set

step, left = getattr(os, sys.argv[2]), int(sys.argv[3])

def killed(*args, **named):
    global left
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    return step(*args, **named)

setattr(os, sys.argv[2], killed)
one = small_set(Path(sys.argv[1]))
write_formats(one.folder, one.about, one.images)
"""


@pytest.mark.parametrize("moved", [1, 4, 9])
def test_a_killed_run_is_run_again(data_set: SmallSet, tmp_path: Path, moved: int) -> None:
    write_formats(data_set.folder, data_set.about, data_set.images)
    folder = tmp_path / "killed"
    run = subprocess.run([sys.executable, "-c", _KILLED_AT, str(folder), "replace", str(moved)], check=False)
    assert run.returncode == -signal.SIGKILL
    assert any(path.name.endswith(".draft") for path in folder.iterdir())

    write_formats(folder, data_set.about, data_set.images)

    assert _bytes(folder) == _bytes(data_set.folder)


@pytest.mark.parametrize(("step", "before_kill"), [("replace", 3), ("replace", 4), ("unlink", 3), ("unlink", 8)])
def test_what_a_killed_run_was_to_replace_is_whole_or_gone(data_set: SmallSet, step: str, before_kill: int) -> None:
    written = write_formats(data_set.folder, data_set.about, data_set.images)
    before = _bytes(data_set.folder)

    run = subprocess.run([sys.executable, "-c", _KILLED_AT, str(data_set.folder), step, str(before_kill)], check=False)

    assert run.returncode == -signal.SIGKILL
    after = {name: digest for name, digest in _bytes(data_set.folder).items() if not name.startswith(".")}
    assert after.items() <= before.items()
    gone = {name.split("/")[0] for name in before.keys() - after.keys()}
    assert not gone & {name.split("/")[0] for name in after}
    assert write_formats(data_set.folder, data_set.about, data_set.images) == written
    assert _bytes(data_set.folder) == before


def test_what_others_refer_to_is_always_written(data_set: SmallSet) -> None:
    written = write_formats(data_set.folder, data_set.about, data_set.images, ["croissant"])

    assert [path.name for path in written] == ["captions.jsonl", "rich.jsonl", "croissant.json"]


def test_an_unknown_format_is_refused_before_anything_is_written(data_set: SmallSet) -> None:
    with pytest.raises(InputError, match=re.escape(f"no format 'zarr'. Choose from {', '.join(FORMATS)}.")):
        write_formats(data_set.folder, data_set.about, data_set.images, ["captions", "zarr"])
    assert [path.name for path in data_set.folder.iterdir()] == ["images"]


@pytest.mark.parametrize("name", ["parquet", "imagefolder", "webdataset", "checksums"])
def test_a_missing_picture_is_named(data_set: SmallSet, name: str) -> None:
    (data_set.folder / "images" / "way.2.png").unlink()

    with pytest.raises(InputError, match=r"images/way\.2\.png is missing\."):
        write_formats(data_set.folder, data_set.about, data_set.images, [name])
    assert not list(data_set.folder.glob(".*.draft"))
