"""A server that is killed while a page is open: the page says so, comes back by itself, and has lost nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.page.conftest import OpenPage, Server, Watch, keep, serving
from tests.service.conftest import copied

LOST = "The server does not answer."


@pytest.fixture(scope="module")
def own_server(sample_home: Path, sample_archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that tests kill, and start again."""
    folder = tmp_path_factory.mktemp("lost")
    home = copied(sample_home, folder / "home")
    with serving(home, folder / "server.log", "--root", sample_archive) as server:
        yield server


@pytest.fixture(autouse=True)
def _it_lives(own_server: Server) -> None:
    if not own_server.lives:  # a test failed before it came back
        own_server.start()


@pytest.fixture(autouse=True)
def _loss_expected(watch: Watch) -> None:
    watch.expected += [
        "ERR_CONNECTION_REFUSED",
        "ERR_CONNECTION_RESET",
        "ERR_EMPTY_RESPONSE",
        "ERR_INCOMPLETE_CHUNKED",
    ]


def test_a_search_goes_on_where_it_was(open_page: OpenPage, own_server: Server) -> None:
    page = open_page("/?text=harbor&pane=map", on=own_server)
    expect(page.locator(".card").first).to_be_visible()
    page.locator(".card-link").first.focus()
    page.keyboard.press("x")
    cards = page.locator(".card-link").count()
    own_server.kill()
    expect(page.get_by_text(LOST)).to_be_visible()
    keep(page, "lost")
    assert page.locator(".card-link").count() == cards
    box = page.get_by_role("combobox", name="Search")
    box.fill("desert")
    box.press("Enter")
    own_server.start()
    expect(page.get_by_text(LOST)).to_be_hidden()
    expect(page.locator(".card").first).to_contain_text(re.compile("desert|sand|dune", re.IGNORECASE))
    expect(page.get_by_text("1 selected")).to_be_visible()
    expect(page).to_have_url(re.compile(r"text=desert.*pane=map.*selected="))


def test_a_job_is_followed_to_its_end_by_whoever_comes_next(open_page: OpenPage, own_server: Server) -> None:
    page = open_page("/?view=jobs", on=own_server)
    page.get_by_role("button", name="Rebuild the search index").click()
    expect(page.locator(".job .badge")).to_have_text(re.compile("waiting|running"))
    own_server.kill()
    expect(page.get_by_text(LOST)).to_be_visible()
    own_server.start()
    expect(page.locator(".job .badge")).to_have_text("done", timeout=280_000)


def test_verdicts_that_were_given_meanwhile_arrive(open_page: OpenPage, own_server: Server) -> None:
    page = open_page("/?view=review&reviewer=anna", on=own_server)
    expect(page.get_by_text("0 of 6 judged")).to_be_visible()
    own_server.kill()
    page.keyboard.press("a")
    page.keyboard.press("r")
    expect(page.get_by_text("(2 not saved yet: the server is away)")).to_be_visible()
    expect(page.get_by_text(LOST)).to_be_visible()
    own_server.start()
    expect(page.get_by_text(LOST)).to_be_hidden()
    expect(page.get_by_text("2 of 6 judged")).to_be_visible()
    expect(page.get_by_text("not saved yet")).to_be_hidden()
    judged = httpx.get(f"{own_server.url}/v1/review", params={"reviewer": "anna"}).json()["judged"]
    assert judged == 2
