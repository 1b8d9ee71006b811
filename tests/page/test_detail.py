"""One image: its picture, its words, why it was found, and what lies around it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Locator, Page, Request, expect

from tests.conftest import MakeOnce
from tests.page.conftest import OpenPage, Server, keep, serving
from tests.page.scenes import index_large, index_scene


@pytest.fixture(scope="module")
def scene(make_once: MakeOnce, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(make_once("page-scene", index_scene), tmp_path_factory.mktemp("scene") / "log") as server:
        yield server


@pytest.fixture(scope="module")
def large(make_once: MakeOnce, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(make_once("page-large", index_large), tmp_path_factory.mktemp("large") / "log") as server:
        yield server


def _first(server: Server, text: str) -> str:
    answer = httpx.get(f"{server.url}/v1/search", params={"text": text, "k": 1}, timeout=60)
    return str(answer.json()["hits"][0]["tile"]["id"])


def _dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


def _facts(page: Page) -> dict[str, str]:
    names, values = (page.locator(f".facts {tag}").all_inner_texts() for tag in ("dt", "dd"))
    return dict(zip(names, values, strict=True))


def test_a_hit_opens_with_all_that_is_known_of_it(open_page: OpenPage) -> None:
    page = open_page("/?text=harbor+with+cranes")
    page.locator(".card-link").first.click()
    expect(page).to_have_url(re.compile(r"open=[0-9a-f-]{36}"))
    dialog = _dialog(page)
    expect(dialog.get_by_role("heading", name="Hit 1 of 60")).to_be_visible()
    expect(dialog.locator(".viewer .picture.there").first).to_be_visible()
    expect(dialog.locator(".why tr")).to_have_count(3)
    expect(dialog.locator(".variant mark").first).to_be_visible()
    expect(dialog.locator(".strip a")).to_have_count(8)
    facts = _facts(page)
    assert "harbor" in facts["File"]
    assert facts["Model"] == "trsllava-sample"
    assert facts["Checks"] == "passed as it was"
    keep(page, "detail")


def test_the_description_that_matched_is_the_one_in_sight(open_page: OpenPage, server: Server) -> None:
    hit = httpx.get(f"{server.url}/v1/search", params={"text": "harbor with cranes", "k": 1}).json()["hits"][0]
    page = open_page(f"/?text=harbor+with+cranes&open={hit['tile']['id']}")
    matched = _dialog(page).get_by_role("button", name=f"Description {hit['why']['variant'] + 1}")
    expect(matched).to_have_attribute("aria-pressed", "true")
    expect(_dialog(page).locator(".variant")).to_contain_text(hit["why"]["text"].strip())
    buttons = _dialog(page).get_by_role("group", name="Descriptions").get_by_role("button")
    expect(buttons).to_have_count(5)
    buttons.nth(4).click()
    expect(buttons.nth(4)).to_have_attribute("aria-pressed", "true")


def test_keys_go_to_the_next_hit_and_back_to_the_list(open_page: OpenPage) -> None:
    page = open_page("/?text=harbor")
    page.locator(".card-link").first.focus()
    page.keyboard.press("Enter")
    expect(_dialog(page).get_by_role("heading", name="Hit 1 of 60")).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(_dialog(page).get_by_role("heading", name="Hit 3 of 60")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(_dialog(page).get_by_role("heading", name="Hit 2 of 60")).to_be_visible()
    page.keyboard.press("Escape")
    expect(_dialog(page)).to_have_count(0)
    expect(page.locator("[data-index='0']")).to_be_focused()


def test_a_permalink_opens_an_image_without_any_search(open_page: OpenPage, server: Server) -> None:
    page = open_page(f"/?open={_first(server, 'stadium')}")
    expect(_dialog(page).get_by_role("heading", name="Image")).to_be_visible()
    expect(_dialog(page).locator(".variant")).to_contain_text(re.compile("stadium|arena", re.IGNORECASE))


def test_an_image_that_is_not_there_says_so(open_page: OpenPage, watch: object) -> None:
    watch.expected.append("404")  # type: ignore[attr-defined]
    page = open_page("/?open=00000000-0000-0000-0000-000000000000")
    expect(_dialog(page).get_by_role("alert")).to_contain_text("no such item")


def test_citation_and_link_go_to_the_clipboard(open_page: OpenPage, server: Server) -> None:
    item = _first(server, "bridge over a river")
    page = open_page(f"/?open={item}")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for name, parts in {
        "Copy as citation": [item, "sha256:", "bridge_", "seen 2"],
        "Copy link": [f"open={item}"],
    }.items():
        button = _dialog(page).get_by_role("button", name=name)
        button.click()
        expect(_dialog(page).get_by_text("Copied", exact=True).first).to_be_visible()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert all(part in copied for part in parts), copied


def test_a_label_becomes_a_filter(open_page: OpenPage, server: Server) -> None:
    page = open_page(f"/?text=boats&open={_first(server, 'marina')}")
    label = _dialog(page).locator(".detail-labels button").first
    name = label.inner_text()
    label.click()
    expect(page).to_have_url(re.compile(f"labels={name.replace(' ', '.')}"))
    expect(_dialog(page)).to_have_count(0)


def test_similar_images_lead_on_and_back_leads_back(open_page: OpenPage, server: Server) -> None:
    item = _first(server, "harbor")
    page = open_page(f"/?open={item}")
    _dialog(page).locator(".strip a").first.click()
    expect(page).not_to_have_url(re.compile(item))
    page.go_back()
    expect(page).to_have_url(re.compile(item))


# The picture


def _zoom(page: Page) -> int:
    return int(page.locator(".viewer-tools output").inner_text().removesuffix(" %"))


def test_a_large_picture_is_loaded_in_parts_as_one_zooms(open_page: OpenPage, large: Server) -> None:
    asked: list[str] = []
    page = open_page("/?text=field", on=large)

    def note(request: Request) -> None:
        if "part=" in request.url:
            asked.append(request.url)

    page.on("request", note)
    page.locator(".card-link").first.click()
    expect(page.locator(".viewer .picture.there").first).to_be_visible()
    assert asked == []
    page.get_by_role("button", name="Zoom in").click()
    expect(page.locator(".viewer-part.sharp .picture.there").first).to_be_visible()
    for _ in range(6):
        page.get_by_role("button", name="Zoom in").click()
    expect(page.locator(".viewer-part.sharp .picture.there").first).to_be_visible()
    assert any("size=512" in one and "%2C512%2C512" in one for one in asked)
    assert len(asked) < 60
    keep(page, "zoomed")


def test_the_picture_is_zoomed_and_moved_by_keys_wheel_and_pointer(open_page: OpenPage, large: Server) -> None:
    page = open_page(f"/?open={_first(large, 'field')}", on=large)
    viewer = page.get_by_role("group", name="Picture.")
    expect(page.locator(".viewer .picture.there").first).to_be_visible()
    fitted = _zoom(page)
    page.keyboard.press("+")
    assert _zoom(page) > fitted
    page.keyboard.press("0")
    assert _zoom(page) == fitted
    viewer.hover()
    page.mouse.wheel(0, -400)
    expect(page.locator(".viewer.zoomed")).to_be_visible()
    picture = page.locator(".viewer-part").first
    before = picture.bounding_box()
    page.mouse.down()
    page.mouse.move(400, 300, steps=3)
    page.mouse.up()
    assert picture.bounding_box() != before
    viewer.focus()
    before = picture.bounding_box()
    page.keyboard.press("ArrowDown")
    assert picture.bounding_box() != before
    page.get_by_role("button", name="Show all of it").click()
    assert _zoom(page) == fitted


# The scene


def test_the_tiles_of_its_scene_lie_around_it(open_page: OpenPage, scene: Server) -> None:
    asked = {"text": "a field", "k": 9, "all_tiles": True}
    hits = httpx.get(f"{scene.url}/v1/search", params=asked, timeout=60).json()["hits"]
    middle = next(hit["tile"]["id"] for hit in hits if hit["tile"]["window"][:2] == [480, 480])
    page = open_page(f"/?open={middle}", on=scene)
    tiles = _dialog(page).locator(".scene a")
    expect(tiles).to_have_count(8)
    expect(_dialog(page).locator(".scene .overlapping")).to_have_count(8)
    assert "512 × 512 pixels at column 480, row 480" in _facts(page)["File"]
    assert _facts(page)["West, south, east, north"].startswith("4.00480")
    keep(page, "scene")
    tiles.first.click()
    expect(_dialog(page).locator(".scene .overlapping")).not_to_have_count(8)


def test_an_overlap_counts_as_one_hit_unless_it_is_wanted(open_page: OpenPage, scene: Server) -> None:
    page = open_page("/?text=field", on=scene)
    expect(page.locator(".found")).to_contain_text(re.compile(r"^[1-8] images?"))
    expect(page.locator(".merged").first).to_contain_text("overlapping")
    page.get_by_label("Overlapping tiles apart").check()
    expect(page.locator(".found")).to_contain_text("9 images")
