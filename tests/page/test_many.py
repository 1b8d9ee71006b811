"""Ten thousand tiles: everything that works on sixty works on them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from eval.benchmarks.page_archive import draw_tiles
from tests.conftest import MakeOnce
from tests.page.accessibility import violations
from tests.page.conftest import OpenPage, Server, keep, serving

pytestmark = pytest.mark.timeout(1800)  # drawing and indexing them takes a minute or two, on a busy machine many

TILES = 10_000
MOST_CARDS = 150
"""On the page at once, of however many hits."""


@pytest.fixture(scope="session")
def many_home(make_once: MakeOnce) -> Path:
    def draw(home: Path) -> None:
        files = home.with_name(f"{home.name}-files")
        files.mkdir()
        draw_tiles(files, home, tiles=TILES)

    return make_once("many-home", draw)


@pytest.fixture(scope="module")
def many(many_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(many_home, tmp_path_factory.mktemp("many") / "server.log") as server:
        yield server


def ranked(page: Page) -> None:
    """All hits are known, not only the first."""
    expect(page.locator(".found")).to_contain_text(f"{TILES:,} images")


def test_all_hits_are_in_the_list_and_only_those_in_sight_on_the_page(open_page: OpenPage, many: Server) -> None:
    page = open_page("/?text=harbor", on=many)
    ranked(page)
    expect(page.locator(".card img").first).to_be_visible()
    page.locator(".card-link").first.focus()
    page.keyboard.press("End")
    last = page.locator(f"li[aria-posinset='{TILES}']")
    expect(last.locator(".card-link")).to_be_focused()
    expect(last.locator("img")).to_be_visible()
    assert page.locator(".card").count() < MOST_CARDS
    page.keyboard.press("Home")
    expect(page.locator("li[aria-posinset='1'] .card-link")).to_be_focused()


def test_all_hits_are_on_the_map_and_a_box_filters_them(open_page: OpenPage, many: Server) -> None:
    page = open_page("/?text=harbor&pane=map", on=many)
    expect(page.locator(".map-status")).to_have_text(f"{TILES:,} on the map.")
    keep(page, "map-many")
    page.goto("/?text=harbor&pane=map&bbox=179.8,-17,-179.8,-16")
    expect(page.locator(".map-status")).to_have_text("100 on the map.")


def test_facets_filter_and_the_address_holds_them(open_page: OpenPage, many: Server) -> None:
    page = open_page("/?text=boats&labels=boat", on=many)
    expect(page.locator(".found")).to_contain_text(re.compile(r"[\d,]+ images"))
    found = page.locator(".found b").inner_text()
    assert int(found.split()[0].replace(",", "")) < TILES
    page.reload()
    expect(page.locator(".found b")).to_have_text(found)


def test_the_first_thousand_are_taken_along(open_page: OpenPage, many: Server) -> None:
    page = open_page("/?text=harbor", on=many)
    ranked(page)
    page.get_by_role("button", name="Export").click()
    expect(page.get_by_label("the first 1,000 images shown")).to_be_checked()
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("button", name="GeoJSON").click()
    features = json.loads(Path(download.value.path()).read_text("utf-8"))["features"]
    assert len(features) == 1000
    scores = [round(feature["properties"]["score"], 4) for feature in features]
    assert scores == sorted(scores, reverse=True)


def test_a_tenth_is_drawn_for_review(open_page: OpenPage, many: Server) -> None:
    page = open_page("/?view=review&reviewer=anna", on=many)
    expect(page.get_by_text("0 of 1,000 judged")).to_be_visible()
    expect(page.locator(".judged img")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_long_list_breaks_nothing_of_wcag(open_page: OpenPage, many: Server, scheme: str) -> None:
    page = open_page("/?text=harbor&pane=map", scheme=scheme, on=many)
    ranked(page)
    assert violations(page) == []
