"""How many searches a second does the service answer, and what does HTTP cost?

    python -m eval.benchmarks.serving --home ~/bench/serving                   10,000 tiles, 20 clients

Draws tiles with captions out of the sample archive's sentences and random image vectors (once, kept in `--home`), then
starts `trsllava serve` and asks it from this process. Every query is another one. Prints one JSON object a line:
`one at a time` (one worker, nothing remembered), `together` (as it is by default), `burst`, and `overhead`: the same
queries by one client over HTTP and by the library.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from PIL import Image

import trsllava
from trsllava.encoders.image_text import NANO, load_image_text_encoder
from trsllava.encoders.protocol import FloatArray
from trsllava.records import Picture
from trsllava.sample.archive import draw_archive

_SIDE = 8
_VARIANTS = 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw, serve, ask, print."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.benchmarks.serving",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--home", type=Path, required=True, help="Where the collection is kept.")
    parser.add_argument("--tiles", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--queries", type=int, default=400)
    given = parser.parse_args(arguments)
    sentences = prepared(given.home, given.tiles)
    queries = list(dict.fromkeys(distinct(sentences, random.Random(2), given.queries * 4)))
    quarter = len(queries) // 4
    with serving(given.home, TRSLLAVA_WORKERS="1", TRSLLAVA_QUEUE="1000", TRSLLAVA_REMEMBERED_TEXTS="0") as (url, _):
        tell("one at a time", load(url, queries[:quarter], given.clients))
    with serving(given.home) as (url, _):
        tell("together", load(url, queries[quarter : 2 * quarter], given.clients))
        tell("burst", burst(url, queries[2 * quarter : 3 * quarter], 500))
        tell("overhead", overhead(url, given.home, queries[3 * quarter :][:100]))


def prepared(home: Path, tiles: int) -> list[str]:
    """The sentences of the sample archive; the collection is made where there is none."""
    with tempfile.TemporaryDirectory() as folder:
        draw_archive(Path(folder, "sample"), seed=3)
        lines = Path(folder, "sample", "captions.jsonl").read_text(encoding="utf-8").splitlines()
    sentences = sorted({variant["one_sentence"] for line in lines for variant in json.loads(line)["variants"]})
    if (home / "collections").exists():
        return sentences
    images = home / "images"
    images.mkdir(parents=True)
    said = distinct(sentences, random.Random(1), tiles * _VARIANTS)
    with (home / "captions.jsonl").open("w", encoding="utf-8") as file:
        for number in range(tiles):
            pixels = np.random.default_rng(number).integers(0, 255, (_SIDE, _SIDE, 3), np.uint8)
            Image.fromarray(pixels).save(images / f"{number:06}.png")
            texts = said[number * _VARIANTS : (number + 1) * _VARIANTS]
            file.write(json.dumps({"image": f"{number:06}.png", "captions": texts}) + "\n")
    with trsllava.open(home) as archive:
        archive.__dict__["image_encoder"] = _Random(archive)
        archive.index(images, captions=home / "captions.jsonl")
    return sentences


class _Random:
    """Random image vectors under nano's name: what pictures show is not measured here."""

    def __init__(self, archive: trsllava.Archive) -> None:
        nano = load_image_text_encoder(NANO, device="cpu", text_encoder=archive.encoder)
        self.name, self.dim = nano.name, nano.dim
        self.encode_texts = nano.encode_texts
        self._draw = np.random.default_rng(0)

    def encode_images(self, pictures: Sequence[Picture]) -> FloatArray:
        """`(n, dim)` float32, L2-normalised."""
        rows = self._draw.standard_normal((len(pictures), self.dim)).astype(np.float32)
        unit: FloatArray = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit


def distinct(sentences: Sequence[str], draw: random.Random, count: int) -> list[str]:
    """Texts of three clauses of different sentences each."""
    clauses = [
        clause.strip(" .") for sentence in sentences for clause in re.split(r"[,;]", sentence) if clause.strip()
    ]
    return [", ".join(draw.sample(clauses, 3)) + "." for _ in range(count)]


@contextmanager
def serving(home: Path, **settings: str) -> Iterator[tuple[str, int]]:
    """`trsllava serve` as a process of its own: its address, and the number of the process."""
    words = [sys.executable, "-m", "trsllava", "serve", "--home", str(home), "--port", "0"]
    server = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=os.environ | settings)
    assert server.stderr is not None
    url = server.stderr.readline().split()[-1]
    with ThreadPoolExecutor(1) as reader:
        reader.submit(lambda: [None for _ in server.stderr or ()])  # its log must not fill the pipe
        try:
            httpx.get(f"{url}/readyz", timeout=300).raise_for_status()
            yield url, server.pid
        finally:
            server.terminate()
            server.wait()


def load(url: str, queries: Sequence[str], clients: int) -> dict[str, Any]:
    """Answers a second, and milliseconds an answer, where so many clients ask one query after the other."""
    with httpx.Client(base_url=url, timeout=300, limits=httpx.Limits(max_connections=clients)) as client:

        def ask(query: str) -> tuple[int, float]:
            start = time.perf_counter()
            status = client.post("/v1/search", json={"text": query}).status_code
            return status, time.perf_counter() - start

        start = time.perf_counter()
        with ThreadPoolExecutor(clients) as threads:
            answers = list(threads.map(ask, queries))
        seconds = time.perf_counter() - start
    return {
        "queries": len(queries),
        "clients": clients,
        "statuses": Counter(status for status, _ in answers),
        "a_second": round(len(queries) / seconds, 1),
        **milliseconds([took for _, took in answers]),
    }


def burst(url: str, queries: Sequence[str], size: int) -> dict[str, Any]:
    """What so many requests at once are answered."""
    asked = [queries[number % len(queries)] + f" {number}" for number in range(size)]
    return load(url, asked, size)


def overhead(url: str, home: Path, queries: Sequence[str]) -> dict[str, Any]:
    """Milliseconds a query over HTTP and in the library, turn by turn; none is asked twice of the same side.

    The library has a copy of its own: two processes would hand the embedded store to each other at every query.
    """
    here: list[float] = []
    there: list[float] = []
    with (
        tempfile.TemporaryDirectory() as copy,
        trsllava.open(shutil.copytree(home, Path(copy, "home"))) as archive,
        trsllava.Client(url) as client,
    ):
        for side in (archive, client):
            side.search("warm up")
        for query in queries:
            for side, took in ((archive, here), (client, there)):
                start = time.perf_counter()
                side.search(query)
                took.append(time.perf_counter() - start)
    return {"library": milliseconds(here), "http": milliseconds(there)}


def milliseconds(seconds: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile."""
    cuts = statistics.quantiles(seconds, n=20)
    return {"p50_ms": round(1000 * statistics.median(seconds), 1), "p95_ms": round(1000 * cuts[-1], 1)}


def tell(name: str, figures: dict[str, Any]) -> None:
    """Print a measurement."""
    print(json.dumps({"measured": name, **figures}), flush=True)


if __name__ == "__main__":
    main()
