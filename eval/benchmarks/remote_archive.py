"""Are cloud-optimised GeoTIFFs behind a STAC catalogue indexed whatever the network and the process go through?

    python -m eval.benchmarks.remote_archive
    python -m eval.benchmarks.remote_archive --scenes 500 --kills 5

A real HTTP server on this machine serves a catalogue and its scenes by range requests: so many addresses, with a
version (ETag) each, of a few different files. Of the requests for pixels some are answered with 503, some are cut
short, some come late. `trsllava index` is killed (SIGKILL) now and then, and run again until it ends by itself. Told
are the bytes that were read against the size of all files, and after each run which texts of earlier ones changed or
were lost. Exit code 1 where one did, where a scene is missing at the end, or where one was captioned twice.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine

import trsllava
from tests.standin.ranges import Asked, RangeServer, range_server
from trsllava.raster.silence import without_warnings
from trsllava.sample.draw import draw

_POLL_SECONDS = 0.05
_KINDS = ("marina", "golf course", "farmland", "industrial area")
_LATE_SECONDS = 2.0


@dataclass
class Network:
    """What goes wrong on the way, drawn by seed; shares of the requests for pixels."""

    rng: random.Random
    busy: float
    short: float
    late: float
    size: int
    """Of a scene's file, as answers that are cut short state it."""
    faults: int = 0

    def misbehave(self, asked: Asked, handler: BaseHTTPRequestHandler) -> bool:
        """Answer some requests badly."""
        if not asked.path.endswith(".tif"):
            return False
        drawn = self.rng.random()
        if drawn < self.busy:
            self.faults += 1
            handler.send_response(503)
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return True
        if drawn < self.busy + self.short:
            self.faults += 1
            handler.send_response(206)
            first, _, last = asked.headers.get("range", "bytes=0-9").removeprefix("bytes=").partition("-")
            handler.send_header("Content-Range", f"bytes {first}-{last}/{self.size}")
            handler.send_header("Content-Length", str(int(last) + 1 - int(first)))
            handler.end_headers()
            handler.close_connection = True
            return True
        if drawn < self.busy + self.short + self.late:
            self.faults += 1
            time.sleep(_LATE_SECONDS)
        return False


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=500)
    parser.add_argument("--files", type=int, default=4, help="different files behind the addresses")
    parser.add_argument("--side", type=int, default=4096, help="pixels of a scene's side")
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--busy", type=float, default=0.04, help="share of requests for pixels that get a 503")
    parser.add_argument("--short", type=float, default=0.02, help="that are cut short")
    parser.add_argument("--late", type=float, default=0.02, help="that are answered 2 s late")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="remote-archive-") as place, range_server(Path(place)) as server:
        sys.exit(_run(given, Path(place), server))


