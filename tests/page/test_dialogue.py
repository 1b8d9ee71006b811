"""The dialogue beside the hits: questions, answers, what rose and fell, and back again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.page.accessibility import violations
from tests.page.conftest import OpenPage, Server, Watch, keep, serving


def _talk(page: Page) -> Locator:
    return page.get_by_role("log", name="Questions and answers")


def _could_be(page: Page) -> int:
    said = page.locator(".sureness [role=status]").inner_text()
    return int((re.findall(r"any of ([\d,]+)", said) or ["1"])[0].replace(",", ""))


def _begin(open_page: OpenPage, text: str = "water") -> Page:
    page = open_page(f"/?text={text}")
    page.get_by_role("button", name="Narrow it down").click()
    _skip_the_open_question(page)
    return page


def _skip_the_open_question(page: Page) -> None:
    page.get_by_role("button", name="Skip").click()
    expect(_talk(page).locator(".said")).to_have_count(2)


def test_the_first_question_is_answered_in_words(open_page: OpenPage) -> None:
    page = open_page("/?text=water&pane=dialogue")
    expect(_talk(page).locator(".question")).to_be_visible()
    expect(page.get_by_role("button", name="Yes", exact=True)).to_have_count(0)
    page.get_by_label("Or in your own words").fill("a beach with many parasols")
    page.keyboard.press("Enter")
    expect(_talk(page).locator(".said").last).to_have_text("a beach with many parasols")
    expect(page.get_by_role("button", name="Yes", exact=True)).to_be_visible()


def test_answers_by_buttons_and_words_move_the_hits(open_page: OpenPage) -> None:
    page = _begin(open_page)
    before = _could_be(page)
    question = _talk(page).locator(".question").last.inner_text()
    page.get_by_role("button", name="No", exact=True).click()
    expect(_talk(page).locator(".said").last).to_have_text("No")
    expect(_talk(page).locator(".question").last).not_to_have_text(question)
    expect(page.locator(".moved").first).to_be_visible()
    page.get_by_label("Or in your own words").fill("there is a beach with many parasols")
    page.keyboard.press("Enter")
    expect(_talk(page).locator(".said").last).to_contain_text("parasols")
    expect(page.locator(".evidence .agrees").first).to_be_visible()
    assert _could_be(page) < before
    keep(page, "dialogue")


def test_undo_takes_the_answer_back(open_page: OpenPage) -> None:
    page = _begin(open_page)
    question = _talk(page).locator(".question").last.inner_text()
    hits = [link.get_attribute("href") for link in page.locator(".dialogue-hits .card-link").all()]
    page.get_by_role("button", name="Yes", exact=True).click()
    expect(_talk(page).locator(".said")).to_have_count(3)
    page.get_by_role("button", name="Undo").click()
    expect(_talk(page).locator(".said")).to_have_count(2)
    expect(_talk(page).locator(".question").last).to_have_text(question)
    assert [link.get_attribute("href") for link in page.locator(".dialogue-hits .card-link").all()] == hits


def test_a_dialogue_is_held_by_keys_alone(open_page: OpenPage) -> None:
    page = open_page("/?text=water")
    page.locator(".card").first.wait_for()
    page.keyboard.press("q")
    expect(_talk(page).locator(".question")).to_be_visible()
    page.keyboard.press("d")
    expect(_talk(page).locator(".said").last).to_have_text("Can’t tell")
    page.keyboard.press("u")
    expect(_talk(page).locator(".said")).to_have_count(1)


def test_a_link_goes_on_with_the_dialogue(open_page: OpenPage, watch: Watch) -> None:
    watch.expected.append("409")
    page = _begin(open_page)
    page.get_by_role("button", name="No", exact=True).click()
    expect(_talk(page).locator(".said")).to_have_count(3)
    other = open_page(page.url)
    expect(_talk(other).locator(".said")).to_have_count(3)
    other.get_by_role("button", name="Skip").click()
    expect(_talk(other).locator(".said")).to_have_count(4)
    page.get_by_role("button", name="Yes", exact=True).click()  # of a question that is not open any more
    expect(_talk(page).locator(".said")).to_have_count(4)


def test_a_hit_is_near_far_or_the_one(open_page: OpenPage) -> None:
    page = _begin(open_page)
    second = page.locator(".dialogue-hits .card").nth(1)
    second.hover()
    second.get_by_role("button", name="More like this").click()
    expect(_talk(page).locator(".said").last).to_contain_text("More like")
    page.get_by_role("button", name="This is it").first.click()
    expect(page.get_by_role("button", name="Found")).to_be_visible()
    expect(_talk(page).locator(".question").last).to_contain_text("Found")


def test_other_words_begin_another_dialogue(open_page: OpenPage) -> None:
    page = _begin(open_page)
    page.get_by_role("button", name="No", exact=True).click()
    expect(_talk(page).locator(".said")).to_have_count(3)
    box = page.get_by_role("combobox", name="Search")
    box.fill("houses")
    box.press("Enter")
    expect(_talk(page).locator(".said")).to_have_text(["houses"])


def test_filters_hold_within_the_dialogue(open_page: OpenPage) -> None:
    page = open_page("/?text=water&labels=boat&pane=dialogue")
    hits = page.locator(".dialogue-hits .card")
    expect(_talk(page).locator(".question")).to_be_visible()
    boats = hits.count()
    assert 0 < boats < 24
    _skip_the_open_question(page)
    page.get_by_role("button", name="No", exact=True).click()
    expect(_talk(page).locator(".said")).to_have_count(3)
    assert hits.count() == boats
    filters = page.get_by_role("complementary", name="Filters")
    expect(filters.get_by_text(f"{boats} images pass")).to_be_visible()
    filters.get_by_role("button", name="boat", exact=True).click()
    expect(_talk(page).locator(".said")).to_have_text(["water"])  # another dialogue
    expect(hits).to_have_count(24)
    filters.get_by_role("button", name="Not with boat", exact=True).click()
    expect(hits).to_have_count(24)


def test_filters_that_nothing_passes_are_told_and_mended(open_page: OpenPage, watch: Watch) -> None:
    watch.expected.append("400")
    page = open_page("/?text=water&labels=desert&labels=harbor&pane=dialogue")
    expect(page.get_by_role("alert")).to_contain_text("No image passes the filters")
    page.get_by_role("button", name="Clear all").click()
    expect(_talk(page).locator(".question")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(open_page: OpenPage, scheme: str) -> None:
    page = open_page("/?text=water&pane=dialogue", scheme=scheme)
    _skip_the_open_question(page)
    page.get_by_role("button", name="No", exact=True).click()
    expect(page.locator(".moved").first).to_be_visible()
    assert violations(page) == []


@pytest.fixture
def mortal(sample_home: Path, tmp_path: Path) -> Iterator[Server]:
    """A server of one's own, to kill."""
    with serving(sample_home, tmp_path / "server.log") as server:
        yield server


def test_a_dialogue_outlives_the_server(open_page: OpenPage, mortal: Server, watch: Watch) -> None:
    watch.expected.append("ERR_CONNECTION")
    page = open_page("/?text=water&pane=dialogue", on=mortal)
    _skip_the_open_question(page)
    page.get_by_role("button", name="No", exact=True).click()
    expect(_talk(page).locator(".said")).to_have_count(3)
    mortal.kill()
    expect(page.get_by_text("The server does not answer")).to_be_visible()
    expect(_talk(page).locator(".said")).to_have_count(3)
    mortal.start()
    expect(page.get_by_text("The server does not answer")).to_be_hidden()
    page.get_by_role("button", name="Skip").click()
    expect(_talk(page).locator(".said")).to_have_count(4)
