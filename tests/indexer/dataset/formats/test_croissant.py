"""GeoCroissant, validated and read back by `mlcroissant`."""

from __future__ import annotations

import json
from dataclasses import replace

import mlcroissant
import pytest

from indexer.dataset.formats import write_formats
from tests.indexer.dataset.formats.conftest import SmallSet
from trsllava.records import Footprint

# rdflib's own reader uses what rdflib calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")


@pytest.fixture
def croissant(data_set: SmallSet) -> mlcroissant.Dataset:
    write_formats(data_set.folder, data_set.about, data_set.images, ["croissant"])
    return mlcroissant.Dataset(jsonld=data_set.folder / "croissant.json")


def test_the_document_is_valid(croissant: mlcroissant.Dataset) -> None:
    assert list(croissant.metadata.ctx.issues.errors) == []
    assert list(croissant.metadata.ctx.issues.warnings) == []


def test_records_join_captions_with_pictures(
    croissant: mlcroissant.Dataset, data_set: SmallSet, caplog: pytest.LogCaptureFixture
) -> None:
    records = {record["records/id"].decode(): record for record in croissant.records("records")}

    assert set(records) == {image.id for image in data_set.images}
    assert caplog.messages == []
    for image in data_set.images:
        record = records[image.id]
        assert record["records/image"].getpixel((0, 0))[0] == 40 * int(image.id[-1])
        assert record["records/west"] == image.footprint.west
        captions = [] if image.text is None else image.text.texts()
        assert [text.decode() for text in record["records/captions"]] == captions


def test_the_ground_is_told_as_geocroissant_has_it(data_set: SmallSet) -> None:
    write_formats(data_set.folder, data_set.about, data_set.images, ["croissant"])
    document = json.loads((data_set.folder / "croissant.json").read_text("utf-8"))

    assert document["conformsTo"] == ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/geo/1.0"]
    assert document["spatialCoverage"]["geo"]["box"] == "53.0 8.0 53.2 8.2"
    assert document["temporalCoverage"] == "2026-05-01T10:30:00Z/2026-05-05T10:30:00Z"
    assert document["geocr:coordinateReferenceSystem"] == "EPSG:4326"
    # 0.0001 degrees are 6.68 m across and 11.12 m down, of 8 by 6 pixels.
    assert document["geocr:spatialResolution"]["value"] == pytest.approx((6.68 / 8 + 11.12 / 6) / 2, abs=0.01)


def test_a_pixel_is_as_wide_across_the_dateline(data_set: SmallSet) -> None:
    across = Footprint(west=179.9999, south=0, east=-179.9999, north=0.0002)
    write_formats(data_set.folder, data_set.about, [replace(data_set.images[0], footprint=across)], ["croissant"])
    document = json.loads((data_set.folder / "croissant.json").read_text("utf-8"))

    # 0.0002 degrees are 22.24 m both ways, of 8 by 6 pixels.
    assert document["geocr:spatialResolution"]["value"] == pytest.approx((22.24 / 8 + 22.24 / 6) / 2, abs=0.01)
