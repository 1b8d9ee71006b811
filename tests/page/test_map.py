"""Where hits are, and where they may be."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.page.conftest import OpenPage, Server, Watch, keep, serving
from tests.page.scenes import index_far_away

FIJI = "179,-18,-179,-16"
"""Around a picture that lies across the dateline."""
ISLANDS = "/?text=island&labels=island&pane=map"
"""The same picture, alone on the map and in its middle, and another without a place."""


def canvas(page: Page) -> Locator:
    return page.get_by_role("application", name=re.compile("Map of"))


def status(page: Page) -> Locator:
    return page.locator(".map-status")


def box_of(page: Page) -> tuple[float, ...]:
    return tuple(map(float, parse_qs(urlsplit(page.url).query)["bbox"][0].split(",")))


def dots(page: Page) -> np.ndarray:
    """`(n, 2)`: where on the canvas there is something in a score's colour, x and y in pixels."""
    picture = Image.open(io.BytesIO(canvas(page).screenshot())).convert("HSV")
    vivid = np.asarray(picture)[:, :, 1] > 130
    vivid[:, -60:] = vivid[-60:, :] = False  # buttons and the legend
    return np.argwhere(vivid)[:, ::-1].astype(float)


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Over the canvas, in shares of its width and height."""
    around = canvas(page).bounding_box()
    assert around
    (x1, y1), (x2, y2) = (
        (around["x"] + x * around["width"], around["y"] + y * around["height"]) for x, y in (start, end)
    )
    page.mouse.move(x1, y1)
    page.mouse.down()
    page.mouse.move((x1 + x2) / 2, (y1 + y2) / 2)
    page.mouse.move(x2, y2)
    page.mouse.up()


def test_hits_lie_on_the_map_and_those_without_a_place_are_counted(open_page: OpenPage) -> None:
    page = open_page("/?text=harbor")
    page.get_by_role("button", name="Map").click()
    expect(status(page)).to_have_text("20 on the map; 40 without a known place.")
    expect(page).to_have_url(re.compile("pane=map"))
    assert len(dots(page)) > 50
    keep(page, "map")


def test_a_box_that_is_drawn_filters_the_hits_and_can_be_taken_back(open_page: OpenPage) -> None:
    page = open_page("/?text=harbor&pane=map&bbox=-20,30,40,70")
    expect(status(page)).to_have_text("13 on the map.")
    page.get_by_role("button", name="Draw a box").click()
    drag(page, (0.02, 0.5), (0.45, 0.98))
    expect(page).not_to_have_url(re.compile("bbox=-20,30"))
    west, south, east, north = box_of(page)
    assert -180 <= west < east < 180
    assert -90 <= south < north <= 70
    page.get_by_role("button", name="Anywhere").click()
    expect(status(page)).to_contain_text("20 on the map")
    page.go_back()
    expect(page).to_have_url(re.compile("bbox="))


def test_a_box_over_the_dateline_holds_what_lies_on_both_sides(open_page: OpenPage) -> None:
    page = open_page(f"/?text=island&pane=map&bbox={FIJI}")
    expect(status(page)).to_have_text("1 on the map.")
    page.get_by_role("button", name="Draw a box").click()
    drag(page, (0.1, 0.1), (0.9, 0.9))
    expect(page).not_to_have_url(re.compile("bbox=179,"))
    west, _, east, _ = box_of(page)
    assert west > 179 > -179 > east
    expect(status(page)).to_have_text("1 on the map.")
    expect(page.locator(".card")).to_have_count(1)


def test_a_polygon_keeps_what_meets_it(open_page: OpenPage) -> None:
    page = open_page("/?text=harbor&pane=map")
    expect(status(page)).to_contain_text("20 on the map")
    page.get_by_role("button", name="Draw a polygon").click()
    around = canvas(page).bounding_box()
    assert around
    for x, y in ((0.02, 0.05), (0.6, 0.05), (0.6, 0.95), (0.02, 0.95)):
        page.mouse.click(around["x"] + x * around["width"], around["y"] + y * around["height"])
    page.get_by_role("button", name="Close the polygon").click()
    expect(page).to_have_url(re.compile("area="))
    expect(status(page)).to_have_text(re.compile(r"^(1?\d) on the map\.$"))
    shown = page.locator(".card").count()
    page.reload()
    expect(page.locator(".card")).to_have_count(shown)


def test_a_double_click_sets_the_last_corner_once_and_the_area_is_one_filter(open_page: OpenPage) -> None:
    page = open_page("/?text=harbor&pane=map")
    expect(status(page)).to_contain_text("20 on the map")
    page.get_by_role("button", name="Draw a polygon").click()
    around = canvas(page).bounding_box()
    assert around
    for x, y, clicks in ((0.02, 0.05, 1), (0.6, 0.05, 1), (0.6, 0.95, 1), (0.02, 0.95, 2)):
        corner = around["x"] + x * around["width"], around["y"] + y * around["height"]
        page.mouse.click(*corner, click_count=clicks)
    expect(page).to_have_url(re.compile("area="))
    assert len(re.findall("%2C", page.url.partition("area=")[2].partition("&")[0])) == 4
    filters = page.get_by_role("complementary", name="Filters").locator(".place-filters button")
    expect(filters).to_have_count(1)
    filters.click()
    expect(page).not_to_have_url(re.compile("area=|bbox="))


def test_the_map_works_by_keys_alone(open_page: OpenPage) -> None:
    page = open_page("/?text=harbor")
    expect(page.locator(".card").first).to_be_visible()
    page.keyboard.press("m")
    expect(status(page)).to_contain_text("20 on the map")
    draw = page.get_by_role("button", name="Draw a box")
    draw.focus()
    draw.press("Enter")
    expect(canvas(page)).to_be_focused()
    for _ in range(4):
        page.keyboard.press("+")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("bbox="))
    west, south, east, north = box_of(page)
    assert west < east or west > 0 > east
    assert south < north
    page.get_by_role("button", name="Draw a polygon").press("Enter")
    for key in ("ArrowLeft", "ArrowUp", "ArrowRight"):
        page.keyboard.press("Enter")
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.keyboard.press("c")
    expect(page).to_have_url(re.compile("area="))


def test_pointing_at_a_hit_on_the_map_lights_it_in_the_grid_and_a_click_opens_it(open_page: OpenPage) -> None:
    page = open_page(ISLANDS)
    expect(status(page)).to_contain_text("1 on the map")
    expect(page.locator(".card").first).to_be_visible()
    around = canvas(page).bounding_box()
    assert around
    page.mouse.move(around["x"] + around["width"] / 2, around["y"] + around["height"] / 2)
    expect(page.locator(".card.lit")).to_have_count(1)
    expect(page.locator(".map-tip img")).to_be_visible()
    page.mouse.down()
    page.mouse.up()
    expect(page).to_have_url(re.compile("open="))
    expect(page.get_by_role("dialog")).to_be_visible()


def test_pointing_at_a_hit_in_the_grid_shows_it_on_the_map(open_page: OpenPage) -> None:
    page = open_page(ISLANDS + f"&bbox={FIJI}")
    expect(status(page)).to_have_text("1 on the map.")
    expect(page.locator(".card img")).to_be_visible()
    before = canvas(page).screenshot()
    page.locator(".card").hover()
    expect(page.locator(".card.lit")).to_have_count(1)
    while canvas(page).screenshot() == before:  # until it is painted anew
        page.wait_for_timeout(50)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_only_what_is_in_view_is_a_box_of_the_view(open_page: OpenPage, scheme: str) -> None:
    page = open_page(f"/?text=island&pane=map&bbox={FIJI}", scheme=scheme)
    expect(status(page)).to_have_text("1 on the map.")
    page.get_by_role("button", name="Zoom out").click()
    page.get_by_role("button", name="Only what is in view").click()
    expect(page).not_to_have_url(re.compile("bbox=179,"))
    west, south, east, north = box_of(page)
    assert west > 0 > east
    assert south < -18 < -16 < north


# The ends of the Earth


@contextmanager
def tile_server() -> Iterator[str]:
    """A server of purple map tiles: its address."""
    file = io.BytesIO()
    Image.new("RGB", (256, 256), "purple").save(file, "png")

    class Tiles(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.end_headers()
            self.wfile.write(file.getvalue())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Tiles)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/{{z}}/{{x}}/{{y}}.png"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def far_away(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Pictures over both poles, beside one of them, and across the dateline."""
    home = tmp_path_factory.mktemp("far") / "home"
    index_far_away(home)
    with serving(home, home.with_name("log")) as server:
        yield server


