"""How much of a model server's time does the captioning pipeline use?

    python -m eval.benchmarks.captioning                                    a stand-in: 64 slots, 2 s a caption
    python -m eval.benchmarks.captioning --images 640                       the same in a third of the time
    python -m eval.benchmarks.captioning --base-url http://localhost:8000/v1 --images 64

Against the stand-in: `index` over fresh images (read, resized, encoded, asked, kept in the ledger; with --store also
embedded and stored) beside the time that the server's slots need, ceil(n / slots) times the service time. Drawing the
images and looking at them first, which is not measured, takes about as long again. With fewer images the start and the
end of a run weigh more, so a quick run flatters nobody.

Against a real server: the same beside a bare asynchronous client that sends the same requests, made beforehand, in
three pairs, each of which begins with the other one. A server on this machine's cores should run at a lower priority
(`nice`), or it leaves none to its clients. Prints every figure and the ratios; run it from a checkout.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import prompts
from indexer.discover import discover
from tests.standin.process import StandIn
from trsllava.captioners.answer import Bounds
from trsllava.captioners.exchange import Exchange
from trsllava.captioners.picture import data_url, picture_of
from trsllava.captioners.pixels import pixel_rule
from trsllava.captioners.protocol import CaptionJob
from trsllava.captioners.rsrt import RsrtQuestion
from trsllava.captioners.vllm import VllmCaptioner
from trsllava.ledger.ledger import Ledger
from trsllava.llm import ChatServer
from trsllava.records import CheckName

_PAIRS = 3
WORDING: tuple[CheckName, ...] = (
    "length",
    "boilerplate",
    "figures",
    "refusal",
    "repetition",
    "language",
    "compass",
    "directions",
)
"""Checks of what a text says, which a model with random weights cannot pass; its form is checked all the same."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.benchmarks.captioning",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--side", type=int, default=1024, help="of the square images, pixels")
    parser.add_argument("--slots", type=int, default=64)
    parser.add_argument("--service-time", type=float, default=2.0, help="seconds a caption takes the stand-in")
    parser.add_argument("--concurrency", type=int, default=128)
    parser.add_argument("--store", action="store_true", help="embed and store as well, as `trsllava index` does")
    parser.add_argument("--base-url", help="a real server instead of the stand-in, beside a bare client")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        images = Path(folder) / "images"
        draw(images, given.images, given.side)
        if given.base_url:
            _beside_bare_client(given, images, Path(folder))
        else:
            _beside_ideal(given, images, Path(folder))


