"""The STAC catalogue, validated and read back by `pystac` without a network."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import pystac
import pytest
from PIL import Image

from indexer.dataset.formats.stac import write_stac
from tests.indexer.dataset.formats.conftest import SmallSet
from trsllava.records import Footprint


@pytest.fixture
def catalogue(data_set: SmallSet, monkeypatch: pytest.MonkeyPatch) -> pystac.Catalog:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    write_stac(data_set.folder, data_set.about, data_set.images)
    return pystac.Catalog.from_file(str(data_set.folder / "stac" / "catalog.json"))


def test_the_whole_catalogue_validates(catalogue: pystac.Catalog) -> None:
    catalogue.validate()
    assert catalogue.validate_all() == 6


def test_items_have_labels_and_captions(catalogue: pystac.Catalog, data_set: SmallSet) -> None:
    items = {item.id: item for item in catalogue.get_items(recursive=True)}

    assert set(items) == {image.id for image in data_set.images}
    for image in data_set.images:
        properties = items[image.id].properties
        assert properties["trsllava:labels"] == list(image.labels)
        assert properties["trsllava:split"] == image.split
        assert properties.get("trsllava:captions", []) == ([] if image.text is None else image.text.texts())
        assert items[image.id].datetime == image.acquired


def test_assets_are_the_pictures_of_the_data_set(catalogue: pystac.Catalog, data_set: SmallSet) -> None:
    for item in catalogue.get_items(recursive=True):
        href = item.assets["image"].get_absolute_href()
        assert href is not None
        with Image.open(href) as picture:
            assert picture.size == (8, 6)
        assert Path(href).resolve().parent == (data_set.folder / "images").resolve()


@pytest.mark.parametrize(
    ("footprint", "kind"),
    [
        (Footprint(west=179.99, south=-17, east=-179.99, north=-16.98), "MultiPolygon"),
        (
            Footprint(
                west=8, south=53, east=8.02, north=53.02,
                polygon=((8.01, 53), (8.02, 53.01), (8.01, 53.02), (8, 53.01), (8.01, 53)),
            ),
            "Polygon",
        ),
        (Footprint(west=0, south=89.9, east=10, north=90), "Polygon"),
    ],
    ids=["dateline", "rotated", "pole"],
)  # fmt: skip
def test_ground_is_valid_wherever_it_lies(data_set: SmallSet, footprint: Footprint, kind: str) -> None:
    write_stac(data_set.folder, data_set.about, [replace(data_set.images[0], footprint=footprint)])

    catalogue = pystac.Catalog.from_file(str(data_set.folder / "stac" / "catalog.json"))
    assert catalogue.validate_all() == 1
    (item,) = catalogue.get_items(recursive=True)
    assert item.geometry is not None
    assert item.geometry["type"] == kind
    assert item.bbox == [footprint.west, footprint.south, footprint.east, footprint.north]
