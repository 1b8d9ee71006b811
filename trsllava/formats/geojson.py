"""Hits as GeoJSON, for QGIS and web maps."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from trsllava.formats.flat import SIDES, branches_of, flat_row
from trsllava.raster.geometry import bbox_of, geometry_of
from trsllava.records import Hit, Part


def geojson(query: str, hits: Sequence[Hit], links: Sequence[Mapping[str, str]] = ()) -> str:
    """A FeatureCollection (RFC 7946), best hit first, one a line, the query as a foreign member.

    A feature's properties are the columns of the CSV without the box; `links`: of each hit, addresses by name, which
    become further properties. Outlines that cross the dateline are cut
    there; a hit without a footprint has the geometry null.
    """
    branches = branches_of(hits)
    features = [
        json.dumps(_feature(rank, hit, branches, more), ensure_ascii=False)
        for rank, (hit, more) in enumerate(zip(hits, links or [{}] * len(hits), strict=True), start=1)
    ]
    lines = "".join(f"\n{feature}," for feature in features).removesuffix(",")
    return (
        f'{{"type": "FeatureCollection", "query": {json.dumps(query, ensure_ascii=False)}, "features": [{lines}\n]}}'
    )


def _feature(rank: int, hit: Hit, branches: Sequence[Part], links: Mapping[str, str]) -> dict[str, Any]:
    footprint = hit.tile.footprint
    row = flat_row(rank, hit, branches)
    feature: dict[str, Any] = {"type": "Feature", "id": row.pop("id")}
    if footprint:
        feature["bbox"] = bbox_of(footprint)
    feature["geometry"] = geometry_of(footprint) if footprint else None
    feature["properties"] = {name: value for name, value in row.items() if name not in SIDES} | dict(links)
    return feature
