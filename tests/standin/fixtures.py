"""Fixtures around the stand-in server; `tests/conftest.py` registers this module as a plugin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.standin.process import StandIn

__all__ = ["StandIn"]


@pytest.fixture
def start_standin(tmp_path: Path) -> Iterator[Callable[..., StandIn]]:
    """Start a stand-in with options of server.py: `start_standin("--service-time", "0.1", "--slots", "4")`."""
    started: list[StandIn] = []

    def start(*options: str) -> StandIn:
        started.append(StandIn(tmp_path / f"standin-{len(started)}.jsonl", *options))
        return started[-1]

    yield start
    for standin in started:
        standin.stop()


@pytest.fixture
def standin(start_standin: Callable[..., StandIn]) -> StandIn:
    """A stand-in that answers at once."""
    return start_standin()
