"""The pictures of the page in README and docs, of the sample archive with its own captions.

    python -m eval.benchmarks.page_screenshots docs

Writes `page-search`, `page-dialogue`, `page-map`, `page-detail` and `page-review`, WebP of 1280 by 800 pixels, into a
folder. Graphics are drawn by the processor; Chromium as packaged.
"""

from __future__ import annotations

import argparse
import io
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

import trsllava
from eval.benchmarks.serving import serving
from trsllava.sample.archive import draw_archive

_SEED = 7
_QUALITY = 82
_PATIENCE = 60_000
"""Milliseconds."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw, index, serve, take pictures."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.benchmarks.page_screenshots",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--chromium", default=shutil.which("chromium") or "chromium", help="Path of the browser.")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as place:
        images, home = Path(place, "images"), Path(place, "home")
        draw_archive(images, seed=_SEED)
        with trsllava.open(home) as archive:
            archive.index(images, captions=images / "captions.jsonl")
        with serving(home) as (url, _), sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=given.chromium, args=["--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
            )
            for name, show in _VIEWS.items():
                context = browser.new_context(base_url=url, viewport={"width": 1280, "height": 800})
                context.set_default_timeout(_PATIENCE)
                page = context.new_page()
                show(page)
                _keep(page, given.folder / f"page-{name}.webp")
                context.close()
            browser.close()


def _keep(page: Page, path: Path) -> None:
    page.mouse.move(0, 0)
    page.wait_for_load_state("networkidle")
    page.wait_for_function("[...document.images].every(one => one.complete)")
    picture = Image.open(io.BytesIO(page.screenshot()))
    picture.convert("RGB").save(path, "WEBP", quality=_QUALITY, method=6)


def _search(page: Page) -> None:
    for _ in range(2):  # the first search of a server has its models to load
        page.goto("/?text=harbor&wanted=boats&unwanted=trees")
        page.locator(".card .chance").first.wait_for()
    _select(page, 0, 2)


def _dialogue(page: Page) -> None:
    page.goto("/?text=a+densely+populated+area&pane=dialogue")
    said = page.locator(".dialogue-talk .said")
    page.get_by_label("Or in your own words").fill("long rows of red roofs")
    page.keyboard.press("Enter")
    said.nth(1).wait_for()
    page.get_by_role("button", name="No", exact=True).click()
    said.nth(2).wait_for()
    page.locator(".moved").first.wait_for()


def _map(page: Page) -> None:
    page.goto("/?text=coast+with+sand&pane=map&bbox=-20,35,25,60")
    page.locator(".card .chance").first.wait_for()
    _select(page, 0, 1)


def _detail(page: Page) -> None:
    page.goto("/?text=harbor+with+cranes")
    page.locator(".card .chance").first.wait_for()
    page.locator(".card-link").first.click()
    page.locator(".detail mark").first.wait_for()


def _review(page: Page) -> None:
    page.goto("/?view=review&reviewer=anna")
    page.locator(".judged img").wait_for()


def _select(page: Page, *places: int) -> None:
    for place in places:
        card = page.locator(".card").nth(place)
        card.hover()
        card.get_by_role("button", name="Select", exact=True).click()


_VIEWS: dict[str, Callable[[Page], None]] = {
    "search": _search,
    "dialogue": _dialogue,
    "map": _map,
    "detail": _detail,
    "review": _review,
}

if __name__ == "__main__":
    main()
