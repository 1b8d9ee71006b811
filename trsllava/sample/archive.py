"""The sample archive: pictures in sub-folders, a third of them georeferenced, and captions that are true of each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import cos, pi, sin
from pathlib import Path
from random import Random

import numpy as np

from trsllava.errors import InputError
from trsllava.sample.draw import SCENES, Drawing, draw
from trsllava.sample.grammar import describe

CAPTIONS = "captions.jsonl"
SIZE = 256
_FIRST_MORNING, _DAYS = datetime(2018, 1, 1, 9), 6 * 365
_SPACING = 1.4
"""Distance of neighbouring GeoTIFFs of an area, in picture sides: footprints do not touch, turned or not."""
_TURN = pi / 6
"""How far a rotated GeoTIFF's rows are turned against the parallels."""


@dataclass(frozen=True)
class Area:
    """A part of the archive: a folder, the kinds of scene in it, and where on Earth its GeoTIFFs lie."""

    folder: str
    kinds: frozenset[str]
    crs: str
    origin: tuple[float, float]
    """Upper left corner of the first picture, in units of the CRS."""
    step: tuple[float, float]
    """Width and height of a pixel in units of the CRS."""


AREAS = (
    # A picture that begins 0.0013 degrees before the dateline and ends behind it: x runs on past 180.
    Area("islands", frozenset({"island"}), "EPSG:4326", (179.9987, -16.78), (1.0e-5, 1.0e-5)),
    Area(
        "coast",
        frozenset({"harbor", "marina", "beach", "bridge", "lake", "river"}),
        "EPSG:32631",
        (588_000.0, 5_756_000.0),
        (1.0, 1.0),
    ),
    Area(
        "plains",
        frozenset({"farmland", "circular farmland", "forest", "golf course", "sparse residential", "solar farm"}),
        "EPSG:32614",
        (440_000.0, 4_190_000.0),
        (2.0, 2.0),
    ),
    Area("drylands", frozenset({"desert", "mountain"}), "EPSG:4326", (-68.2, -22.9), (4.0e-5, 4.0e-5)),
    Area("city", frozenset(), "EPSG:32633", (388_000.0, 5_818_000.0), (0.5, 0.5)),
)
"""The last area takes the kinds that no other names."""


@dataclass(frozen=True)
class Plan:
    """One picture to be drawn: what, where in the archive, and how it is georeferenced."""

    kind: str
    number: int
    """Its place in the archive, from 0."""
    path: str
    area: Area
    place: int | None
    """Which GeoTIFF of its area it is, from 0; None for a picture without georeference."""
    rotated: bool = False

    @property
    def north_up(self) -> bool:
        """True where its top is north."""
        return self.place is not None and not self.rotated


def draw_archive(folder: Path, *, seed: int = 0, count: int = 60) -> None:
    """Draw `count` pictures of 256 × 256 pixels into sub-folders and write their captions (RSRT JSONL) to
    `captions.jsonl` beside them. Every third picture is a GeoTIFF with an acquisition time. Equal seeds give
    byte-identical files.

    Raises InputError where `folder` is not a new or empty folder, or `count` is below one.
    """
    if count < 1:
        raise InputError(f"cannot draw {count} pictures; ask for one or more")
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; name a new folder for the sample archive")
    if folder.is_dir() and any(folder.iterdir()):
        raise InputError(f"{folder} is not empty; name a new folder for the sample archive, or empty this one first")
    lines = []
    for plan in plans(count):
        drawing = draw(plan.kind, _mixed(seed, plan), size=SIZE)
        target = folder / plan.path
        target.parent.mkdir(parents=True, exist_ok=True)
        _save(drawing, plan, target, seed)
        text = describe(replace(drawing.scene, north_up=plan.north_up), _mixed(seed, plan))
        record = {"image": plan.path, **text.model_dump(mode="json", include={"variants", "labels", "model"})}
        lines.append(json.dumps(record) + "\n")
    (folder / CAPTIONS).write_text("".join(lines), encoding="utf-8", newline="\n")


def plans(count: int) -> Iterator[Plan]:
    """What an archive of `count` pictures holds: the kinds in turn, every third picture a GeoTIFF, and of the
    GeoTIFFs in metres every fourth turned against north,
    beginning with the first."""
    kinds = list(SCENES)
    placed: dict[str, int] = {}
    metric = 0
    for number in range(count):
        kind = kinds[number % len(kinds)]
        area = next((area for area in AREAS if kind in area.kinds), AREAS[-1])
        stem = f"{area.folder}/{kind.replace(' ', '_')}_{number // len(kinds) + 1:02d}"
        # Shifted by one in every round, so that a kind appears in every format sooner or later.
        turn = (number + number // len(kinds)) % 3
        if turn != 2:
            yield Plan(kind, number, stem + (".jpg" if turn else ".png"), area, None)
            continue
        place = placed[area.folder] = placed.get(area.folder, -1) + 1
        rotated = area.crs != "EPSG:4326" and metric % 4 == 0
        metric += area.crs != "EPSG:4326"
        yield Plan(kind, number, stem + ".tif", area, place, rotated)


def _mixed(seed: int, plan: Plan) -> int:
    return (seed * 1_000_003 + plan.number) % 2**63


def _save(drawing: Drawing, plan: Plan, target: Path, seed: int) -> None:
    match target.suffix:
        case ".tif":
            _save_geotiff(drawing, plan, target, _acquired(seed, plan))
        case ".jpg":
            drawing.picture.save(target, quality=92)
        case _:
            drawing.picture.save(target)


def _acquired(seed: int, plan: Plan) -> datetime:
    rng = Random(f"{seed}/{plan.path}")
    return _FIRST_MORNING + timedelta(days=rng.randrange(_DAYS), minutes=rng.randrange(6 * 60))


def _save_geotiff(drawing: Drawing, plan: Plan, target: Path, acquired: datetime) -> None:
    import rasterio

    pixels = np.moveaxis(np.asarray(drawing.picture), 2, 0)
    with rasterio.open(
        target,
        "w",
        driver="GTiff",
        width=SIZE,
        height=SIZE,
        count=3,
        dtype="uint8",
        crs=plan.area.crs,
        transform=rasterio.Affine(*_geotransform(plan)),
        photometric="RGB",
        compress="deflate",
        predictor=2,
    ) as file:
        file.write(pixels)
        file.update_tags(TIFFTAG_DATETIME=acquired.strftime("%Y:%m:%d %H:%M:%S"))


def _geotransform(plan: Plan) -> tuple[float, float, float, float, float, float]:
    """The affine coefficients a to f: x = a·column + b·row + c, y = d·column + e·row + f."""
    (left, top), (width, height) = plan.area.origin, plan.area.step
    # The GeoTIFFs of an area lie below each other in columns of eight.
    column, row = divmod(plan.place or 0, 8)
    half = SIZE / 2
    x = left + (column * _SPACING * SIZE + half) * width
    y = top - (row * _SPACING * SIZE + half) * height
    angle = _TURN if plan.rotated else 0.0
    a, b, d, e = width * cos(angle), -width * sin(angle), -height * sin(angle), -height * cos(angle)
    return a, b, x - half * (a + b), d, e, y - half * (d + e)
