"""A run that is killed and started again ends as an undisturbed one does."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import trsllava
from tests.standin.fixtures import StandIn
from trsllava.ledger.words import words_of
from trsllava.records import TileRecord

IMAGES = 80


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(IMAGES):
        pixels = np.random.default_rng(number).integers(0, 255, (16, 16, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return folder


def index(images: Path, home: Path, standin: StandIn) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "trsllava",
        "index",
        str(images),
        "--captioner",
        "vllm",
        "--base-url",
        standin.url,
    ]
    return subprocess.Popen(
        [*command, "--concurrency", "4", "--home", str(home)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def finish(run: subprocess.Popen[bytes]) -> int:
    """Exit code, once its output has been read to the end."""
    run.communicate()
    return run.returncode


def rows(home: Path) -> dict[str, TileRecord]:
    with trsllava.open(home) as archive:
        return {str(record.tile.id): record for record in archive.ledger.scan()} if archive.exists() else {}


def answered(home: Path) -> dict[str, TileRecord]:
    return {tile_id: record for tile_id, record in rows(home).items() if record.text is not None}


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "what was waited for never came"
        time.sleep(0.005)


@pytest.mark.timeout(600)
def test_ten_kills_change_nothing(images: Path, tmp_path: Path, start_standin: Callable[..., StandIn]) -> None:
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    reference = start_standin()
    assert finish(index(images, undisturbed, reference)) == 0
    image_of = {
        record.text.variants[0].one_sentence: tile_id
        for tile_id, record in answered(undisturbed).items()
        if record.text
    }
    assert len(image_of) == IMAGES

    standin = start_standin("--service-time", "0.05", "--slots", "4")
    rng = random.Random(20)
    for _ in range(10):
        before, asked_before = answered(killed), len(standin.asked())
        run = index(images, killed, standin)
        # somewhere after start-up: so many more questions, then a little more or less
        wanted = asked_before + rng.randrange(1, 7)
        wait_until(lambda: len(standin.asked()) >= wanted or run.poll() is not None)  # noqa: B023
        time.sleep(rng.random() * 0.1)
        run.send_signal(signal.SIGKILL)
        run.communicate()
        after = answered(killed)
        assert {tile: after[tile].text for tile in before} == {tile: record.text for tile, record in before.items()}
    survivors, asked_before = answered(killed), len(standin.asked())
    assert survivors
    assert len(survivors) < IMAGES
    last = index(images, killed, standin)
    output, _ = last.communicate()
    assert last.returncode == 0, output.decode()

    asked_last = {question["image"] for question in standin.asked()[asked_before:]}
    assert len(asked_last) == IMAGES - len(survivors)
    end, expected = rows(killed), rows(undisturbed)
    assert {tile: record.state for tile, record in end.items()} == dict.fromkeys(expected, "stored")
    assert {tile: end[tile].text for tile in survivors} == {tile: record.text for tile, record in survivors.items()}
    with trsllava.open(killed) as archive:
        assert archive.store.ids() == sorted(expected)
        seen = archive.ledger.image_vectors(sorted(expected), archive.status().image_encoder or "")
        assert sorted(seen) == sorted(expected)
        (found,) = archive.store.exact("image", [seen[max(seen)]])
        assert sorted(found.ids) == sorted(expected)
        assert archive.ledger.words_between(1, 40) == Counter(
            word for record in end.values() if record.text for word in words_of(record.text)
        )


def test_queries_from_other_processes_are_answered_while_an_index_runs(
    images: Path, tmp_path: Path, start_standin: Callable[..., StandIn]
) -> None:
    home = tmp_path / "home"
    (tmp_path / "first").mkdir()
    Image.new("RGB", (16, 16), (9, 9, 9)).save(tmp_path / "first" / "grey.png")
    standin = start_standin("--service-time", "0.4", "--slots", "4")
    assert finish(index(tmp_path / "first", home, standin)) == 0
    run = index(images, home, standin)
    wait_until(lambda: len(standin.asked()) > 4)
    questions = "import sys, trsllava\nfor _ in range(8):\n    with trsllava.open(sys.argv[1]) as archive:\n"
    questions += "        assert archive.search('a harbor'), 'no answer'\nprint('answered')"
    readers = [
        subprocess.Popen([sys.executable, "-c", questions, str(home)], stdout=subprocess.PIPE, env=dict(os.environ))
        for _ in range(4)
    ]
    assert [reader.communicate()[0].strip() for reader in readers] == [b"answered"] * 4
    output, _ = run.communicate()
    assert run.returncode == 0, output.decode()
    with trsllava.open(home) as archive:
        assert archive.status().tiles["stored"] == IMAGES + 1


def test_two_indexers_do_not_write_one_collection(
    images: Path, tmp_path: Path, start_standin: Callable[..., StandIn]
) -> None:
    standin = start_standin("--service-time", "0.2", "--slots", "2")
    first = index(images, tmp_path / "home", standin)
    wait_until(lambda: len(standin.asked()) > 0)
    second = index(images, tmp_path / "home", standin)
    output, _ = second.communicate()
    assert second.returncode == 4
    assert b"Another process is writing" in output
    first.kill()
    first.communicate()
