"""Names of the Earth's places: towns, countries, provinces, seas, rivers and what else people search by."""

from __future__ import annotations

import gzip
import json
import math
import unicodedata
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from trsllava.records import Nearby, Ring

DATA = Path(__file__).parent / "data"
EARTH_KM = 6371.0088
_HERE = 10.0
"""Kilometres."""
_TOGETHER = 64
"""Points compared with all towns at once, which takes some megabytes a few of them."""

PlaceKind = Literal[
    "town", "country", "province", "sea", "river", "range", "region", "continent", "lake", "waterway", "point"
]


@dataclass(frozen=True)
class Place:
    """A place that a name may mean."""

    name: str
    kind: PlaceKind
    country: str
    """ISO code of two letters; empty for what lies in several countries or none."""
    lon: float
    lat: float
    """Its middle, in degrees."""
    population: int = 0
    province: str = ""
    """Of a town: country and province as GeoNames writes them, `DE.02`."""
    key: str = ""
    """Of its shape; a town has none."""
    width: float = 0.0
    """Of what is drawn as a line: how far it reaches to both sides, in km."""
    box: tuple[float, float, float, float] | None = None
    """Of its shape: west, south, east, north."""

    @property
    def label(self) -> str:
        """How it is told: `Rotterdam, NL`."""
        return f"{self.name}, {self.country}" if self.kind in ("town", "province") else self.name


@dataclass(frozen=True)
class Shape:
    """Rings and lines of (longitude, latitude); holes are rings like any."""

    rings: tuple[Ring, ...] = ()
    lines: tuple[Ring, ...] = ()


def folded(name: str) -> str:
    """A name without case, accents and marks, for comparison: `sao paulo`."""
    letters = unicodedata.normalize(
        "NFKD", name.replace("ø", "o").replace("Ø", "O").replace("ł", "l").replace("Ł", "L")
    )
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold()
    return " ".join("".join(letter if letter.isalnum() else " " for letter in plain.replace("’", "")).split())


class Gazetteer:
    """All places by their names. `gazetteer()` has the one there is."""

    def __init__(self) -> None:
        self._rows = _rows("cities.tsv.gz")
        self._towns = len(self._rows)
        self._rows += _rows("regions.tsv.gz")
        self._by_name: dict[str, list[int]] = {}
        for number, row in enumerate(self._rows):
            for name in row[0].split("|"):
                self._by_name.setdefault(name, []).append(number)
        self.ordinary = frozenset(row[0] for row in _rows("ordinary.tsv.gz"))
        """Names that are nothing but ordinary English words, folded."""
        self.longest = max(name.count(" ") for name in self._by_name) + 1
        """Words of the longest name."""

    def find(self, name: str) -> list[Place]:
        """All places of a name, whatever its case and accents."""
        return [self.place(number) for number in self._by_name.get(folded(name), ())]

    def place(self, number: int) -> Place:
        """A place by its position; the towns come first."""
        row = self._rows[number]
        if number < self._towns:
            _, name, country, province, lat, lon, population = row
            return Place(name, "town", country, float(lon), float(lat), int(population), f"{country}.{province}")
        _, key, kind, name, country, population, width, *sides = row
        west, south, east, north = map(float, sides)
        return Place(
            name,
            kind,  # type: ignore[arg-type]  # as the files say it
            country,
            (west + east) / 2,
            (south + north) / 2,
            int(population),
            "",
            key,
            float(width),
            (west, south, east, north),
        )

    def towns(self) -> NDArray[np.float64]:
        """Longitudes and latitudes of the towns, `(n, 2)` in degrees."""
        return np.array([(float(row[5]), float(row[4])) for row in self._rows[: self._towns]])

    def populations(self) -> NDArray[np.int64]:
        """Inhabitants of the towns, `(n,)`."""
        return np.array([int(row[6]) for row in self._rows[: self._towns]])


@cache
def gazetteer() -> Gazetteer:
    """The one gazetteer, read when it is first asked for."""
    return Gazetteer()


def shape_of(key: str) -> Shape:
    """The rings and lines of a place's shape."""
    with zipfile.ZipFile(DATA / "shapes.zip") as archive:
        told = json.loads(archive.read(f"{key}.json"))
    return Shape(tuple(map(_corners, told["rings"])), tuple(map(_corners, told["lines"])))


def _corners(steps: Sequence[int]) -> Ring:
    corners = np.asarray(steps, np.int64).reshape(-1, 2).cumsum(axis=0) / 100
    return tuple((float(lon), float(lat)) for lon, lat in corners)


def nearest_towns(points: Sequence[tuple[float, float]]) -> list[Nearby]:
    """For each (longitude, latitude) the nearest town of 15,000 inhabitants or more; of those within 10 km the
    largest, for the nearest may be a quarter of it."""
    parts = (points[start : start + _TOGETHER] for start in range(0, len(points), _TOGETHER))
    return [town for part in parts for town in _nearest_towns(part)]


def _nearest_towns(points: Sequence[tuple[float, float]]) -> list[Nearby]:
    cosines = _unit(np.asarray(points, float)) @ _town_units().T
    here = cosines >= math.cos(_HERE / EARTH_KM)
    best = np.where(here.any(axis=1), np.where(here, _town_people(), -1).argmax(axis=1), cosines.argmax(axis=1))
    distances = EARTH_KM * np.arccos(np.clip(cosines[np.arange(len(best)), best], -1, 1))
    return [
        Nearby(name=town.name, country=town.country, km=round(float(km), 1))
        for town, km in zip(map(gazetteer().place, best.tolist()), distances.tolist(), strict=True)
    ]


@cache
def _town_people() -> NDArray[np.int64]:
    return gazetteer().populations()


@cache
def _town_units() -> NDArray[np.float64]:
    return _unit(gazetteer().towns())


def _unit(points: NDArray[np.float64]) -> NDArray[np.float64]:
    lon, lat = np.radians(points).T
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def _rows(name: str) -> list[list[str]]:
    return [line.split("\t") for line in gzip.decompress((DATA / name).read_bytes()).decode().splitlines()]
