"""A scene far larger than memory should hold: how much memory does indexing it take, and how fast is it?

    python -m eval.benchmarks.large_scene

Writes a 16-bit GeoTIFF of four bands, 20,000 pixels a side, window by window into a temporary folder, then runs
`trsllava index` on it as a process of its own, against the tests' stand-in for a vision-language model. Prints the
peak memory of that process and its workers together and the rate of each step; exits with 1 where memory passes the
limit or a tile is missing. Linux only.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import trsllava
from eval.benchmarks.watching import Watched, watch_index
from trsllava.raster.tiling import cut
from trsllava.records import Recipe, Window

LIMIT = 1 << 30
"""Bytes of memory, what processes share counted once."""
STAND_IN = Path(__file__).parents[2] / "tests" / "standin" / "server.py"
_BANDS = 4
_BLOCK = 512


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m eval.benchmarks.large_scene", description=__doc__)
    parser.add_argument("--side", type=int, default=20_000)
    parser.add_argument(
        "--folder", type=Path, help="where to write the scene instead of the system's temporary folder"
    )
    given = parser.parse_args(arguments)
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

    with tempfile.TemporaryDirectory(dir=given.folder) as temporary:
        images = Path(temporary) / "images"
        images.mkdir()
        scene = images / "scene_20240517.tif"
        seconds = _write_scene(scene, given.side)
        size = scene.stat().st_size
        print(f"scene: {given.side} x {given.side}, {_BANDS} bands of uint16, {size / 1e9:.2f} GB on disk, "
              f"{given.side**2 * _BANDS * 2 / 1e9:.2f} GB unpacked, written in {seconds:.0f} s")  # fmt: skip
        run = _index(images, Path(temporary) / "home")
        print(run.said.rstrip())
        with trsllava.open(Path(temporary) / "home") as archive:
            status = archive.status()
        stored = status.tiles["stored"]
        print(f"{stored} tiles stored, {status.skipped} skipped, in {run.seconds:.0f} s: "
              f"{stored / run.seconds:.1f} tiles/s, {given.side**2 / run.seconds / 1e6:.1f} million pixels/s, "
              f"on {os.cpu_count()} cores")  # fmt: skip
        print(f"peak memory with workers: {run.peak / 1e6:.0f} MB (allowed: {LIMIT / 1e6:.0f} MB)")
        if run.peak > LIMIT or stored + status.skipped != len(cut(given.side, given.side, Recipe())):
            raise SystemExit(1)


def _write_scene(path: Path, side: int) -> float:
    """Write something like land, with the slanted empty edge of a satellite's swath; returns the seconds it took."""
    import rasterio
    from affine import Affine
    from rasterio.windows import Window as Part

    start = time.perf_counter()
    random = np.random.default_rng(0)
    textures = [_texture(random) for _ in range(8)]
    profile = {"width": side, "height": side, "count": _BANDS, "dtype": "uint16", "nodata": 0, "crs": "EPSG:32631",
               "transform": Affine(10, 0, 500_000, 0, -10, 5_300_000)}  # fmt: skip
    options = {"tiled": True, "blockxsize": _BLOCK, "blockysize": _BLOCK, "compress": "deflate", "zlevel": 1,
               "bigtiff": "yes", "photometric": "minisblack", "alpha": "no"}  # fmt: skip
    with rasterio.open(path, "w", driver="GTiff", **profile, **options) as file:
        for number, block in enumerate(_blocks(side)):
            samples = textures[number * 5 % len(textures)][:, : block.height, : block.width].copy()
            samples += np.uint16(300 * (number % 7))
            rows, cols = np.ogrid[: block.height, : block.width]
            samples[:, cols + block.col < (side - rows - block.row) // 6] = 0
            file.write(samples, window=Part(*block))
    return time.perf_counter() - start


def _blocks(side: int) -> list[Window]:
    return [
        Window(col, row, min(_BLOCK, side - col), min(_BLOCK, side - row))
        for row in range(0, side, _BLOCK)
        for col in range(0, side, _BLOCK)
    ]


def _texture(random: np.random.Generator) -> np.ndarray[tuple[int, ...], np.dtype[np.uint16]]:
    """`(4, 512, 512)`: fields of 16 pixels with a little noise."""
    fields = random.integers(500, 3000, (_BANDS, _BLOCK // 16, _BLOCK // 16), dtype=np.uint16)
    noise = random.integers(0, 64, (_BANDS, _BLOCK, _BLOCK), dtype=np.uint16)
    return fields.repeat(16, axis=1).repeat(16, axis=2) + noise


def _index(images: Path, home: Path) -> Watched:
    server = subprocess.Popen([sys.executable, str(STAND_IN)], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{int(server.stdout.readline())}/v1"
        return watch_index([str(images), "--captioner", "vllm", "--base-url", url], home)
    finally:
        server.kill()
        server.wait()


if __name__ == "__main__":
    main()
