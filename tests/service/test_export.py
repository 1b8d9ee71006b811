"""`/v1/export`: chosen items as a file."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import httpx
import pystac
import pytest
from starlette.testclient import TestClient

HARBOR = {"text": "harbor with cranes"}
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def ids(client: TestClient) -> list[str]:
    """Three hits of a search, from the worst to the best."""
    hits = client.post("/v1/search", json=HARBOR).json()["hits"]
    return [hits[place]["tile"]["id"] for place in (7, 4, 0)]


def export(client: TestClient, form: str, ids: list[str], **more: Any) -> httpx.Response:
    answer: httpx.Response = client.post("/v1/export", json={"format": form, "ids": ids, **more})
    return answer


def test_geojson_lists_the_items_in_the_order_given_with_their_scores(client: TestClient, ids: list[str]) -> None:
    answer = export(client, "geojson", ids, search=HARBOR)
    features = answer.json()["features"]
    assert [feature["id"] for feature in features] == ids
    assert answer.headers["content-disposition"] == 'attachment; filename="selection.geojson"'
    worst, middle, best = [feature["properties"]["score"] for feature in features]
    assert worst < middle < best


def test_items_that_were_chosen_without_a_search_have_no_score(client: TestClient, ids: list[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(export(client, "csv", ids).text)))
    assert [row["id"] for row in rows] == ids
    assert {row["score"] for row in rows} == {""}
    assert all(row["match_text"] and row["path"] for row in rows)


def test_stac_is_an_item_collection_that_pystac_reads(client: TestClient, ids: list[str]) -> None:
    items = pystac.ItemCollection.from_dict(export(client, "stac", ids, search=HARBOR).json())
    assert [item.id for item in items] == ids
    assert all("trsllava:score" in item.properties for item in items)


def test_geoparquet_has_a_row_an_item_with_its_vectors(client: TestClient, ids: list[str], tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow.parquet")
    file = tmp_path / "selection.parquet"
    file.write_bytes(export(client, "geoparquet", ids).content)
    table = pyarrow.read_table(file)
    assert table["id"].to_pylist() == ids
    assert all(table["trsllava:image_vector"].to_pylist())


@pytest.mark.parametrize("search", [HARBOR, None], ids=["found", "chosen"])
def test_a_contact_sheet_holds_its_pictures_and_runs_nothing(
    client: TestClient, ids: list[str], search: dict[str, str] | None
) -> None:
    sheet = export(client, "html", ids, search=search).text
    assert sheet.count("<article") == sheet.count("data:image/jpeg;base64,") == 3
    assert "default-src 'none'" in sheet
    assert "<script" not in sheet
    assert ("fused score" in sheet) == (search is not None)


def test_items_that_are_gone_are_left_out(client: TestClient, ids: list[str]) -> None:
    features = json.loads(export(client, "geojson", [NOBODY, *ids]).text)["features"]
    assert [feature["id"] for feature in features] == ids


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"ids": [NOBODY], "format": "geojson"}, 404),
        ({"ids": [], "format": "geojson"}, 400),
        ({"ids": [NOBODY], "format": "exe"}, 400),
        ({"ids": ["../../etc"], "format": "csv"}, 400),
    ],
    ids=["gone", "none", "form", "path"],
)
def test_what_cannot_be_exported_is_refused(client: TestClient, body: dict[str, Any], status: int) -> None:
    assert client.post("/v1/export", json=body).status_code == status
