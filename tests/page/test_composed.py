"""Pictures as questions, alone and with words: dropped, pasted, chosen, or one of the archive's own."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.page.conftest import OpenPage, keep

_SEND = """
([kind, name, type, content]) => {
  const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, { type }));
  const event =
    kind === "paste"
      ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
      : new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true });
  document.body.dispatchEvent(event);
}
"""


def _send(page: Page, kind: str, content: bytes, name: str = "a.jpg", media_type: str = "image/jpeg") -> None:
    """A file dropped on the page or pasted into it."""
    page.evaluate(_SEND, [kind, name, media_type, base64.b64encode(content).decode()])


def _cards(page: Page) -> Locator:
    return page.get_by_role("list", name="Results").get_by_role("article")


@pytest.fixture(scope="module")
def harbor(sample_archive: Path) -> Path:
    return next(sample_archive.rglob("harbor*.jpg"))


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_a_picture_that_is_dropped_or_pasted_is_searched_by(open_page: OpenPage, harbor: Path, kind: str) -> None:
    page = open_page("/")
    page.get_by_role("heading", name="What are you looking for?").wait_for()
    _send(page, kind, harbor.read_bytes())
    expect(page).to_have_url(re.compile(r"picture=[0-9a-f]{16}"))
    expect(page.locator(".chip.pictured")).to_contain_text("Like your picture")
    expect(page.get_by_role("combobox", name="Search")).to_have_attribute("placeholder", re.compile("should differ"))
    expect(_cards(page).first.locator("p")).to_contain_text(re.compile("harbor|port", re.IGNORECASE))


def test_a_picture_is_chosen_from_a_file(open_page: OpenPage, harbor: Path) -> None:
    page = open_page("/")
    with page.expect_file_chooser() as choosing:
        page.get_by_role("button", name="Search by a picture").click()
    choosing.value.set_files(harbor)
    expect(page.locator(".chip.pictured")).to_be_visible()
    expect(_cards(page).first).to_be_visible()


def test_words_and_the_slider_say_how_much_the_picture_counts(open_page: OpenPage, harbor: Path) -> None:
    page = open_page("/?text=forest")
    _cards(page).first.wait_for()
    _send(page, "drop", harbor.read_bytes())
    slider = page.get_by_role("slider", name="Between picture and words")
    expect(slider).to_have_attribute("aria-valuetext", "the words count 10 %")
    expect(_cards(page).first.locator(".shares")).to_have_attribute(
        "aria-label", re.compile("like the picture.*like the words|like the words.*like the picture")
    )
    keep(page, "composed")
    slider.press("End")
    expect(page).to_have_url(re.compile("weight=1"))
    expect(_cards(page).first.locator("p")).to_contain_text(re.compile("tree|forest|wood", re.IGNORECASE))
    slider.press("Home")
    expect(page).to_have_url(re.compile("weight=0"))
    expect(_cards(page).first.locator("p")).to_contain_text(re.compile("harbor|port|quay|ship", re.IGNORECASE))


def test_a_picture_outlives_a_reload_but_not_the_browser(open_page: OpenPage, harbor: Path) -> None:
    page = open_page("/")
    page.get_by_role("heading", name="What are you looking for?").wait_for()
    _send(page, "drop", harbor.read_bytes())
    _cards(page).first.wait_for()
    page.reload()
    expect(_cards(page).first).to_be_visible()
    elsewhere = open_page(page.url)
    expect(elsewhere.get_by_role("alert")).to_contain_text("Drop the picture here again")
    _send(elsewhere, "drop", harbor.read_bytes())
    expect(_cards(elsewhere).first).to_be_visible()


def test_things_wanted_and_unwanted_become_chips(open_page: OpenPage) -> None:
    page = open_page("/?text=water")
    page.get_by_role("button", name="Add something wanted").click()
    page.keyboard.type("boats")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("wanted=boats"))
    page.get_by_role("button", name="Add something unwanted").click()
    page.keyboard.type("palm trees")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("unwanted=palm\\+trees"))
    expect(_cards(page).first.locator(".shares")).to_have_attribute("aria-label", re.compile("unwanted"))
    page.get_by_role("button", name="Remove palm trees").click()
    expect(page).not_to_have_url(re.compile("unwanted"))
    expect(_cards(page).first.locator(".shares")).not_to_have_attribute("aria-label", re.compile("unwanted"))


def test_more_like_a_hit_and_less_like_it(open_page: OpenPage) -> None:
    page = open_page("/?text=boats")
    first = _cards(page).first
    first.locator("p").get_by_text(re.compile("boat")).wait_for()
    first.hover()
    first.get_by_role("button", name="Less like this").click()
    expect(page).to_have_url(re.compile("unwanted="))
    page.go_back()
    expect(page).not_to_have_url(re.compile("unwanted="))
    item = re.findall("open=([0-9a-f-]{36})", first.locator("a").get_attribute("href") or "")[0]
    first.hover()
    first.get_by_role("button", name="More like this").click()
    expect(page).to_have_url(re.compile(f"like={item}"))
    expect(page.locator(".chip.pictured img")).to_be_visible()
    expect(page.locator("[data-index='0']")).to_have_attribute("href", re.compile(f"open={item}"))


# What is no picture


def test_a_file_that_is_no_picture_is_not_sent(open_page: OpenPage) -> None:
    page = open_page("/?text=boats")
    _cards(page).first.wait_for()
    _send(page, "drop", b"%PDF-1.7", "a.pdf", "application/pdf")
    expect(page.get_by_role("alert")).to_contain_text("That is no picture")
    expect(page).not_to_have_url(re.compile("picture="))
