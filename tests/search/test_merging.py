"""Overlapping tiles of one scene count as one hit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.standin.collection import Collection
from trsllava.records import Query, Recipe, Rendering, Tile, Window
from trsllava.search.merging import Merging, overlap
from trsllava.tile_id import tile_id

windows = st.builds(Window, st.integers(0, 20), st.integers(0, 20), st.integers(1, 9), st.integers(1, 9))


def tile(window: Window, content: str = "scene") -> Tile:
    return Tile(id=tile_id(content, window, Rendering()), sha256=content, window=window)


@settings(deadline=None)
@given(one=windows, other=windows)
def test_windows_overlap_where_they_share_a_pixel(one, other):
    def pixels(window):
        return {(col, row) for col in range(window.col, window.col + window.width)
                for row in range(window.row, window.row + window.height)}  # fmt: skip

    assert overlap(one, other) == bool(pixels(one) & pixels(other))


@settings(deadline=None)
@given(found=st.lists(st.tuples(st.sampled_from("ab"), windows), unique=True, max_size=30))
def test_what_is_kept_does_not_overlap_and_what_is_not_overlaps_something_better(found):
    merging = Merging()
    tiles = [tile(window, content) for content, window in found]
    kept: list[Tile] = []
    for candidate in tiles:
        better = [t for t in kept if t.sha256 == candidate.sha256 and overlap(t.window, candidate.window)]
        assert merging.keeps(candidate) == (not better)
        if not better:
            kept.append(candidate)

    assert sum(map(merging.merged, kept)) == len(tiles) - len(kept)


@pytest.fixture
def scene(collection: Collection) -> Collection:
    """One scene of three tiles in a row, the neighbours overlapping, and a picture of its own."""
    pixels = np.random.default_rng(1).integers(0, 255, (8, 32, 3), np.uint8)
    Image.fromarray(pixels).save(collection.images / "scene.png")
    collection.draw("other.png")
    captions = {
        "scene.png#0,0,16,8": "a harbor with cranes",
        "scene.png#8,0,16,8": "a harbor with cranes and a ship",
        "scene.png#16,0,16,8": "a harbor with two ships",
        "other.png": "a harbor",
    }
    collection.describe(captions)
    report = collection.index(recipe=Recipe(tile=16, overlap=8))
    assert (report.stored, report.complete) == (4, True)
    return collection


def test_hits_that_overlap_are_one_the_best_which_counts_the_others(scene: Collection) -> None:
    hits = scene.engine().search(Query(text="a harbor with cranes", k=10))

    assert [(hit.tile.window.col, hit.merged) for hit in hits if hit.paths[0].endswith("scene.png")] == [
        (0, 1),
        (16, 0),
    ]
    assert len(hits) == 3


def test_all_tiles_are_hits_when_asked(scene: Collection) -> None:
    hits = scene.engine().search(Query(text="a harbor with cranes", k=10, all_tiles=True))

    assert len(hits) == 4
    assert {hit.merged for hit in hits} == {0}


def test_hits_that_were_merged_make_room_for_others(scene: Collection) -> None:
    assert len(scene.engine().search(Query(text="a harbor with cranes", k=3))) == 3
