"""Finding: the box, the hits, what cuts, orders and filters them, and the address that holds it all."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.page.conftest import OpenPage, keep


def _search(page: Page, text: str) -> None:
    box = page.get_by_role("combobox", name="Search")
    box.fill(text)
    box.press("Enter")


def _cards(page: Page) -> Locator:
    return page.get_by_role("list", name="Results").get_by_role("article")


def _addresses(page: Page) -> list[str | None]:
    return [link.get_attribute("href") for link in page.locator(".card-link").all()]


def _scores(page: Page) -> list[float]:
    return [float(text) for text in page.locator(".card .score").all_inner_texts()]


# Asking


def test_before_anything_is_asked_the_page_shows_ways_to_begin(open_page: OpenPage) -> None:
    page = open_page("/")
    expect(page.get_by_role("heading", name="What are you looking for?")).to_be_visible()
    page.locator(".starts button").first.wait_for()
    keep(page, "welcome")
    start = page.locator(".starts button").first
    label = start.inner_text().split()[0]
    start.click()
    expect(page).to_have_url(re.compile(rf"\?text={label}"))
    expect(_cards(page).first).to_be_visible()


def test_words_find_images_with_score_shares_and_marked_words(open_page: OpenPage) -> None:
    page = open_page("/")
    _search(page, "harbor with cranes")
    first = _cards(page).first
    expect(first.locator("mark").first).to_have_text(re.compile("harbor|cranes?", re.IGNORECASE))
    expect(first.locator(".shares")).to_have_attribute("aria-label", re.compile(r"captions \+\d.*words .*pixels"))
    expect(first.locator("img")).to_have_js_property("complete", True)
    assert _scores(page) == sorted(_scores(page), reverse=True)
    keep(page, "search")


def test_pictures_come_before_reasons_and_the_other_hits(open_page: OpenPage) -> None:
    page = open_page("/")
    page.get_by_role("heading", name="What are you looking for?").wait_for()
    page.locator(".starts img").first.wait_for()
    page.wait_for_load_state("networkidle")
    came: list[str] = []
    page.on("request", lambda request: came.append(urlsplit(request.url).path if request.method == "POST" else ""))
    page.on("requestfinished", lambda done: came.append("picture" if "/thumbnail" in done.url else ""))
    _search(page, "a golf course beside a river")
    expect(_cards(page).first.locator("mark").first).to_be_visible()
    told = [one for one in came if one]
    assert told[0] == "/v1/search/ranking"
    assert "picture" in told[: told.index("/v1/search")]


def test_the_best_hits_say_how_likely_they_are(open_page: OpenPage) -> None:
    page = open_page("/?text=harbor+with+cranes")
    expect(_cards(page).first.locator(".chance")).to_have_text(re.compile(r"^\d+ % likely$"))


def test_what_is_typed_is_completed_by_words_of_the_collection(open_page: OpenPage) -> None:
    page = open_page("/")
    box = page.get_by_role("combobox", name="Search")
    box.press_sequentially("harb")
    option = page.get_by_role("option").first
    expect(option).to_contain_text("harbor")
    box.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    box.press("Enter")
    expect(page).to_have_url(re.compile("text=harbor"))
    expect(page.get_by_role("option")).to_have_count(0)


def test_a_slip_that_was_repaired_is_told(open_page: OpenPage) -> None:
    page = open_page("/?text=habor+with+crains")
    expect(page.get_by_role("list", name="About this answer")).to_contain_text("harbor with cranes")


def test_a_search_that_finds_nothing_says_how_to_go_on(open_page: OpenPage) -> None:
    page = open_page("/?text=harbor&labels=desert&labels=harbor")
    expect(page.get_by_role("heading", name="Nothing fits")).to_be_visible()
    keep(page, "empty")
    page.get_by_role("region").or_(page.locator(".empty")).get_by_role("button", name="Clear all").click()
    expect(_cards(page).first).to_be_visible()


# Cutting off, ordering, varying


def test_the_slider_hides_what_scores_less(open_page: OpenPage) -> None:
    page = open_page("/?text=harbor")
    expect(page.locator(".found")).to_contain_text("60 images")
    slider = page.get_by_role("slider", name="Least score")
    slider.focus()
    for _ in range(15):
        slider.press("PageUp")
    expect(page.locator(".found")).to_contain_text(re.compile(r"^[1-9] of 60 images"))
    least = float(re.findall(r"min_score=([\d.]+)", page.url)[0])
    assert all(score >= least - 0.005 for score in _scores(page))
    slider.press("Home")
    expect(page.locator(".found")).to_contain_text("60 images")
    assert "min_score" not in page.url


def test_hits_come_in_the_order_of_time(open_page: OpenPage) -> None:
    page = open_page("/?text=harbor")
    best = _addresses(page) if _cards(page).first.is_visible() else []
    page.get_by_role("combobox", name="Order").select_option("newest")
    expect(page).to_have_url(re.compile("sort=newest"))
    newest = _addresses(page)
    page.get_by_role("combobox", name="Order").select_option("oldest")
    expect(page.locator(".card-link").first).not_to_have_attribute("href", newest[0] or "")
    assert newest != best


def test_variety_shows_other_hits_first(open_page: OpenPage) -> None:
    page = open_page("/?text=harbor")
    expect(_cards(page).first).to_be_visible()
    before = _addresses(page)
    page.get_by_role("slider", name="Variety").press("End")
    expect(page).to_have_url(re.compile("diversity=1"))
    expect(page.locator("[data-index='2']")).not_to_have_attribute("href", before[2] or "")


# Filters


def test_labels_count_and_filter(open_page: OpenPage) -> None:
    page = open_page("/?text=boats")
    facets = page.get_by_role("complementary", name="Filters")
    water = facets.get_by_role("listitem").filter(has_text="jetty")
    told = int(water.locator("small").inner_text())
    water.get_by_role("button", name="jetty", exact=True).click()
    expect(page).to_have_url(re.compile("labels=jetty"))
    expect(page.locator(".found")).to_contain_text(f"{told} images")
    expect(facets.get_by_text(f"{told} images pass")).to_be_visible()
    water.get_by_role("button", name="Not with jetty").click()
    expect(page).to_have_url(re.compile("without_labels=jetty"))
    expect(page.locator(".found")).to_contain_text(f"{60 - told} images")
    facets.get_by_role("button", name="Clear all").click()
    expect(page.locator(".found")).to_contain_text("60 images")


def test_labels_are_found_by_their_names(open_page: OpenPage) -> None:
    page = open_page("/?text=boats")
    page.get_by_role("searchbox", name="Find a label").fill("stadium")
    expect(page.get_by_role("button", name="stadium", exact=True)).to_be_visible()


def test_folders_filter(open_page: OpenPage) -> None:
    page = open_page("/?text=boats")
    page.get_by_role("button", name="coast", exact=True).click()
    expect(page.locator(".found")).to_contain_text("12 images")


def test_a_bar_of_the_time_histogram_filters(open_page: OpenPage) -> None:
    page = open_page("/?text=boats")
    bar = page.locator(".times button").first
    told = re.findall(r": (\d+) image", bar.get_attribute("aria-label") or "")[0]
    bar.click()
    expect(page).to_have_url(re.compile(r"time=2018-01-01%2F2018-12-31"))
    expect(page.locator(".found")).to_contain_text(f"{told} image")
    page.get_by_role("button", name="Any time").click()
    expect(page.locator(".found")).to_contain_text("60 images")


def test_dates_filter(open_page: OpenPage) -> None:
    page = open_page("/?text=boats")
    page.get_by_label("Acquired from").fill("2021-01-01")
    expect(page).to_have_url(re.compile(r"time=2021-01-01%2F\.\."))
    page.get_by_label("Acquired until").fill("2022-06-30")
    expect(page).to_have_url(re.compile(r"time=2021-01-01%2F2022-06-30"))


def test_captioners_are_told(open_page: OpenPage) -> None:
    facets = open_page("/").get_by_role("complementary", name="Filters")
    expect(facets.get_by_text("trsllava-sample")).to_be_visible()


# The address


def test_back_and_forward_go_through_what_was_asked(open_page: OpenPage) -> None:
    page = open_page("/")
    _search(page, "harbor")
    expect(page.locator(".found")).to_be_visible()
    _search(page, "stadium")
    page.get_by_role("button", name="Not with tree").click(force=True)
    expect(page).to_have_url(re.compile("without_labels=tree"))
    page.go_back()
    expect(page).not_to_have_url(re.compile("without_labels"))
    page.go_back()
    expect(page.get_by_role("combobox", name="Search")).to_have_value("harbor")
    page.go_forward()
    expect(page.get_by_role("combobox", name="Search")).to_have_value("stadium")
    page.go_back()
    page.go_back()
    expect(page.get_by_role("heading", name="What are you looking for?")).to_be_visible()


@pytest.mark.parametrize(
    "address",
    [
        "/?text=marina&unwanted=tree&labels=boat&sort=newest",
        "/?text=boats&min_score=1.5&time=2018-01-01/2021-12-31",
        "/?text=lake&diversity=0.6&all_tiles=true&pane=map",
    ],
)
def test_a_link_shows_everybody_the_same(open_page: OpenPage, address: str) -> None:
    one = open_page(address)
    expect(_cards(one).first).to_be_visible()
    other = open_page(one.url)
    expect(other.locator(".found b")).to_have_text(one.locator(".found b").inner_text())
    assert _addresses(other)[:6] == _addresses(one)[:6]


@pytest.mark.parametrize(
    "address",
    [
        "/?text=harbor&sort=sideways&diversity=much&min_score=NaN&bbox=1,2,3&view=nowhere&pane=9&weight=",
        "/?text=harbor&diversity=17&area=1,2%20x,y",
        "/?nonsense=1&text=harbor",
    ],
)
def test_what_an_address_says_wrong_is_passed_over(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    expect(_cards(page).first).to_be_visible()
