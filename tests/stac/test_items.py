"""Tiles as STAC Items: place, time, words, and what a search adds."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pystac
import pytest

from trsllava.archive import Archive
from trsllava.raster.media_types import COG, GEOTIFF
from trsllava.records import Filters
from trsllava.stac.catalogue import original_asset
from trsllava.stac.items import Document, item_of, schema, timestamp, with_hit


def item_called(archive: Archive, name: str) -> Document:
    record = next(one for one in archive.ledger.captioned(Filters()) if name in one.paths[0])
    return item_of(record, "default")


@pytest.mark.usefixtures("offline")
def test_every_item_validates(archive: Archive) -> None:
    for record in archive.ledger.captioned(Filters()):
        item = item_of(record, "default", links=[{"rel": "collection", "href": "./c.json"}])
        pystac.Item.from_dict(item).validate()
        jsonschema.validate(item, schema())


def test_our_fields_are_checked_by_our_schema(archive: Archive) -> None:
    item = item_called(archive, "fiji")
    item["properties"]["trsllava:colour"] = "blue"

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(item, schema())


def test_a_hit_adds_score_and_reasons(archive: Archive) -> None:
    hit = archive.search("an airport", k=1)[0]
    record = archive.tile(str(hit.tile.id))
    item = with_hit(item_of(record, "default"), hit)

    jsonschema.validate(item, schema())
    told = item["properties"]
    assert told["trsllava:score"] == hit.score
    assert told["trsllava:why"] == hit.why.model_dump()
    assert told["trsllava:labels"] == list(hit.labels)


def test_a_box_across_the_dateline_is_cut_in_its_geometry_alone(archive: Archive) -> None:
    item = item_called(archive, "fiji")

    assert item["bbox"] == pytest.approx([179.96, -17.08, -179.96, -17.0])
    assert item["geometry"]["type"] == "MultiPolygon"


def test_a_turned_picture_has_its_outline(archive: Archive) -> None:
    (ring,) = item_called(archive, "turned")["geometry"]["coordinates"]

    assert len({tuple(point) for point in ring} - {tuple(ring[0])}) >= 3
    assert all(point not in ring for point in ([ring[0][0], ring[2][1]],))


def test_a_tile_without_a_place_has_no_box(archive: Archive) -> None:
    item = item_called(archive, "nowhere")

    assert item["geometry"] is None
    assert "bbox" not in item


@pytest.mark.parametrize(
    ("name", "times"),
    [
        ("rotterdam", {"datetime": "2024-05-17T10:31:05Z"}),
        (
            "summer",
            {"datetime": None, "start_datetime": "2021-06-01T00:00:00Z", "end_datetime": "2021-09-01T00:00:00Z"},
        ),
        (
            "undated",
            {
                "datetime": None,
                "start_datetime": "1858-01-01T00:00:00Z",
                "end_datetime": "2100-01-01T00:00:00Z",
                "trsllava:undated": True,
            },
        ),
    ],
)
def test_an_item_says_when_it_was_taken(archive: Archive, name: str, times: dict[str, Any]) -> None:
    told = item_called(archive, name)["properties"]

    assert {key: value for key, value in told.items() if "datetime" in key or key == "trsllava:undated"} == times


def test_times_are_told_in_utc() -> None:
    assert timestamp(datetime(2024, 5, 17, 10, 31, 5, 250_000, tzinfo=UTC)) == "2024-05-17T10:31:05.250000Z"


@pytest.mark.parametrize(("name", "media_type"), [("rotterdam", COG), ("fiji", GEOTIFF), ("nowhere", "image/png")])
def test_an_original_has_the_media_type_of_its_content(archive: Archive, name: str, media_type: str) -> None:
    record = next(one for one in archive.ledger.captioned(Filters()) if name in one.paths[0])
    asset = original_asset(Path(record.paths[0]), "x")

    assert asset is not None
    assert asset["type"] == media_type