def draw(folder: Path, count: int, side: int) -> None:
    """JPEG scenes of smooth ground with texture, all different, about as large as real ones."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    texture = rng.normal(0, 6, (side, side, 3)).round().astype(np.int16)
    for number in range(count):
        coarse = Image.fromarray(rng.integers(40, 200, (9, 9, 3), np.uint8))
        pixels = np.roll(texture, number * 7, axis=0)
        pixels += np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC))
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / f"{number:05}.jpg", quality=92)


def _beside_ideal(given: argparse.Namespace, images: Path, folder: Path) -> None:
    options = ("--service-time", str(given.service_time), "--slots", str(given.slots))
    standin = StandIn(folder / "standin.jsonl", *options)
    try:
        measure = _store if given.store else _caption
        seconds = measure(given, images, folder, standin.url)
    finally:
        standin.stop()
    ideal = math.ceil(given.images / given.slots) * given.service_time
    stages = "read, asked, kept, embedded and stored" if given.store else "read, asked and kept"
    server = f"{given.slots} slots of {given.service_time:g} s"
    print(f"{given.images} images of {given.side} px, {server}, {os.cpu_count()} cores")
    print(f"{stages}: {seconds:.1f} s; the server needs {ideal:.1f} s; efficiency {100 * ideal / seconds:.1f} %")


def _caption(given: argparse.Namespace, images: Path, folder: Path, url: str) -> float:
    """Seconds from the first job drawn to the last answer kept."""
    ledger = Ledger(folder / f"ledger-{time.time_ns()}.sqlite")
    discover(images, ledger)
    jobs = [CaptionJob(record.tile, record.paths) for record in ledger.scan("pending")]
    begun = time.perf_counter()
    for answer in VllmCaptioner(url, concurrency=given.concurrency, **_bounds(given)).caption(jobs):
        if answer.text is None:
            ledger.quarantine(answer.tile_id, answer.error, answer.raw, usage=answer.usage)
        else:
            ledger.record_text(answer.tile_id, answer.text, usage=answer.usage)
    seconds = time.perf_counter() - begun
    counts = ledger.counts()
    ledger.close()
    if counts["captioned"] != given.images:
        raise SystemExit(f"not every image was captioned: {counts}")
    return seconds


def _store(given: argparse.Namespace, images: Path, folder: Path, url: str) -> float:
    """Seconds that `index` takes, once the files have been looked at."""
    import trsllava

    with trsllava.open(folder / "home") as archive:
        report = archive.index(images, captioner=VllmCaptioner(url, concurrency=given.concurrency))
    if report.stored != given.images:
        raise SystemExit(f"not every image was stored: {report}")
    return report.seconds["caption"]


def _bounds(given: argparse.Namespace) -> dict[str, Any]:
    """A random model writes until a bound stops it: where a real server is asked, bounds as long as real captions."""
    bounds = Bounds(one_sentence=80, features=4, feature=40, caption=160, labels=5, label=15)
    return {"variants": 3, "bounds": bounds, "skip_checks": WORDING} if given.base_url else {}


def _beside_bare_client(given: argparse.Namespace, images: Path, folder: Path) -> None:
    _bare(given, images, folder, given.base_url)  # unmeasured: after it the server's caches hold all pictures
    ratios = []
    for pair in range(_PAIRS):
        measured = {}
        for name in ("pipeline", "bare client") if pair % 2 else ("bare client", "pipeline"):
            measure = _caption if name == "pipeline" else _bare
            measured[name] = measure(given, images, folder, given.base_url)
        ratios.append(measured["bare client"] / measured["pipeline"])
        print(
            f"pair {pair + 1}: bare client {measured['bare client']:.1f} s, pipeline {measured['pipeline']:.1f} s, "
            f"{100 * ratios[-1]:.1f} %",
            flush=True,
        )
    print(f"{given.images} images of {given.side} px, {os.cpu_count()} cores, concurrency {given.concurrency}")
    print(f"median of {_PAIRS} pairs: {100 * statistics.median(ratios):.1f} % of a bare asynchronous client")


def _bare(given: argparse.Namespace, images: Path, folder: Path, url: str) -> float:
    """Seconds that a bare client takes over the same requests, made beforehand."""
    ledger = Ledger(folder / f"bare-{time.time_ns()}.sqlite")
    discover(images, ledger)
    jobs = [CaptionJob(record.tile, record.paths) for record in ledger.scan("pending")]
    ledger.close()
    model = ChatServer(url).resolve_model()
    shape = {"variants": 5, "bounds": Bounds(), **_bounds(given)}
    exchange = Exchange(RsrtQuestion(prompts.load("rsrt"), shape["variants"], shape["bounds"]), model)
    render = partial(data_url, rule=pixel_rule(model, 1024))
    bodies = [json.dumps(exchange.request(job.tile, picture_of(job, render).content or "")).encode() for job in jobs]
    return asyncio.run(_send(bodies, url, given.concurrency))


async def _send(bodies: list[bytes], url: str, concurrency: int) -> float:
    import httpx

    slots = asyncio.Semaphore(concurrency)
    limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
    async with httpx.AsyncClient(limits=limits, timeout=None, headers={"Content-Type": "application/json"}) as client:

        async def send(body: bytes) -> None:
            async with slots:
                (await client.post(f"{url}/chat/completions", content=body)).raise_for_status()

        begun = time.perf_counter()
        await asyncio.gather(*map(send, bodies))
        return time.perf_counter() - begun


if __name__ == "__main__":
    main()
