"""Filters by what is said of scenes, and by who captioned them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.page.accessibility import violations
from tests.page.conftest import OpenPage, Server, keep, serving
from tests.page.scenes import index_items


@pytest.fixture(scope="module")
def items(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("items")
    index_items(folder / "home")
    with serving(folder / "home", folder / "server.log") as server:
        yield server


def _facet(page: Page, name: str) -> Locator:
    filters = page.get_by_role("complementary", name="Filters")
    return filters.locator("section").filter(has=page.get_by_role("heading", name=name, exact=True))


def _found(page: Page, number: int) -> None:
    expect(page.locator(".found b")).to_have_text(f"{number} image{'s' if number != 1 else ''}")


@pytest.mark.parametrize(
    ("facet", "value", "told", "address"),
    [
        ("Captioned by", "GPT", 2, "captioned_by=GPT"),
        ("Platform", "landsat-8", 1, "platform=landsat-8"),
        ("Cloud cover, %", "10 – 20", 1, "cloud_cover>=10"),
        ("Cloud cover, %", "70 – 80", 1, "cloud_cover<=80"),
    ],
)
def test_values_and_ranges_count_and_filter(
    open_page: OpenPage, items: Server, facet: str, value: str, told: int, address: str
) -> None:
    page = open_page("/?text=field", on=items)
    _found(page, 6)
    row = _facet(page, facet).get_by_role("listitem").filter(has_text=value)
    expect(row.locator("small")).to_have_text(str(told))
    row.get_by_role("button").click()
    _found(page, told)
    assert address in page.evaluate("new URLSearchParams(location.search).getAll('properties').join(' ')")
    expect(row.get_by_role("button")).to_have_attribute("aria-pressed", "true")
    page.reload()
    _found(page, told)
    row.get_by_role("button").click()
    _found(page, 6)


def test_properties_that_are_rarely_asked_for_are_a_click_away(open_page: OpenPage, items: Server) -> None:
    page = open_page("/?text=field", on=items)
    expect(_facet(page, "Platform")).to_be_visible()
    expect(_facet(page, "Off nadir, °")).to_be_hidden()
    page.get_by_role("button", name=re.compile("more propert")).click()
    expect(_facet(page, "Off nadir, °")).to_be_visible()
    keep(page, "properties")


def test_filters_by_which_nothing_passes_can_be_taken_away(open_page: OpenPage, items: Server) -> None:
    page = open_page("/?text=field&properties=platform%3Dlandsat-8&properties=captioned_by%3DGPT", on=items)
    expect(page.get_by_role("heading", name="Nothing fits")).to_be_visible()
    page.get_by_role("button", name="Captioned by: GPT").click()
    _found(page, 1)
    page.get_by_role("button", name="Platform: landsat-8").click()
    _found(page, 6)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(open_page: OpenPage, items: Server, scheme: str) -> None:
    page = open_page("/?text=field&properties=platform%3Dsentinel-2a", on=items, scheme=scheme)
    _found(page, 5)
    assert violations(page) == []
