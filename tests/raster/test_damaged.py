"""Hundreds of files that were cut short or scribbled over: each is read or refused with a reason, nothing else."""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from PIL import Image

from trsllava.raster.silence import without_warnings

FILES = 500
MEMORY = 1 << 30
"""Bytes of resident memory that no damaged file may make us use."""
READER = Path(__file__).parent / "damaged" / "reader.py"


def sound_files(folder: Path) -> list[Path]:
    """A small file of every format and kind."""
    samples = np.random.default_rng(5).integers(0, 256, (60, 80, 4), dtype=np.uint8)
    samples[10:40] = samples[10:11]  # something to compress
    colour, alpha = Image.fromarray(samples[..., :3]), Image.fromarray(samples)
    exif = Image.Exif()
    exif[0x0112] = 6
    colour.save(folder / "a.jpg", exif=exif)
    colour.save(folder / "b.jpg", progressive=True)
    colour.convert("CMYK").save(folder / "c.jpg")
    alpha.save(folder / "d.png")
    colour.quantize(64).save(folder / "e.png", transparency=3)
    Image.fromarray(samples[..., 0].astype(np.uint16) * 200).save(folder / "f.png")
    colour.save(folder / "g.webp")
    alpha.save(folder / "h.webp", lossless=True)
    alpha.save(folder / "i.webp", save_all=True, append_images=[alpha.rotate(90)])
    colour.save(folder / "j.bmp")
    colour.quantize(16).save(folder / "k.bmp")
    colour.save(folder / "l.tif", save_all=True, append_images=[colour])
    colour.convert("CMYK").save(folder / "m.tif")
    colour.save(folder / "n.tif", tiffinfo={0x0112: 8})
    place = {"crs": "EPSG:32631", "transform": Affine(10, 0, 500_000, 0, -10, 5_000_000)}
    kinds = {
        "o": {"dtype": "uint8", "count": 3},
        "p": {"dtype": "uint16", "count": 4, "tiled": True, "blockxsize": 32, "blockysize": 32, "compress": "deflate"},
        "q": {"dtype": "float32", "count": 1, "nodata": -9999, "compress": "lzw", "predictor": 3},
        "r": {"dtype": "uint8", "count": 3, "compress": "jpeg", "photometric": "ycbcr", "interleave": "pixel"},
        "s": {"dtype": "int16", "count": 2, "bigtiff": "yes", "endianness": "big"},
        "t": {"dtype": "uint8", "count": 1, "compress": "zstd", "nbits": 4},
    }
    for name, options in kinds.items():
        bands = np.moveaxis(samples[..., : options["count"]], -1, 0)
        if options.get("nbits"):
            bands = bands % 16
        with (
            without_warnings(),
            rasterio.open(
                folder / f"{name}.tif", "w", driver="GTiff", width=80, height=60, **place, **options
            ) as file,
        ):
            file.write(bands.astype(options["dtype"]))
    return sorted(folder.iterdir())


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Cut short, a few bytes changed (mostly in the header, where sizes and counts stand), a piece lost or doubled."""
    broken = bytearray(content)
    where = chance.choice([64, 400, len(broken)])
    match chance.choice(["cut", "bytes", "bytes", "bits", "large", "zeros", "lost", "doubled"]):
        case "cut":
            return bytes(broken[: chance.randrange(1, len(broken))])
        case "bytes":
            for _ in range(chance.randint(1, 8)):
                broken[chance.randrange(min(where, len(broken)))] = chance.randrange(256)
        case "bits":
            broken[chance.randrange(min(where, len(broken)))] ^= 1 << chance.randrange(8)
        case "large":  # a size, a count or an offset becomes the largest there is
            start = chance.randrange(min(where, len(broken)))
            broken[start : start + 4] = chance.choice([b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x00\xff\xff\x00"])
        case "zeros":
            start = chance.randrange(min(where, len(broken)))
            broken[start : start + 16] = bytes(min(16, len(broken) - start))
        case "lost":
            start = chance.randrange(len(broken))
            del broken[start : start + chance.randint(1, 40)]
        case "doubled":
            start = chance.randrange(len(broken))
            broken[start:start] = broken[start : start + chance.randint(1, 40)]
    return bytes(broken)


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory) -> tuple[dict[str, list[str | int]], int]:
    """What the reader says of each damaged file, and the most memory it used, in bytes."""
    sound = sound_files(tmp_path_factory.mktemp("sound"))
    folder = tmp_path_factory.mktemp("damaged")
    chance = random.Random(20_240_517)
    for number in range(FILES):
        original = sound[number % len(sound)]
        content = damaged(original.read_bytes(), chance)
        (folder / f"{number:03}{original.name}").write_bytes(content)
    done = subprocess.run(
        [sys.executable, str(READER), str(folder)],
        capture_output=True,
        text=True,
        timeout=240,
        env={**os.environ, "CPL_LOG": os.devnull},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (200, 200)),
    )
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"{lines[-1]}: {done.stderr[-2000:]}"
    *files, (_, peak) = lines
    return {name: json.loads(said) for name, said in files}, int(peak) * 1024


def test_every_damaged_file_is_read_or_refused_with_a_reason(verdicts):
    said, _ = verdicts

    assert len(said) == FILES
    counts = Counter(kind for kind, _ in said.values())
    assert set(counts) == {"read", "refused"}  # some damage does not matter, some does
    for kind, reason in said.values():
        if kind == "refused":
            assert str(reason).startswith("cannot read ")
            assert "\n" not in str(reason)


def test_no_damaged_file_takes_memory_beyond_bounds(verdicts):
    _, peak = verdicts

    assert peak < MEMORY
