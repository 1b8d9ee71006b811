"""Nobody is left out: WCAG 2.2 AA on every view, light and dark, large screens and small."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.page.accessibility import violations
from tests.page.conftest import OpenPage, keep


def _welcome(page: Page) -> None:
    page.locator(".starts button").first.wait_for()


def _hits(page: Page) -> None:
    expect(page.locator(".card img").first).to_be_visible()


def _nothing(page: Page) -> None:
    expect(page.locator(".empty")).to_be_visible()


def _map(page: Page) -> None:
    expect(page.locator(".map-status")).to_contain_text("on the map")


def _detail(page: Page) -> None:
    _hits(page)
    page.locator(".card-link").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("Descriptions")


def _take(page: Page) -> None:
    _hits(page)
    page.locator(".card-link").first.focus()
    page.keyboard.press("x")
    page.get_by_label("Selection").get_by_role("button", name="Export").click()
    expect(page.get_by_role("dialog")).to_contain_text("GeoJSON")


def _help(page: Page) -> None:
    _welcome(page)  # keys are listened for by then
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("search box")


def _jobs(page: Page) -> None:
    expect(page.get_by_text("No job yet.")).to_be_visible()


def _quarantine(page: Page) -> None:
    expect(page.get_by_text("Nothing is in quarantine")).to_be_visible()


def _review(page: Page) -> None:
    expect(page.get_by_text(re.compile(r"of 6 judged"))).to_be_visible()
    expect(page.locator(".judged img")).to_be_visible()


VIEWS = {
    "welcome": ("/", _welcome),
    "hits": ("/?text=harbor&wanted=boat&unwanted=tree", _hits),
    "nothing": (
        "/?text=harbor&labels=boat&labels=desert",
        lambda page: expect(page.locator(".empty")).to_be_visible(),
    ),
    "map": ("/?text=harbor&pane=map", _map),
    "detail": ("/?text=harbor", _detail),
    "take": ("/?text=harbor", _take),
    "help": ("/", _help),
    "jobs": ("/?view=jobs", _jobs),
    "quarantine": ("/?view=quarantine", _quarantine),
    "review": ("/?view=review&reviewer=anna", _review),
}
SMALL = {"width": 390, "height": 800}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_no_view_breaks_wcag(open_page: OpenPage, view: str, scheme: str) -> None:
    address, wait = VIEWS[view]
    page = open_page(address, scheme=scheme)
    wait(page)
    assert violations(page) == []
    keep(page, f"{view}-{scheme}")


@pytest.mark.parametrize("view", VIEWS)
def test_no_view_is_wider_than_a_small_screen(open_page: OpenPage, view: str) -> None:
    address, wait = VIEWS[view]
    page = open_page(address, viewport=SMALL)
    wait(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]
    assert violations(page) == []
    keep(page, f"{view}-small")
