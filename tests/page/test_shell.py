"""What holds everywhere on the page: keys, themes, small screens, API keys, addresses that hold markup."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.page.conftest import OpenPage, Watch, serving
from trsllava.service.keys import Keys

_HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script>'
_PHONE = {"width": 390, "height": 844}


def _first(page: Page) -> None:
    page.get_by_role("list", name="Results").get_by_role("article").first.wait_for()


# Keys


def test_a_search_is_done_by_keys_alone(open_page: OpenPage) -> None:
    page = open_page("/")
    page.get_by_role("heading", name="What are you looking for?").wait_for()
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Search")).to_be_focused()
    page.keyboard.type("marina with boats")
    page.keyboard.press("Enter")
    _first(page)
    page.keyboard.press("Escape")
    page.locator("[data-index='0']").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    index = int(page.evaluate("document.activeElement.dataset.index"))
    assert index > 1
    page.keyboard.press("x")
    expect(page).to_have_url(re.compile("selected="))
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("heading", name=f"Hit {index + 1} of 60")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(f"[data-index='{index}']")).to_be_focused()
    page.keyboard.press("+")
    expect(page).to_have_url(re.compile("like="))


def test_tab_reaches_one_hit_and_its_tools_not_all_of_them(open_page: OpenPage) -> None:
    page = open_page("/?text=harbor")
    _first(page)
    stops = page.locator(".grid [tabindex='0'], .grid button:not([tabindex='-1'])")
    expect(stops).to_have_count(4)


def test_the_end_of_a_long_list_is_a_key_away(open_page: OpenPage) -> None:
    page = open_page("/?text=harbor")
    expect(page.locator(".found")).to_contain_text("60 images")
    page.locator("[data-index='0']").focus()
    page.keyboard.press("End")
    expect(page.locator("[data-index='59']")).to_be_focused()
    page.keyboard.press("Home")
    expect(page.locator("[data-index='0']")).to_be_focused()


def test_a_question_mark_lists_the_keys(open_page: OpenPage) -> None:
    page = open_page("/")
    page.get_by_role("heading", name="What are you looking for?").wait_for()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_contain_text("search box")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_keys_that_one_types_are_no_commands(open_page: OpenPage) -> None:
    page = open_page("/?text=harbor")
    box = page.get_by_role("combobox", name="Search")
    box.fill("")
    box.press_sequentially("tm?x4/")
    expect(box).to_have_value("tm?x4/")
    assert page.url.endswith("text=harbor")


def test_single_keys_can_be_switched_off(open_page: OpenPage) -> None:
    page = open_page("/?text=harbor")
    _first(page)
    page.keyboard.press("?")
    switch = page.get_by_role("dialog").get_by_label("Shortcuts of a single key")
    switch.uncheck()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.reload()
    _first(page)
    page.keyboard.press("m")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("pane="))
    page.get_by_role("button", name="Keyboard shortcuts").click()
    switch.check()
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    expect(page).to_have_url(re.compile("pane=map"))


# Looks


def test_light_and_dark_follow_the_system_until_one_chooses(open_page: OpenPage) -> None:
    page = open_page("/", scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Light or dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


def test_filters_open_on_a_small_screen(open_page: OpenPage) -> None:
    page = open_page("/?text=harbor", viewport=_PHONE)
    _first(page)
    expect(page.get_by_role("complementary", name="Filters")).to_be_hidden()
    page.get_by_role("button", name="Filters").click()
    expect(page.get_by_role("complementary", name="Filters")).to_be_visible()
    page.get_by_role("button", name="Show the images").click()
    expect(page.get_by_role("complementary", name="Filters")).to_be_hidden()


@pytest.mark.parametrize(
    "address", ["/", "/?text=harbor", "/?text=water&pane=dialogue", "/?view=jobs", "/?view=review"]
)
def test_nothing_is_wider_than_a_small_screen(open_page: OpenPage, address: str) -> None:
    page = open_page(address, viewport=_PHONE)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= _PHONE["width"]


# Keys of the API


def test_a_server_that_wants_a_key_is_given_one(
    open_page: OpenPage, sample_home: Path, tmp_path: Path, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRSLLAVA_KEYS_REQUIRED", "true")
    watch.expected.append("401")
    key = Keys(sample_home).add("page", "read")
    with serving(sample_home, tmp_path / "log") as server:
        page = open_page("/?text=harbor", on=server)
        page.get_by_label("API key").fill(key)
        page.get_by_role("button", name="Continue").click()
        expect(page.locator(".card img").first).to_be_visible()
        assert (page.locator(".card img").first.get_attribute("src") or "").startswith("blob:")
        page.close()  # before the server does


# Addresses


@pytest.mark.parametrize("name", ["text", "wanted", "labels", "source", "collection", "open", "like", "selected"])
def test_markup_in_the_address_is_text(open_page: OpenPage, watch: Watch, name: str) -> None:
    watch.expected += ["400", "404"]
    page = open_page(f"/?{name}={quote(_HOSTILE)}")
    page.on("dialog", lambda dialog: watch.heard.append(f"dialog: {dialog.message}"))
    page.wait_for_load_state("networkidle")
    assert page.locator("#page script, #page img[src=x]").count() == 0
