"""STAC over HTTP: two thousand pictures behind a server process, and six peculiar ones behind an app."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import trsllava
from tests.conftest import MakeOnce
from tests.places import index_many, index_places
from trsllava.archive import Archive
from trsllava.service import ServiceSettings, create_app

MANY = 2000


@pytest.fixture(scope="session")
def places(make_once: MakeOnce) -> Path:
    """A folder with six placed pictures and the home that holds them. Read only."""
    return make_once("places", index_places)


@pytest.fixture(scope="session")
def placed(places: Path) -> Iterator[Archive]:
    """The six, opened by the library."""
    with trsllava.open(places / "home") as opened:
        yield opened


@pytest.fixture(scope="session")
def api(places: Path) -> Iterator[TestClient]:
    """The six behind an app that hands out originals."""
    settings = ServiceSettings(home=places / "home", roots=(places,), originals=True)
    with TestClient(create_app(settings)) as client:
        yield client


@pytest.fixture(scope="session")
def many(make_once: MakeOnce) -> Path:
    """A home with two thousand pictures. Read only."""
    return make_once("many", lambda folder: str(index_many(folder, MANY))) / "home"


@pytest.fixture(scope="session")
def library(many: Path) -> Iterator[Archive]:
    """The two thousand, opened by the library."""
    with trsllava.open(many) as opened:
        yield opened


@pytest.fixture(scope="session")
def root(many: Path) -> Iterator[str]:
    """The address of the STAC API of a server process with the two thousand."""
    with process(many) as url:
        yield url + "/stac"


@contextmanager
def process(home: Path) -> Iterator[str]:
    """`trsllava serve` as a process; gives its address."""
    command = [sys.executable, "-m", "trsllava", "serve", "--port", "0", "--home", str(home)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as started:
        assert started.stderr
        url = next((line.split()[-1] for line in started.stderr if line.startswith("Serving ")), "")
        assert url, "the server did not start"
        # Nobody reads its log from here on, and a pipe that is full would hold it up.
        with subprocess.Popen(["cat"], stdin=started.stderr, stdout=subprocess.DEVNULL):
            try:
                yield url
            finally:
                started.terminate()
