"""Objects of OpenStreetMap from an extract as GeoJSON, GeoJSON lines or GeoParquet."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trsllava.errors import InputError, Parameter
from trsllava.validation import reason_of

_LINES = (".geojsonl", ".geojsons", ".geojsonseq", ".ndjson", ".jsonl")
_RECORD_SEPARATOR = "\x1e"
"""Begins each line of RFC 8142."""
_IDS = ("@id", "id", "osm_id", "full_id", "feature_id")
_BATCH = 10_000


@dataclass(frozen=True)
class TagWish:
    """A tag to look for; without a value, any value of the key."""

    key: str
    value: str | None = None

    def __str__(self) -> str:
        return self.key if self.value is None else f"{self.key}={self.value}"

    def met_by(self, tags: Mapping[str, str]) -> bool:
        """True where the tags have it."""
        return self.key in tags and self.value in (None, tags[self.key])


@dataclass(frozen=True)
class OsmObject:
    """An object: a point within it, and its tags."""

    id: str
    longitude: float
    latitude: float
    tags: Mapping[str, str]


def parse_tag(text: str) -> TagWish:
    """`leisure=marina`, or `aeroway` for all its values. Raises InputError."""
    key, equals, value = text.partition("=")
    if not key.strip() or (equals and not value.strip()):
        raise InputError(Parameter("tag"), f" expects KEY or KEY=VALUE, such as leisure=marina, not {text!r}.")
    return TagWish(key.strip(), None if not equals or value.strip() == "*" else value.strip())


def read_objects(path: Path, wishes: Sequence[TagWish]) -> Iterator[OsmObject]:
    """The objects of a file that have one of the tags, in its order.

    Tags are a feature's properties, or its `tags` property as tools like QuackOSM and Overpass write them.
    Raises InputError for a file that is not there, cannot be read or is none of the formats, and where an extra is
    missing.
    """
    number = 0
    for number, (properties, geometry, given) in enumerate(_features(path), start=1):
        tags = _tags(properties)
        if geometry is None or not any(wish.met_by(tags) for wish in wishes):
            continue
        place = _inside(path, geometry)
        if place is not None:
            yield OsmObject(_id(properties, given, number), *place, tags)
    if not number:
        raise InputError(f"{path} holds no objects.")


def read_shapes(path: Path) -> Iterator[tuple[Any, dict[str, str]]]:
    """The shape (of shapely, in degrees) and the tags of each object of a file that has both, in its order.

    Raises InputError as `read_objects` does.
    """
    any_at_all = False
    for properties, geometry, _ in _features(path):
        any_at_all = True
        tags = _tags(properties)
        if geometry is not None and tags:
            shape = _shape(path, geometry)
            if _place(path, shape) is not None:
                yield shape, tags
    if not any_at_all:
        raise InputError(f"{path} holds no objects.")


def _features(path: Path) -> Iterator[tuple[Mapping[str, Any], Any, Any]]:
    """Properties, geometry (GeoJSON or WKB) and id of each object."""
    if not path.is_file():
        raise InputError(f"There is no file {path}.")
    if path.suffix.lower() in (".parquet", ".geoparquet"):
        yield from _of_parquet(path)
        return
    try:
        if path.suffix.lower() in _LINES:
            with path.open(encoding="utf-8") as file:
                for line in file:
                    if text := line.strip().lstrip(_RECORD_SEPARATOR):
                        yield _feature(json.loads(text))
        else:
            for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
                yield _feature(feature)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {reason_of(error)}.") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{path} is no GeoJSON file of features, or is damaged.") from error


def _feature(feature: Any) -> tuple[Mapping[str, Any], Any, Any]:
    """Raises KeyError, TypeError for what is no feature."""
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict | None):
        raise TypeError
    return feature.get("properties") or {}, feature["geometry"], feature.get("id")


def _of_parquet(path: Path) -> Iterator[tuple[Mapping[str, Any], Any, Any]]:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError as error:
        raise InputError("GeoParquet is an extra: `pip install 'trsllava[dataset]'`.") from error
    try:
        with parquet.ParquetFile(path) as file:
            column = _geometry_column((file.schema_arrow.metadata or {}).get(b"geo", b"{}"))
            if column not in file.schema_arrow.names:
                raise InputError(f"{path} is no GeoParquet file: it has no column {column}.")
            for batch in file.iter_batches(_BATCH):
                for row in batch.to_pylist():
                    yield row, row.pop(column), row.get("id")
    except (ArrowException, OSError) as error:
        raise InputError(f"{path} is no GeoParquet file, or is damaged.") from error


def _geometry_column(stated: bytes) -> str:
    """By the file's metadata; `geometry` where they say nothing that can be read."""
    with suppress(ValueError):
        about = json.loads(stated)
        if isinstance(about, dict):
            return str(about.get("primary_column", "geometry"))
    return "geometry"


def _tags(properties: Mapping[str, Any]) -> dict[str, str]:
    tags = properties.get("tags")
    with suppress(ValueError, TypeError):  # what is none of these is a tag of that name
        if isinstance(tags, str) and tags.startswith("{"):
            tags = json.loads(tags)
        elif isinstance(tags, list):  # a map of Arrow
            tags = dict(tags)
    found = tags if isinstance(tags, dict) else properties
    return {str(key): str(value) for key, value in found.items() if _is_value(value) and key not in _IDS}


def _is_value(value: object) -> bool:
    """NaN is how tables of one column a tag leave it out."""
    return isinstance(value, str | int | float) and not isinstance(value, bool) and value == value


def _inside(path: Path, geometry: Any) -> tuple[float, float] | None:
    """A point of the object: of an area one inside it, of a line one on it. None for an empty geometry."""
    return _place(path, _shape(path, geometry))


def _place(path: Path, shape: Any) -> tuple[float, float] | None:
    if shape.is_empty:
        return None
    point = shape.representative_point()
    longitude, latitude = float(point.x), float(point.y)
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise InputError(
            f"{path} is not in degrees of longitude and latitude: an object lies at {point.x}, {point.y}."
        )
    return longitude, latitude


def _shape(path: Path, geometry: Any) -> Any:
    """A valid geometry of shapely."""
    try:
        import shapely
    except ImportError as error:
        raise InputError("Objects need an extra: `pip install 'trsllava[dataset]'`.") from error
    try:
        shape = shapely.from_wkb(geometry) if isinstance(geometry, bytes) else shapely.geometry.shape(geometry)
        return shape if shape.is_valid else shapely.make_valid(shape)
    except (shapely.errors.ShapelyError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path} holds a geometry that cannot be read.") from error


def _id(properties: Mapping[str, Any], given: Any, number: int) -> str:
    found = next((properties[name] for name in _IDS if properties.get(name) not in (None, "")), given)
    return str(number if found in (None, "") else found)
