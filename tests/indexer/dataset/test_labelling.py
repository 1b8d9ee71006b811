"""Labels come from the map: objects through their tags, land cover through its codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from affine import Affine

from indexer.dataset.labelling import MapSources, TileLabels, full_path, label_tiles
from tests.indexer.sampling.world import write_raster
from trsllava.errors import ImageError, InputError
from trsllava.labels.file import read_tree
from trsllava.records import Footprint

TREE = read_tree("overhead")
TILES = {
    "west": Footprint(west=10, south=50, east=10.01, north=50.01),
    "east": Footprint(west=10.02, south=50, east=10.03, north=50.01),
}


def box(west: float, south: float, size: float, **tags: str) -> dict[str, Any]:
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": tags}


def extract(folder: Path, *features: dict[str, Any]) -> Path:
    path = folder / "osm.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def cover(folder: Path, west: int, east: int) -> Path:
    """Ten pixels a tile; the tiles have a code each, and what lies between them has none."""
    codes = np.zeros((10, 30), np.uint8)
    codes[:, :10], codes[:, 20:] = west, east
    return write_raster(folder / "cover.tif", codes[None], Affine(0.001, 0, 10, 0, -0.001, 50.01), nodata=0)


def test_an_object_labels_the_tiles_that_show_it(tmp_path: Path) -> None:
    objects = extract(
        tmp_path,
        box(10.002, 50.002, 0.004, leisure="marina"),
        box(10.022, 50.002, 0.002, building="school"),
        box(10.023, 50.003, 0.002, shop="bicycle"),
        box(10.024, 50.004, 0.002, nothing="known"),
    )

    assert label_tiles(TILES, MapSources(TREE, objects)) == {
        "east": TileLabels(("commerce", "school"), ()),
        "west": TileLabels(("marina",), ()),
    }


def test_what_takes_most_of_the_tile_comes_first(tmp_path: Path) -> None:
    objects = extract(
        tmp_path,
        box(10.001, 50.001, 0.002, natural="wood"),
        box(10.003, 50.003, 0.006, landuse="residential"),
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": [[9.9, 50.005], [10.1, 50.005]]},
            "properties": {"highway": "motorway"},
        },
    )

    assert label_tiles(TILES, MapSources(TREE, objects))["west"].labels == (
        "residential area",
        "woodland",
        "motorway",
    )


def test_a_corner_is_dropped_and_told(tmp_path: Path) -> None:
    objects = extract(
        tmp_path, box(9.5, 49.502, 0.5005, landuse="cemetery"), box(10.004, 50.004, 0.001, amenity="pub")
    )

    assert label_tiles(TILES, MapSources(TREE, objects))["west"] == TileLabels(("pub",), ("cemetery",))


def test_land_cover_gives_the_highest_label_that_its_class_means(tmp_path: Path) -> None:
    found = label_tiles(TILES, MapSources(TREE, land_cover=cover(tmp_path, 40, 95)))

    assert {name: one.labels for name, one in found.items()} == {"west": ("farmland",), "east": ("mangrove",)}
    assert full_path(TREE.labels["farmland"]) == ("farmland", "farmland", "farmland")
    assert full_path(TREE.labels["mangrove"]) == ("vegetation", "forest", "mangrove")


def test_an_object_says_more_than_the_land_cover_above_it(tmp_path: Path) -> None:
    objects = extract(tmp_path, box(10.002, 50.002, 0.005, landuse="vineyard"))
    found = label_tiles(TILES, MapSources(TREE, objects, cover(tmp_path, 40, 40)))

    assert found["west"].labels == ("vineyard",)
    assert found["east"].labels == ("farmland",)


@pytest.mark.parametrize(("share", "labels"), [(5, ("farmland",)), (20, ("farmland", "forest"))])
def test_a_class_counts_from_a_tenth_of_the_tile(share: int, labels: tuple[str, ...], tmp_path: Path) -> None:
    codes = np.full(100, 40, np.uint8)
    codes[:share] = 10
    path = write_raster(tmp_path / "c.tif", codes.reshape(1, 10, 10), Affine(0.001, 0, 10, 0, -0.001, 50.01), nodata=0)

    assert label_tiles({"t": TILES["west"]}, MapSources(TREE, land_cover=path))["t"].labels == labels


def test_a_tile_across_the_dateline_has_both_sides(tmp_path: Path) -> None:
    tile = Footprint(west=179.99, south=0, east=-179.99, north=0.02)
    objects = extract(
        tmp_path, box(179.992, 0.002, 0.005, natural="wood"), box(-179.998, 0.002, 0.005, leisure="park")
    )
    codes = np.full((1, 18, 360), 80, np.uint8)
    codes[:, :, :180] = 10
    world = write_raster(tmp_path / "world.tif", codes, Affine(1, 0, -180, 0, -10, 90))

    assert set(label_tiles({"t": tile}, MapSources(TREE, objects, world))["t"].labels) == {"woodland", "park", "water"}


def test_a_tile_off_the_raster_and_a_class_that_is_none_have_no_label(tmp_path: Path) -> None:
    far = {"far": Footprint(west=70, south=0, east=70.01, north=0.01), **TILES}

    assert label_tiles(far, MapSources(TREE, land_cover=cover(tmp_path, 7, 40)))["far"] == TileLabels()
    assert label_tiles(far, MapSources(TREE, land_cover=cover(tmp_path, 7, 40)))["west"] == TileLabels()
    assert set(label_tiles(far, MapSources(TREE)).values()) == {TileLabels()}


def test_files_that_are_none_are_named(tmp_path: Path) -> None:
    (tmp_path / "no.tif").write_bytes(b"no raster")
    with pytest.raises(InputError, match=r"no\.geojson"):
        label_tiles(TILES, MapSources(TREE, tmp_path / "no.geojson"))
    with pytest.raises(ImageError, match=r"no\.tif"):
        label_tiles(TILES, MapSources(TREE, land_cover=tmp_path / "no.tif"))
