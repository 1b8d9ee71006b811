"""A collection as a STAC 1.1 Collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trsllava.ledger.extent import Extent
from trsllava.raster.geometry import bbox_of
from trsllava.stac.items import STAC_VERSION, Document, timestamp

_WHOLE_EARTH = [-180.0, -90.0, 180.0, 90.0]


def collection_of(
    name: str,
    extent: Extent,
    *,
    tiles: int,
    models: Mapping[str, int],
    links: Sequence[Mapping[str, str]] = (),
) -> Document:
    """The Collection of a collection. `models`: number of tiles by what captioned them.

    STAC demands an extent: the whole Earth and all times stand for what no tile tells.
    """
    return {
        "type": "Collection",
        "stac_version": STAC_VERSION,
        "stac_extensions": [],
        "id": name,
        "title": name,
        "description": _description(tiles, models),
        "license": "other",
        "extent": {
            "spatial": {"bbox": [bbox_of(extent.box) if extent.box else _WHOLE_EARTH]},
            "temporal": {
                "interval": [
                    [
                        timestamp(extent.start) if extent.start else None,
                        timestamp(extent.end) if extent.end else None,
                    ]
                ]
            },
        },
        "links": [dict(link) for link in links],
    }


def _description(tiles: int, models: Mapping[str, int]) -> str:
    pictures = "1 picture" if tiles == 1 else f"{tiles:,} pictures"
    named = [model for model in models if model]
    return f"{pictures}, described in words" + (f" by {' and '.join(named)}." if named else ".")