def _run(given: argparse.Namespace, folder: Path, server: RangeServer) -> int:
    whole = _serve(server, given.scenes, _drawn(folder, given.files, given.side))
    network = Network(random.Random(given.seed), given.busy, given.short, given.late, whole // given.scenes)
    server.misbehave = network.misbehave
    command = [sys.executable, "-m", "trsllava", "index", f"{server.url}/catalog.json"]
    command += ["--home", str(folder / "home"), "--image-encoder", "none"]
    print(f"{given.scenes} scenes of {given.side} x {given.side} pixels, {whole / 1e9:.2f} GB", flush=True)
    texts: dict[str, str] = {}
    bad = 0
    for kill in range(given.kills + 1):
        stop_at = given.scenes * (kill + 1) // (given.kills + 1) if kill < given.kills else None
        sent, begun = _pixels(server), time.perf_counter()
        code = _once(command, folder, stop_at)
        after = _texts(folder)
        changed = sum(after.get(path) not in (None, text) for path, text in texts.items())
        lost = len(texts.keys() - after.keys())
        bad += changed + lost
        print(
            f"{'killed' if stop_at else f'ended with {code}'} after {time.perf_counter() - begun:.1f} s: "
            f"{len(after) - len(texts)} more scenes, {changed} earlier texts changed, {lost} lost, "
            f"{(_pixels(server) - sent) / 1e6:.1f} MB read",
            flush=True,
        )
        texts = after
    read = _pixels(server)
    print(f"{read / 1e6:.1f} MB of pixels read, {read / whole:.1%} of all; {network.faults} faults on the way")
    with trsllava.open(folder / "home") as archive:
        states, twice = archive.ledger.counts(), sum(record.attempts > 1 for record in archive.ledger.scan())
        for reason in [record.error for record in archive.ledger.scan("quarantined")][:3]:
            print(f"quarantined: {reason}")
        for row in archive.ledger.unreadable()[:3]:
            print(f"not read: {row.error}")
    print(f"{states}, {twice} captioned twice")
    return int(bool(bad or twice or states["stored"] != given.scenes or len(texts) != given.scenes))


def _drawn(folder: Path, count: int, side: int) -> list[Path]:
    """Pictures like the sample archive's, enlarged and with noise, as COGs with overviews."""
    files = []
    for number in range(count):
        rng = np.random.default_rng(number)
        small = draw(_KINDS[number % len(_KINDS)], number, size=512).picture.resize((side, side))
        pixels = np.moveaxis(np.asarray(small), -1, 0)
        noise = rng.integers(0, 12, pixels.shape, np.uint8)
        path = folder / f"{number}.tif"
        shape = {"width": side, "height": side, "count": 3, "dtype": "uint8", "crs": "EPSG:32631"}
        place = Affine(1, 0, 590_000 + number * side, 0, -1, 5_760_000)
        with (
            without_warnings(),
            rasterio.open(path, "w", driver="COG", compress="deflate", transform=place, **shape) as dataset,
        ):
            dataset.write(np.minimum(pixels, 243) + noise)
        files.append(path)
    return files


def _serve(server: RangeServer, scenes: int, files: list[Path]) -> int:
    """Put the catalogue on the server; returns the size of all scenes in bytes."""
    links = []
    for number in range(scenes):
        name = f"scene-{number:04}"
        server.files[f"/{name}.tif"] = files[number % len(files)]
        item: dict[str, Any] = {
            "type": "Feature",
            "stac_version": "1.1.0",
            "id": name,
            "geometry": None,
            "properties": {"datetime": f"2024-{1 + number % 12:02}-01T10:00:00Z", "eo:cloud_cover": number % 100},
            "links": [],
            "assets": {"visual": {"href": f"../{name}.tif", "type": "image/tiff", "roles": ["visual"]}},
        }
        server.content[f"/items/{name}.json"] = json.dumps(item).encode()
        links.append({"rel": "item", "href": f"./items/{name}.json"})
    catalogue = {"type": "Catalog", "id": "c", "stac_version": "1.1.0", "description": "", "links": links}
    server.content["/catalog.json"] = json.dumps(catalogue).encode()
    return sum(path.stat().st_size for path in server.files.values())


def _once(command: list[str], folder: Path, stop_at: int | None) -> int:
    """One run, killed once so many scenes are known and captioned, as `_known` counts them."""
    with (folder / "printed.txt").open("a") as printed:
        run = subprocess.Popen(command, stdout=printed, stderr=printed)
        while run.poll() is None:
            if stop_at is not None and _known(folder) >= stop_at:
                run.kill()
            time.sleep(_POLL_SECONDS)
    return run.returncode


def _known(folder: Path) -> float:
    """Scenes that are known and captioned, each counted half."""
    with trsllava.open(folder / "home") as archive:
        if not archive.exists():
            return 0
        counts = archive.ledger.counts()
        return sum(counts.values()) / 2 + (counts["captioned"] + counts["stored"]) / 2


def _texts(folder: Path) -> dict[str, str]:
    """The texts that are kept, by path, with the time that they were made at."""
    with trsllava.open(folder / "home") as archive:
        if not archive.exists():
            return {}
        records = list(archive.ledger.scan())
    return {path: record.text.model_dump_json() for record in records if record.text for path in record.paths}


def _pixels(server: RangeServer) -> int:
    return sum(count for path, count in server.sent.items() if path.endswith(".tif"))


if __name__ == "__main__":
    main()
