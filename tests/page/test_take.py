"""What is found is taken along: as files, and as lines to run elsewhere."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import pystac
import pytest
from playwright.sync_api import Page, expect

from tests.page.conftest import OpenPage, Server, keep

ADDRESS = "/?text=harbor+with+cranes"


def select(page: Page, *places: int) -> list[str]:
    """Select hits by their places; their ids."""
    ids = []
    for place in places:
        card = page.locator(".card").nth(place)
        card.hover()
        card.get_by_role("button", name="Select", exact=True).click()
        ids.append(str(card.locator(".card-link").get_attribute("href")).partition("open=")[2][:36])
    return ids


def taken(page: Page, form: str, to: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("button", name=re.compile(f"^{form} ")).click()
    file = to / download.value.suggested_filename
    download.value.save_as(file)
    return file


def test_three_hits_are_kept_and_taken_for_qgis(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(ADDRESS)
    expect(page.locator(".card").first).to_be_visible()
    ids = select(page, 0, 2, 3)
    expect(page.get_by_text("3 selected")).to_be_visible()
    page.get_by_label("Selection").get_by_role("button", name="Export").click()
    keep(page, "take")
    features = json.loads(taken(page, "GeoJSON", tmp_path).read_text("utf-8"))["features"]
    assert [feature["id"] for feature in features] == ids
    assert all(feature["properties"]["score"] for feature in features)
    expect(page.get_by_text("Saved as selection.geojson.")).to_be_visible()


def test_images_without_a_place_are_told_before_they_are_missed(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(ADDRESS)
    expect(page.locator(".found b")).to_have_text("60 images")
    page.get_by_role("button", name="Export").click()
    told = page.get_by_text("without a known place")
    number = int(told.inner_text().split()[0])
    features = json.loads(taken(page, "GeoJSON", tmp_path).read_text("utf-8"))["features"]
    assert number == sum(feature["geometry"] is None for feature in features) > 0


def test_each_form_is_what_its_name_says(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(ADDRESS)
    expect(page.locator(".card").first).to_be_visible()
    page.get_by_role("button", name="Export").click()
    with taken(page, "CSV", tmp_path).open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 60
    assert len(pystac.ItemCollection.from_file(str(taken(page, "STAC", tmp_path)))) == 60
    sheet = taken(page, "Contact sheet", tmp_path).read_text("utf-8")
    assert sheet.count("data:image/jpeg;base64,") == 60
    pyarrow = pytest.importorskip("pyarrow.parquet")
    assert pyarrow.read_table(taken(page, "stac-geoparquet", tmp_path)).num_rows == 60


@pytest.mark.parametrize(
    "address",
    [
        ADDRESS,
        "/?text=it%27s+%22a%22+harbor%5C&labels=boat&bbox=-30,20,60,70&sort=newest",
        "/?text=boat&unwanted=tree",
    ],
    ids=["text", "quotes", "unwanted"],
)
def test_the_snippets_run(open_page: OpenPage, server: Server, tmp_path: Path, address: str) -> None:
    page = open_page(address)
    page.locator(".found").wait_for()
    page.get_by_role("button", name="Export").click()
    snippet = page.get_by_label("The same in a program", exact=True).last
    python = subprocess.run([sys.executable, "-c", snippet.inner_text()], capture_output=True, text=True, check=True)
    page.get_by_role("button", name="curl").click()
    expect(snippet).to_contain_text("curl ")
    subprocess.run(["bash", "-c", snippet.inner_text()], cwd=tmp_path, check=True, capture_output=True)
    features = json.loads((tmp_path / "hits.geojson").read_text("utf-8"))["features"]
    assert len(python.stdout.splitlines()) == len(features)


def test_a_selection_outlives_the_question_it_was_made_for(open_page: OpenPage) -> None:
    page = open_page(ADDRESS)
    expect(page.locator(".card").first).to_be_visible()
    select(page, 0, 1)
    box = page.get_by_role("combobox", name="Search")
    box.fill("desert")
    box.press("Enter")
    expect(page.get_by_text("2 selected")).to_be_visible()
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(page.get_by_text("2 selected")).to_be_hidden()


def test_hits_are_selected_and_taken_along_by_keys_alone(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(ADDRESS)
    page.locator(".card-link").first.focus()
    page.keyboard.press("x")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    expect(page.get_by_text("2 selected")).to_be_visible()
    page.get_by_label("Selection").get_by_role("button", name="Export").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="GeoJSON").focus()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert len(json.loads(Path(download.value.path()).read_text("utf-8"))["features"]) == 2
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
