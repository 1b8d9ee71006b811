"""GeoTIFFs and STAC documents made on the spot."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine

WriteScene = Callable[..., Path]


@pytest.fixture
def write_scene(tmp_path: Path) -> WriteScene:
    """Write a GeoTIFF near Rotterdam of random pixels, different for each name; options go to GDAL."""

    def write(name: str, side: int = 64, bands: int = 3, folder: str = "data", **options: Any) -> Path:
        path = tmp_path / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        samples = np.random.default_rng(list(name.encode())).integers(1, 255, (bands, side, side), np.uint8)
        place = {"crs": "EPSG:32631", "transform": Affine(10, 0, 590_000, 0, -10, 5_760_000)}
        shape = {"width": side, "height": side, "count": bands, "dtype": "uint8"}
        with rasterio.open(path, "w", **({"driver": "GTiff"} | shape | place | options)) as dataset:
            dataset.write(samples)
        return path

    return write


def item(name: str, assets: dict[str, Any], properties: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A STAC item of 1.0, as short as the specification allows."""
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": name,
        "geometry": None,
        "bbox": [4.3, 51.9, 4.4, 52.0],
        "properties": {"datetime": "2023-06-30T10:56:31Z"} | (properties or {}),
        "links": [],
        "assets": {key: asset if isinstance(asset, dict) else {"href": asset} for key, asset in assets.items()},
        **more,
    }


def items(*features: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An ItemCollection."""
    return {"type": "FeatureCollection", "features": list(features), **more}


def write_json(path: Path, document: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document), encoding="utf-8")
    return path
