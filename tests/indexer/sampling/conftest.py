"""The planted world, written once."""

from __future__ import annotations

import pytest

from tests.conftest import MakeOnce
from tests.indexer.sampling.world import World, world_in, write_world


@pytest.fixture(scope="session")
def world(make_once: MakeOnce) -> World:
    return world_in(make_once("planted-world", write_world))
