"""Reading needs no writing: a collection in a read-only folder, or on a full disk, is looked into and searched."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.harbors import index_harbors
from tests.unwritable import run_on_full_disk, run_read_only

Run = Callable[..., "subprocess.CompletedProcess[str]"]
UNWRITABLE = pytest.mark.parametrize("run", [run_read_only, run_on_full_disk])


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with six captioned pictures in its default collection."""
    return index_harbors(tmp_path_factory.mktemp("unwritable"), 6)


@pytest.fixture
def home(indexed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(indexed, tmp_path / "home"))


def files(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


@UNWRITABLE
def test_a_query_is_answered_and_leaves_nothing_behind(run: Run, home: Path) -> None:
    before = files(home)
    done = run(home, "query", "a harbor", "--json", "--home", home)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["hits"]) == 6
    assert files(home) == before


@UNWRITABLE
@pytest.mark.parametrize("command", ["status", "export", "show"])
def test_a_collection_is_looked_into(run: Run, home: Path, command: str) -> None:
    with sqlite3.connect(home / "collections" / "default" / "ledger.sqlite") as ledger:
        (tile,) = ledger.execute("SELECT id FROM tiles LIMIT 1").fetchone()
    ledger.close()
    done = run(home, command, *([tile] if command == "show" else []), "--home", home)
    assert done.returncode == 0, done.stderr
    assert done.stdout


@UNWRITABLE
def test_what_a_killed_writer_left_in_the_log_is_read(run: Run, home: Path) -> None:
    ledger = home / "collections" / "default" / "ledger.sqlite"
    writer = sqlite3.connect(ledger)
    writer.execute("UPDATE tiles SET attempts = 7")
    writer.commit()
    (tile,) = writer.execute("SELECT id FROM tiles LIMIT 1").fetchone()
    logged = {name: (ledger.parent / name).read_bytes() for name in ("ledger.sqlite", "ledger.sqlite-wal")}
    writer.close()
    for name, content in logged.items():  # as after a kill: a log, and no index of it
        (ledger.parent / name).write_bytes(content)
    done = run(home, "show", tile, "--json", "--home", home)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["attempts"] == 7


def test_writing_is_refused_in_one_sentence(home: Path) -> None:
    done = run_read_only(home, "reindex", "--home", home)
    assert done.returncode == 5
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("Error: ")
    assert "cannot be written" in line
