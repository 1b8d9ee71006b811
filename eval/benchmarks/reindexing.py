"""Does a query beside a living `trsllava reindex` get the old answer or the new one, never one in between?

    python -m eval.benchmarks.reindexing --tiles 2000 --queries 200

Makes a collection of captioned tiles, starts `trsllava reindex --encoder …+calibrated` as a process of its own and
asks while it runs, and on after it until there are enough answers. Every answer (tiles and scores) must be the one
from before the start or the one from after the end, and once new, always new. Prints how many were which.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

import trsllava
from trsllava.encoders.text import CALIBRATED
from trsllava.encoders.weights import DEFAULT_MODEL

QUERIES = (
    "ships in a harbor",
    "a dense forest",
    "parking lot with cars",
    "white storage tanks",
    "a river and a bridge",
)
_THINGS = ("ships", "trees", "cars", "tanks", "houses", "bridges", "fields", "planes", "roads", "rivers")
_PLACES = (
    "harbor",
    "forest",
    "parking lot",
    "refinery",
    "village",
    "valley",
    "farmland",
    "airport",
    "desert",
    "beach",
)
_ANEW = 25
"""Every so many queries the collection is opened anew, as a command would."""

Answer = tuple[tuple[str, float], ...]
"""Tiles and their scores, best first."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Make, rebuild, ask, judge, print."""
    parser = parser_for("reindexing", __doc__)
    parser.add_argument("--queries", type=int, default=200)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        home = Path(name) / "home"
        with trsllava.open(home, image_encoder="none") as archive:
            make(Path(name) / "images", archive, given.tiles)
        before = _answers(home)
        found, beside, seconds = _ask_beside(home, given.queries)
        after = _answers(home)
    assert before.keys() == after.keys()
    assert all(before[text] != after[text] for text in QUERIES), "old and new cannot be told apart"
    kinds = ["old" if answer == before[text] else "new" if answer == after[text] else "?" for text, answer in found]
    print(f"{given.tiles} tiles, reindexed in {seconds:.1f} s; {len(found)} queries, {beside} beside it.")
    print(f"Answers: {dict(Counter(kinds))}; in order: {kinds == sorted(kinds, reverse=True)}")
    sys.exit("?" in kinds or kinds != sorted(kinds, reverse=True))


def parser_for(benchmark: str, told: str | None) -> argparse.ArgumentParser:
    """What benchmarks of reindexing are asked with: `--tiles`."""
    parser = argparse.ArgumentParser(
        prog=f"python -m eval.benchmarks.{benchmark}",
        description=told,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--tiles", type=int, default=2000)
    return parser


def make(images: Path, archive: trsllava.Archive, tiles: int) -> None:
    """Index a new folder of tiny images, each with a caption of its own."""
    images.mkdir()
    lines = []
    for number in range(tiles):
        pixels = np.random.default_rng(number).integers(0, 255, (8, 8, 3), np.uint8)
        Image.fromarray(pixels).save(images / f"{number}.png")
        thing, place = _THINGS[number % 10], _PLACES[number // 10 % 10]
        caption = f"{number % 37 + 2} {thing} near a {place} in picture {number}."
        lines.append(json.dumps({"image": f"{number}.png", "captions": [caption]}))
    (images / "captions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    report = archive.index(images, captions=images / "captions.jsonl")
    assert report.stored == tiles


def _answers(home: Path) -> dict[str, Answer]:
    with trsllava.open(home) as archive:
        return answers(archive)


def answers(archive: trsllava.Archive) -> dict[str, Answer]:
    """What every query finds."""
    return {text: _ask(archive, text) for text in QUERIES}


def _ask(archive: trsllava.Archive, text: str) -> Answer:
    return tuple((str(hit.tile.id), round(hit.score, 4)) for hit in archive.search(text))


def _ask_beside(home: Path, queries: int) -> tuple[list[tuple[str, Answer]], int, float]:
    """Queries with their answers, how many began while the rebuild ran, and how long that took in seconds."""
    command = [sys.executable, "-m", "trsllava", "reindex", "--encoder", DEFAULT_MODEL + CALIBRATED]
    start, ended = time.perf_counter(), 0.0
    run = subprocess.Popen([*command, "--home", str(home)], stdout=subprocess.DEVNULL)
    found: list[tuple[str, Answer]] = []
    beside = 0
    archive = trsllava.open(home)
    while run.poll() is None or len(found) < queries:
        if run.returncode is not None and not ended:
            ended, beside = time.perf_counter(), len(found)
        if len(found) % _ANEW == _ANEW - 1:
            archive.close()
            archive = trsllava.open(home)
        text = QUERIES[len(found) % len(QUERIES)]
        found.append((text, _ask(archive, text)))
    archive.close()
    assert run.returncode == 0, "the rebuild failed"
    return found, beside or len(found), (ended or time.perf_counter()) - start


if __name__ == "__main__":
    main()
