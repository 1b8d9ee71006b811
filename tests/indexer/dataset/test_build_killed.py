"""A data set that was killed at every step and resumed is the same as one that was not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

import pytest

import trsllava
from eval.benchmarks.planted_world import PlantedWorld

DRIVER = Path(__file__).with_name("killed_at.py")
KILLS = (
    ("sample.json.draft", 2),  # chosen, but not kept: the first time is when it is opened
    ("cuts.jsonl", 30),
    ("labels.json.draft", 2),
    ("caption", 35),
    ("writing", 2),
)


def arguments(world: PlantedWorld, folder: Path) -> list[str]:
    words = [
        "dataset", "build", "--name", "planted", "--area", "10,49.52,10.48,50", "--values", world.values,
        "--land-cover", world.land_cover, "--objects", world.objects, "--images", world.scenes, "--tile-metres", 640,
        "-n", 80, "--permutations", 9999, "--block-km", 3, "--gap-km", 0.5, "-o", folder,
    ]  # fmt: skip
    return [str(word) for word in words]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1764374400"}
    return subprocess.run([sys.executable, *command], env=environment, capture_output=True, text=True, check=False)


def files(folder: Path) -> dict[str, bytes]:
    """The data set itself."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] != ".build"
    }


def times_of_captions(folder: Path) -> Mapping[str, datetime | None]:
    with trsllava.open(folder / ".build", "pictures") as archive:
        if not archive.exists():
            return {}
        return {str(one.tile.id): one.text.created for one in archive.ledger.scan() if one.text is not None}


def cut_rows(folder: Path) -> Iterator[str]:
    path = folder / ".build" / "cuts.jsonl"
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        yield json.loads(line)["id"]


def stands(folder: Path) -> dict[str, tuple[int, int]]:
    """Which file each picture that is noted is, and when it was written."""
    pictures = [folder / "images" / f"{name}.png" for name in cut_rows(folder)]
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in pictures if path.exists()}


@pytest.mark.timeout(900)
def test_five_kills_change_nothing(planted_world: PlantedWorld, tmp_path: Path) -> None:
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    whole = run("-m", "trsllava", *arguments(planted_world, undisturbed))
    assert whole.returncode == 0, whole.stderr

    made: dict[str, tuple[int, int]] = {}
    captioned: dict[str, datetime | None] = {}
    for what, times in KILLS:
        ended = run(str(DRIVER), what, str(times), *arguments(planted_world, killed))
        assert ended.returncode == -signal.SIGKILL, (what, ended.stderr)
        made |= stands(killed)
        captioned |= times_of_captions(killed)
        if what == "cuts.jsonl":
            assert 20 < len(made) < 30  # it is opened a few times before the first row, and once for each row
            with (killed / ".build" / "cuts.jsonl").open("a") as file:
                file.write('{"id": "r0-c4')  # the power went in the middle of a row
        if what == "caption":
            assert len(captioned) == 35
    last = run("-m", "trsllava", *arguments(planted_world, killed))

    assert last.returncode == 0, last.stderr
    assert last.stdout.replace("killed", "undisturbed") == whole.stdout
    assert files(killed) == files(undisturbed)
    assert len(files(killed)) > 60
    rows = list(cut_rows(killed))
    assert len(rows) == len(set(rows))
    now = stands(killed)
    assert {name: stand for name, stand in made.items() if name in now} == {n: now[n] for n in made if n in now}
    assert captioned.items() <= times_of_captions(killed).items()
