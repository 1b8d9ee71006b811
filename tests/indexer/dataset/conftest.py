"""The planted world, written once."""

from __future__ import annotations

import pytest

from eval.benchmarks.planted_world import PlantedWorld, world_in, write_world
from tests.conftest import MakeOnce


@pytest.fixture(scope="session")
def planted_world(make_once: MakeOnce) -> PlantedWorld:
    return world_in(make_once("planted-data-set-world", write_world))
