"""How fast is the page on 10,000 tiles, in Chromium on this machine?

    python -m eval.benchmarks.page --home ~/bench/page                         five rounds

Draws the tiles once (`page_archive`, kept in `--home`), starts `trsllava serve`, and opens the page in the packaged
Chromium, afresh each round. Prints one JSON object a line: `first paint`, and `first hits` of a link that holds a
search, from the navigation on; `search`, from the key Enter until every thumbnail in sight is there, each round for
other words; `scrolling`, frames a second while all hits pass by. Graphics are drawn by the processor.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from eval.benchmarks.page_archive import draw_tiles
from eval.benchmarks.serving import serving

_WORDS = (
    "harbor with cranes",
    "planes near a terminal",
    "boats at a jetty",
    "houses between trees",
    "a round stadium",
    "fields beside a river",
    "cars on a parking lot",
    "sand dunes",
    "a bridge over water",
    "tennis courts",
)
_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
_THERE = """() => {
    const seen = [...document.querySelectorAll('.card .picture')].filter(one => {
        const {top, bottom} = one.getBoundingClientRect()
        return bottom > 0 && top < innerHeight
    })
    const pictures = seen.map(one => one.querySelector('img'))
    return seen.length > 0 && !document.querySelector('main [aria-busy=true]')
        && pictures.every(one => one?.complete && one.naturalWidth > 0)
}"""
_SEARCH = f"""async text => {{
    const there = {_THERE}
    const frame = () => new Promise(requestAnimationFrame)
    const box = document.querySelector('#search-box')
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(box, text)
    box.dispatchEvent(new InputEvent('input', {{bubbles: true}}))
    await frame()
    const start = performance.now()
    box.form.requestSubmit()
    do await frame(); while (!there())
    return performance.now() - start
}}"""
_LOADED = f"""async () => {{
    const there = {_THERE}
    do await new Promise(requestAnimationFrame); while (!there())
    return performance.now()
}}"""
_SCROLL = """async seconds => {
    const times = []
    const start = await new Promise(requestAnimationFrame)
    for (let last = start; last - start < 1000 * seconds;) {
        scrollBy(0, 60)
        const now = await new Promise(requestAnimationFrame)
        times.push(now - last)
        last = now
    }
    return times
}"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw, serve, look, print."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.benchmarks.page",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--home", type=Path, required=True, help="Where the collection is kept.")
    parser.add_argument("--tiles", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--chromium", default=shutil.which("chromium") or "chromium", help="Path of the browser.")
    given = parser.parse_args(arguments)
    if not (given.home / "collections").exists():
        (given.home / "files").mkdir(parents=True, exist_ok=True)
        draw_tiles(given.home / "files", given.home, tiles=given.tiles)
    with serving(given.home) as (url, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=given.chromium,
            args=["--no-sandbox", "--disable-gpu"],
        )
        _fresh(browser, url, "/?text=warm+up", lambda page: page.evaluate(_LOADED))
        rounds = range(given.rounds)
        tell("first paint", [_fresh(browser, url, "/", _first_paint) for _ in rounds])
        address = "/?text=harbor+with+cranes"
        tell("first hits", [_fresh(browser, url, address, lambda page: page.evaluate(_LOADED)) for _ in rounds])
        tell("search", _fresh(browser, url, "/?text=island", lambda page: _searches(page, given.rounds)))
        frames = _fresh(browser, url, "/?text=houses", _scrolled)
        print(json.dumps({"measured": "scrolling", **_frames(frames), "cores": os.cpu_count()}), flush=True)
        browser.close()


def _fresh(browser: Browser, url: str, address: str, look: Any) -> Any:
    """What `look` finds on a page that nothing is remembered of."""
    context = browser.new_context(base_url=url, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(address)
    found = look(page)
    context.close()
    return found


def _first_paint(page: Page) -> float:
    page.locator("#search-box").wait_for()
    while (painted := page.evaluate(_PAINT)) is None:
        page.wait_for_timeout(10)
    return float(painted)


def _searches(page: Page, rounds: int) -> list[float]:
    page.evaluate(_LOADED)
    return [float(page.evaluate(_SEARCH, text)) for text in _WORDS[:rounds]]


def _scrolled(page: Page) -> list[float]:
    page.evaluate(_LOADED)
    page.locator(".found", has_text=" in ").wait_for()
    frames: list[float] = page.evaluate(_SCROLL, 10)
    return frames


def _frames(milliseconds: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(milliseconds, n=20)
    return {
        "frames_a_second": round(1000 / statistics.mean(milliseconds), 1),
        "p95_ms": round(cuts[-1], 1),
        "longest_ms": round(max(milliseconds), 1),
    }


def tell(name: str, milliseconds: Sequence[float]) -> None:
    """Print a measurement."""
    told = {"median_ms": round(statistics.median(milliseconds), 1), "all_ms": [round(one, 1) for one in milliseconds]}
    print(json.dumps({"measured": name, **told, "cores": os.cpu_count()}), flush=True)


if __name__ == "__main__":
    main()
