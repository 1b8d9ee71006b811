"""Jobs that are followed, a quarantine that is emptied, captions that are judged."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

import trsllava
from tests.page.accessibility import violations
from tests.page.conftest import OpenPage, Server, Watch, keep, serving
from tests.service.conftest import copied

ANSWER = {"variants": [{"one_sentence": "A purple zebracorn.", "feature": [], "caption": ""}], "labels": ["zoo"]}


@pytest.fixture(scope="module")
def own_server(sample_home: Path, sample_archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose collection tests may change."""
    folder = tmp_path_factory.mktemp("work")
    home = copied(sample_home, folder / "home")
    with serving(home, folder / "server.log", "--root", sample_archive) as server:
        yield server


@pytest.fixture
def quarantined(own_server: Server) -> None:
    """Three items in quarantine, and no others: two for compass words, one for its language."""
    with trsllava.open(own_server.home) as archive:
        before = [str(record.tile.id) for record in archive.quarantined()]
        archive.ledger.release(before)
        ids = archive.ledger.ids("stored")[:3]
        for tile_id, check in zip(ids, ("compass", "compass", "language"), strict=True):
            archive.ledger.note_refusals(tile_id, [check])  # type: ignore[list-item]
            archive.ledger.quarantine(tile_id, f"The answer failed: {check}.", json.dumps(ANSWER), attempts=3)


def jobs(page: Page, state: str) -> None:
    expect(page.locator(".job .badge").first).to_have_text(state, timeout=280_000)


def test_a_folder_is_indexed_and_the_job_is_followed_to_its_end(open_page: OpenPage, own_server: Server) -> None:
    page = open_page("/?view=jobs", on=own_server)
    expect(page.get_by_text("No job yet.")).to_be_visible()
    page.get_by_role("button", name="Index the folder").click()
    jobs(page, "done")
    expect(page.locator(".job-outcome")).not_to_be_empty()
    assert violations(page) == []
    keep(page, "jobs")
    page.get_by_role("button", name="Rebuild the search index").click()
    expect(page.locator(".job")).to_have_count(2)
    jobs(page, "done")
    expect(page.locator(".job-outcome").first).to_contain_text("stored")


def test_a_job_shows_how_far_it_is_and_can_be_cancelled_and_resumed(open_page: OpenPage, own_server: Server) -> None:
    page = open_page("/?view=jobs", on=own_server)
    page.get_by_role("button", name="Rebuild the search index").click()
    page.get_by_role("button", name="Cancel").click()
    jobs(page, "cancelled")
    page.get_by_role("button", name="Go on").click()
    jobs(page, "done")


def test_files_that_cannot_be_read_are_named(open_page: OpenPage, sample_home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"torn")
    with serving(copied(sample_home, tmp_path / "home"), tmp_path / "log", "--root", folder) as server:
        page = open_page("/?view=jobs", on=server)
        page.get_by_role("button", name="Index the folder").click()
        jobs(page, "done")
        expect(page.locator(".job-outcome")).to_have_text("1 file cannot be read")
        page.get_by_text("Which cannot be read").click()
        expect(page.locator(".unreadable")).to_contain_text("torn.png")
        page.close()  # before the server does


def test_what_cannot_be_indexed_is_told_in_words(open_page: OpenPage, own_server: Server, watch: Watch) -> None:
    watch.expected.append("403")
    page = open_page("/?view=jobs", on=own_server)
    page.get_by_role("combobox", name="Folder").fill("/etc")
    page.get_by_role("button", name="Index the folder").click()
    expect(page.get_by_role("alert")).to_contain_text("outside of the folders")


@pytest.mark.usefixtures("quarantined")
def test_the_quarantine_tells_check_reason_and_answer_with_the_picture(
    open_page: OpenPage, own_server: Server
) -> None:
    page = open_page("/?view=quarantine", on=own_server)
    first = page.locator(".quarantined").first
    expect(first.locator("img")).to_be_visible()
    expect(first).to_contain_text("compass words")
    expect(first).to_contain_text("The answer failed: compass.")
    first.get_by_text("The last answer").click()
    expect(first.locator("pre")).to_contain_text("zebracorn")
    assert violations(page) == []
    keep(page, "quarantine")
    page.get_by_label("Refused by").select_option("language")
    expect(page).to_have_url(re.compile("check=language"))
    expect(page.locator(".quarantined")).to_have_count(1)


@pytest.mark.usefixtures("quarantined")
def test_the_quarantine_is_emptied_by_keys_alone(open_page: OpenPage, own_server: Server) -> None:
    page = open_page("/?view=quarantine", on=own_server)
    cards = page.locator(".quarantined")
    expect(cards).to_have_count(3)
    cards.first.focus()
    page.keyboard.press("ArrowDown")
    expect(cards.nth(1)).to_be_focused()
    page.keyboard.press("r")
    expect(cards).to_have_count(2)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("a")
    expect(cards).to_have_count(1)
    expect(cards.first).to_be_focused()
    page.keyboard.press("w")
    page.keyboard.type("A marina with forty boats.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing is in quarantine")).to_be_visible()
    found = httpx.post(f"{own_server.url}/v1/search", json={"text": "purple zebracorn", "k": 1}).json()["hits"][0]
    assert found["why"]["text"] == "A purple zebracorn."


def test_a_sample_is_judged_by_keys_alone_and_reported(open_page: OpenPage, own_server: Server) -> None:
    page = open_page("/?view=review", on=own_server)
    expect(page.get_by_text("0 of 6 judged")).to_be_visible()
    name = page.get_by_label("Reviewer")
    name.focus()
    page.keyboard.type("anna")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("reviewer=anna"))
    expect(name).not_to_be_focused()  # or the next keys would be letters of a name
    expect(page.get_by_role("button", name="Accept a")).to_be_enabled()
    keep(page, "review")
    page.keyboard.press("n")
    page.keyboard.type("There is no boat.")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    for judged in range(1, 6):
        expect(page.get_by_text(f"{judged} of 6 judged")).to_be_visible()
        page.keyboard.press("a")
    expect(page.get_by_role("row", name=re.compile("anna 6 83 %"))).to_be_visible()
    sample = httpx.get(f"{own_server.url}/v1/review", params={"reviewer": "anna"}).json()
    assert [item["verdict"] for item in sample["items"]] == ["reject", *["accept"] * 5]
    assert sample["items"][0]["note"] == "There is no boat."


def test_a_verdict_without_a_name_asks_for_the_name(open_page: OpenPage, own_server: Server) -> None:
    page = open_page("/?view=review", on=own_server)
    expect(page.locator(".judged img")).to_be_visible()
    expect(page.get_by_text("Say who you are first")).to_be_in_viewport()
    page.keyboard.press("a")
    expect(page.get_by_label("Reviewer")).to_be_focused()
    expect(page.get_by_text("0 of 6 judged")).to_be_visible()


def test_a_verdict_can_be_looked_at_again_and_changed(open_page: OpenPage, own_server: Server) -> None:
    page = open_page("/?view=review&reviewer=ben", on=own_server)
    expect(page.get_by_text("0 of 6 judged")).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_text("1 of 6 judged")).to_be_visible()
    page.keyboard.press("k")
    expect(page.get_by_role("button", name="Accept a")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("r")
    page.keyboard.press("k")
    expect(page.get_by_role("button", name="Reject r")).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(page.get_by_text("1 of 6 judged")).to_be_visible()
