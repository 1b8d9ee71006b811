"""`trsllava export --geoparquet`: items and vectors in one file."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest
from stac_geoparquet.arrow import stac_table_to_items

import trsllava
from trsllava.archive import Archive
from trsllava.errors import InputError, UnknownCollectionError
from trsllava.records import Filters
from trsllava.stac.geoparquet import write_geoparquet
from trsllava.stac.items import item_of


def moment(item: dict[str, Any]) -> datetime | None:
    told = item["properties"].get("datetime")
    return told and datetime.fromisoformat(told)


def test_items_come_back_as_they_were(archive: Archive, tmp_path: Path) -> None:
    assert write_geoparquet(archive, tmp_path / "a.parquet") == 6
    table = pyarrow.parquet.read_table(tmp_path / "a.parquet")
    found = {item["id"]: item for item in stac_table_to_items(table)}

    for record in archive.ledger.captioned(Filters()):
        item, original = found[str(record.tile.id)], item_of(record, "default")
        assert item["properties"]["trsllava:captions"] == original["properties"]["trsllava:captions"]
        assert moment(item) == moment(original)
        if original["geometry"]:
            assert item["geometry"]["type"] == original["geometry"]["type"]
            assert list(item["bbox"]) == pytest.approx(original["bbox"])
        else:
            assert list(item["geometry"]["coordinates"]) == []


def test_each_caption_has_its_vector(archive: Archive, tmp_path: Path) -> None:
    write_geoparquet(archive, tmp_path / "a.parquet")
    for row in pyarrow.parquet.read_table(tmp_path / "a.parquet").to_pylist():
        texts = row["trsllava:captions"]
        np.testing.assert_allclose(row["trsllava:vectors"], archive.encoder.encode(texts), atol=1e-5)
        assert row["trsllava:image_vector"] is None


def test_other_tools_see_a_geometry_column(archive: Archive, tmp_path: Path) -> None:
    write_geoparquet(archive, tmp_path / "a.parquet")
    metadata = pyarrow.parquet.read_schema(tmp_path / "a.parquet").metadata

    assert b'"primary_column":"geometry"' in metadata[b"geo"].replace(b" ", b"")
    assert b'"default"' in metadata[b"stac-geoparquet"]


def test_a_missing_extra_is_one_clear_sentence(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "stac_geoparquet.arrow", None)

    with pytest.raises(InputError, match=r"^GeoParquet is an extra: `pip install 'trsllava\[geoparquet\]'`\.$"):
        write_geoparquet(archive, tmp_path / "a.parquet")


def test_a_place_that_cannot_be_written_is_told(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write_geoparquet(archive, tmp_path / "missing" / "a.parquet")


def test_an_unknown_collection_is_told(tmp_path: Path) -> None:
    with trsllava.open(tmp_path) as empty, pytest.raises(UnknownCollectionError):
        write_geoparquet(empty, tmp_path / "a.parquet")
