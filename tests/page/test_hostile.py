"""Words of others are shown as words: markup in captions, labels, file names and answers does nothing."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import trsllava
from tests.page.conftest import OpenPage, Server, Watch, serving
from tests.page.scenes import HOSTILE, SVG, index_hostile

EVERYWHERE = {
    "hits": "/?text=field",
    "detail": "/?text=field&open={id}",
    "map": "/?text=field&pane=map",
    "review": f"/?view=review&reviewer={HOSTILE}",
    "quarantine": "/?view=quarantine",
    "jobs": "/?view=jobs",
    "question": f"/?text={HOSTILE}&wanted={HOSTILE}&unwanted={HOSTILE}&labels={HOSTILE}&source={HOSTILE}",
    "state": f"/?view={HOSTILE}&collection={HOSTILE}&sort={HOSTILE}&bbox={HOSTILE}&area={HOSTILE}&check={HOSTILE}",
}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Two items with hostile words, and a third whose answer was refused with such."""
    home = tmp_path_factory.mktemp("hostile") / "home"
    index_hostile(home)
    with trsllava.open(home) as archive:
        tile_id = next(
            str(record.tile.id) for record in archive.ledger.scan("stored") if record.paths[0].endswith("plain.png")
        )
        archive.ledger.note_refusals(tile_id, ["language"])
        archive.ledger.quarantine(tile_id, HOSTILE, HOSTILE, attempts=1)
    with serving(home, home.with_name("server.log"), "--root", f"{home}-files") as server:
        yield server


@pytest.fixture
def id_of_hostile(hostile: Server) -> str:
    with trsllava.Client(hostile.url) as client:
        return str(client.search("field", k=1)[0].tile.id)


def runs_nothing(page: Page) -> None:
    """Nothing came of the markup: no element of it, no dialog of its scripts."""
    assert page.locator("[onerror], script:not([src])").count() == 0
    assert page.locator("img[src='x']").count() == 0


@pytest.mark.parametrize("place", EVERYWHERE)
def test_markup_is_shown_and_not_run(
    open_page: OpenPage, hostile: Server, watch: Watch, id_of_hostile: str, place: str
) -> None:
    watch.expected += ["status of 40[04]"]  # what is asked for does not exist, which is told in words
    page = open_page("/", on=hostile)
    opened: list[str] = []
    page.on("dialog", lambda dialog: (opened.append(dialog.message), dialog.dismiss()))
    page.goto(EVERYWHERE[place].replace("{id}", id_of_hostile))
    page.wait_for_load_state("networkidle")
    expect(page.locator("main").first).to_be_visible()
    if place in ("hits", "detail", "review", "quarantine"):
        expect(page.get_by_text('onerror="alert(1)"').first).to_be_visible()
    runs_nothing(page)
    assert opened == []


def test_a_hostile_svg_that_is_dropped_runs_nothing(open_page: OpenPage, hostile: Server, watch: Watch) -> None:
    watch.expected.append("400")
    page = open_page("/?text=field", on=hostile)
    opened: list[str] = []
    page.on("dialog", lambda dialog: (opened.append(dialog.message), dialog.dismiss()))
    expect(page.locator(".card").first).to_be_visible()
    page.evaluate(
        """data => {
            const bytes = Uint8Array.from(atob(data), one => one.charCodeAt(0))
            const file = new File([bytes], "x.svg", {type: "image/svg+xml"})
            const carried = new DataTransfer()
            carried.items.add(file)
            const about = {bubbles: true, cancelable: true, dataTransfer: carried}
            for (const kind of ["dragenter", "dragover", "drop"])
                document.body.dispatchEvent(new DragEvent(kind, about))
        }""",
        base64.b64encode(SVG).decode(),
    )
    page.wait_for_load_state("networkidle")
    runs_nothing(page)
    assert page.locator("svg script").count() == 0
    assert opened == []


def test_an_svg_under_the_name_of_an_image_is_no_picture(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / "x.png").write_bytes(SVG)
    with trsllava.open(tmp_path / "home") as archive:
        report = archive.index(folder)
    assert len(report.files.unreadable) == 1