@pytest.mark.parametrize(
    ("bbox", "there"),
    [
        ("", ["north", "beside", "south", "fiji"]),
        ("-180,88,180,90", ["north"]),
        ("0,-90,1,-89.5", ["south"]),
        ("100,80,140,87", ["beside"]),
        ("175,-85,-175,85", ["fiji"]),
        ("170,-90,-170,90", ["north", "south", "fiji"]),
    ],
)
def test_poles_and_dateline_are_places_like_any_other(
    open_page: OpenPage, far_away: Server, bbox: str, there: list[str]
) -> None:
    page = open_page(f"/?text=snow&pane=map&bbox={bbox}", on=far_away)
    expect(status(page)).to_have_text(f"{len(there)} on the map.")
    expect(page.locator(".card")).to_have_count(len(there))
    for place in there:
        expect(page.locator(".card p", has_text=f"snow in the {place}")).to_be_visible()
    assert len(dots(page)) > 20


def test_what_is_in_view_of_the_whole_earth_is_the_whole_earth(open_page: OpenPage, far_away: Server) -> None:
    page = open_page("/?text=snow&pane=map", on=far_away)
    expect(status(page)).to_have_text("4 on the map.")
    page.get_by_role("button", name="Only what is in view").click()
    expect(page).to_have_url(re.compile("bbox="))
    assert box_of(page) == (-180, -90, 180, 90)
    expect(status(page)).to_have_text("4 on the map.")


def test_tiles_of_a_server_lie_behind_the_hits(
    open_page: OpenPage, far_away: Server, watch: Watch, tmp_path: Path
) -> None:
    with (
        tile_server() as tiles,
        serving(
            far_away.home, tmp_path / "log", TRSLLAVA_MAP_TILES=tiles, TRSLLAVA_MAP_ATTRIBUTION="© Purple"
        ) as server,
    ):
        watch.own.add(urlsplit(tiles).netloc)
        page = open_page("/?text=snow&pane=map", on=server)
        expect(page.locator(".map-credit")).to_have_text("Land: Natural Earth · © Purple")
        while not _is_purple(canvas(page).screenshot()):  # until the tiles are painted
            page.wait_for_timeout(50)
        page.goto("about:blank")  # before they go away


def _is_purple(png: bytes) -> bool:
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
    return bool((pixels == (128, 0, 128)).all(axis=2).any())
