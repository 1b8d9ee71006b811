"""A collection of pictures that lie somewhere, and what opens a catalogue without a network."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

import trsllava
from tests.conftest import MakeOnce
from tests.places import index_places
from trsllava.archive import Archive


@pytest.fixture(scope="session")
def places(make_once: MakeOnce) -> Path:
    """A folder with six placed pictures and the home that holds them. Read only."""
    return make_once("places", index_places)


@pytest.fixture
def archive(places: Path) -> Iterator[Archive]:
    with trsllava.open(places / "home") as opened:
        yield opened


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is asked of the network."""

    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
