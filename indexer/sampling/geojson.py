"""A sample as GeoJSON (RFC 7946): its points, and the squares of ground around them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from indexer.sampling.sample import SamplePoint
from trsllava.raster.geometry import bbox_of, geometry_of
from trsllava.records import Footprint


def points_geojson(points: Iterable[SamplePoint], splits: Mapping[str, str]) -> Iterator[str]:
    """Lines of a FeatureCollection, one point a line. `splits`: by point id."""
    return _collection(
        {
            "type": "Feature",
            "id": point.id,
            "geometry": {"type": "Point", "coordinates": [round(point.longitude, 9), round(point.latitude, 9)]},
            "properties": _properties(point, splits),
        }
        for point in points
    )


def tiles_geojson(tiles: Iterable[tuple[SamplePoint, Footprint]], splits: Mapping[str, str]) -> Iterator[str]:
    """Lines of a FeatureCollection, one tile a line; outlines that cross the dateline are cut there."""
    return _collection(
        {
            "type": "Feature",
            "id": point.id,
            "bbox": bbox_of(footprint),
            "geometry": geometry_of(footprint),
            "properties": _properties(point, splits),
        }
        for point, footprint in tiles
    )


def _properties(point: SamplePoint, splits: Mapping[str, str]) -> dict[str, Any]:
    return {**point.properties, **({"split": splits[point.id]} if point.id in splits else {})}


def _collection(features: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    yield '{"type": "FeatureCollection", "features": ['
    before = "\n"
    for feature in features:
        yield before + json.dumps(feature, ensure_ascii=False, allow_nan=False)
        before = ",\n"
    yield "\n]}\n"
