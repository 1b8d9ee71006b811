"""A hit that a branch knows nothing of, in every format."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest
from rich.console import Console

from trsllava.formats.csv_rows import csv_rows
from trsllava.formats.geojson import geojson
from trsllava.formats.html import html_page
from trsllava.formats.json_document import json_document
from trsllava.formats.table import table
from trsllava.records import BranchScore, Hit


@pytest.fixture
def hit(make_hit: Callable[..., Hit]) -> Hit:
    known, unknown = BranchScore(score=0.5, rank=1, share=0.75), BranchScore(score=None, rank=None, share=0.0)
    return make_hit(branches={"dense": known, "image": unknown, "rerank": unknown})


def test_its_cells_are_empty(hit: Hit) -> None:
    (row,) = csv.DictReader(io.StringIO(csv_rows([hit])))
    assert (row["image_score"], row["image_rank"], row["image_share"]) == ("", "", "0.0")
    assert json.loads(geojson("a quay", [hit]))["features"][0]["properties"]["rerank_rank"] is None
    assert json.loads(json_document("a quay", [hit]))["hits"][0]["branches"]["image"]["score"] is None


def test_people_see_a_dash(hit: Hit) -> None:
    console = Console(width=100, file=io.StringIO())
    console.print(table("a quay", [hit]))
    assert isinstance(console.file, io.StringIO)
    assert "image –" in console.file.getvalue()
    page = html_page("a quay", [hit], {})
    assert "Image –" in page
    assert "image: not known, share 0.0000" in page


def test_a_picture_query_has_a_heading_and_no_marked_words(make_hit: Callable[..., Hit]) -> None:
    page = html_page("", [make_hit()], {}, heading="/pictures/harbor.png")
    assert "<h1>/pictures/harbor.png</h1>" in page
    assert "<mark>" not in page
