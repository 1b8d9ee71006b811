"""The page in a real browser, before a real `trsllava serve`. What the browser complains of fails the test: a console
error, a break of the content security policy, a request that would leave this machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Route, expect, sync_playwright

import trsllava
from tests.conftest import MakeOnce

_ROOT = Path(__file__).parents[2]
_SCREENSHOTS = _ROOT / "build" / "screenshots"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_START_SECONDS = 120
_THRIFT = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}
_PATIENCE = 30_000
"""Milliseconds: a busy machine is no failure."""
_DESK = {"width": 1280, "height": 800}
expect.set_options(timeout=_PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs a browser: `make test-page`."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.page)
            item.add_marker(pytest.mark.timeout(600))


@dataclass
class Server:
    """A `trsllava serve` process; what it writes goes to a file."""

    home: Path
    log: Path
    options: tuple[str, ...] = ()
    settings: dict[str, str] = field(default_factory=dict)
    url: str = ""
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, on the port it had before where there was one, and wait until it can be searched."""
        port = str(urlsplit(self.url).port or 0) if self.url else "0"
        command = [sys.executable, "-m", "trsllava", "serve", "--home", str(self.home), "--port", port, *self.options]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(command, cwd=_ROOT, stderr=log, env=os.environ | _THRIFT | self.settings)
        self.url = self._address()
        httpx.get(f"{self.url}/readyz", timeout=_START_SECONDS).raise_for_status()

    @property
    def lives(self) -> bool:
        """True while the process runs."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """As `kill -9` does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """As Ctrl-C does."""
        if self._process is not None and self.lives:
            self._process.terminate()
            self._process.wait()

    def _address(self) -> str:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self.lives:
            if found := re.search(r"^Serving (\S+)$", self.log.read_text("utf-8"), re.MULTILINE):
                return found[1]
            time.sleep(0.05)
        raise AssertionError(f"The server did not start:\n{self.log.read_text('utf-8')}")


@contextmanager
def serving(home: Path, log: Path, *options: object, **settings: str) -> Iterator[Server]:
    """The collections of a home folder behind a server of their own. `settings`: variables of its environment."""
    server = Server(home, log, tuple(map(str, options)), settings)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def sample_home(sample_archive: Path, make_once: MakeOnce) -> Path:
    """A home with the sample archive indexed from its captions. Read only: copy it to change it."""

    def index(home: Path) -> None:
        with trsllava.open(home, "default") as archive:
            archive.index(sample_archive, captions=sample_archive / "captions.jsonl")

    return make_once("page-home", index)


@pytest.fixture(scope="session")
def server(sample_home: Path, sample_archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The sample archive, for tests that only look."""
    log = tmp_path_factory.mktemp("page") / "server.log"
    with serving(sample_home, log, "--root", sample_archive) as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The packaged Chromium; graphics without a graphics card."""
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    assert found, "These tests need Chromium: apt-get install chromium."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found,
            args=["--no-sandbox", "--disable-gpu"],
        )
        yield browser
        browser.close()


@dataclass
class Watch:
    """What went wrong in the browser while a test ran."""

    own: set[str] = field(default_factory=set)
    """`host:port` of the servers of this test; nothing else may be asked for."""
    expected: list[str] = field(default_factory=list)
    """Patterns of complaints that the test provokes on purpose."""
    heard: list[str] = field(default_factory=list)

    def complaints(self) -> list[str]:
        """What was heard and not expected."""
        return [said for said in self.heard if not any(re.search(pattern, said) for pattern in self.expected)]

    def observe(self, context: BrowserContext) -> None:
        """Listen to all pages of a context, and let nothing out of this machine."""
        context.on("console", self._console)
        context.on("weberror", lambda error: self.heard.append(f"uncaught: {error.error}"))
        context.on("request", self._request)
        context.route(lambda address: not self._is_own(address), _refuse)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.heard.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _request(self, request: Request) -> None:
        if not self._is_own(request.url):
            self.heard.append(f"request to {request.url}")

    def _is_own(self, address: str) -> bool:
        parts = urlsplit(address)
        return parts.scheme in ("data", "blob", "about") or parts.netloc in self.own


def _refuse(route: Route) -> None:
    route.abort()


OpenPage = Callable[..., Page]


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Listens to the browser; at the end of the test there must be no complaint."""
    watch = Watch()
    yield watch
    assert watch.complaints() == []


@pytest.fixture
def open_page(browser: Browser, server: Server, watch: Watch) -> Iterator[OpenPage]:
    """`open_page("/?q=harbor", scheme="dark", on=…)`: a fresh browser that shows an address of a server."""
    contexts: list[BrowserContext] = []

    def open_page(
        address: str = "/", *, scheme: str = "light", on: Server = server, viewport: dict[str, int] | None = None
    ) -> Page:
        watch.own.add(urlsplit(on.url).netloc)
        context = browser.new_context(
            base_url=on.url,
            color_scheme="dark" if scheme == "dark" else "light",
            viewport=viewport or _DESK,  # type: ignore[arg-type]  # a dict is a ViewportSize
            accept_downloads=True,
        )
        contexts.append(context)
        context.set_default_timeout(_PATIENCE)
        watch.observe(context)
        page = context.new_page()
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()


def keep(page: Page, name: str) -> None:
    """A screenshot as an artifact, in build/screenshots."""
    _SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=_SCREENSHOTS / f"{name}.png")
