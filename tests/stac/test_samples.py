"""Samples of places as STAC."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pystac
import pytest

from indexer.sampling.sample import SamplePoint
from indexer.sampling.tiles import square_around
from trsllava.stac.items import UNKNOWN_TIME
from trsllava.stac.samples import SampledTile, sample_item, write_sample_stac


def tile(id: str, longitude: float, latitude: float, **more: object) -> SampledTile:
    point = SamplePoint(id, longitude, latitude, {"class": 40, "cluster": "High-High"})
    return SampledTile(point, square_around(point, 1000), **more)  # type: ignore[arg-type]


def tiles(folder: Path) -> list[SampledTile]:
    (folder / "pictures").mkdir()
    (folder / "pictures" / "a.png").write_bytes(b"")
    taken = datetime(2024, 5, 17, 10, 31, 5, tzinfo=UTC)
    return [
        tile("a", 10, 50, split="train", picture=folder / "pictures" / "a.png", acquired=taken),
        tile("dateline", 179.999, -17),
        tile("pole", 0, 90),
    ]


@pytest.mark.usefixtures("offline")
def test_everything_validates_and_leads_to_its_picture(tmp_path: Path) -> None:
    write_sample_stac(tmp_path / "stac", "sample-moran", "Three places.", tiles(tmp_path))
    collection = pystac.Collection.from_file(str(tmp_path / "stac" / "collection.json"))

    collection.validate()
    assert collection.validate_all() == 3
    items = {item.id: item for item in collection.get_items()}
    assert items["a"].assets["picture"].get_absolute_href() == str(tmp_path / "pictures" / "a.png")
    assert not items["pole"].assets
    assert items["dateline"].geometry["type"] == "MultiPolygon"  # type: ignore[index]
    assert collection.extent.spatial.bboxes[0][::2] == [-180, 180]


def test_an_item_tells_why_its_place_was_chosen() -> None:
    properties = sample_item(tile("a", 10, 50, split="val"), "sample-moran")["properties"]

    assert properties["sample:class"] == 40
    assert properties["sample:split"] == "val"
    assert (properties["sample:longitude"], properties["sample:latitude"]) == (10, 50)


def test_a_place_without_a_picture_has_all_times() -> None:
    properties = sample_item(tile("a", 10, 50), "sample-moran")["properties"]

    assert properties["datetime"] is None
    assert (properties["start_datetime"], properties["end_datetime"]) == UNKNOWN_TIME


def test_a_sample_of_nowhere_is_the_whole_earths(tmp_path: Path) -> None:
    write_sample_stac(tmp_path / "stac", "empty", "Nothing.", [])
    found = pystac.Collection.from_file(str(tmp_path / "stac" / "collection.json"))

    assert found.extent.spatial.bboxes == [[-180, -90, 180, 90]]
