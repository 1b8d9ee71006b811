"""Scenes larger than a tile, through the indexer: tiles, skipped ones, captions for tiles, the recipe that is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

import trsllava
from indexer.plan import plan
from indexer.recipe import settle_recipe
from tests.standin.collection import Collection
from tests.standin.fixtures import StandIn
from trsllava.captioners.vllm import VllmCaptioner
from trsllava.errors import CollectionMismatchError, InputError
from trsllava.records import Recipe

RECIPE = Recipe(tile=32, overlap=0)


@pytest.fixture
def scene(collection: Collection) -> Collection:
    """A scene of 2 x 3 tiles whose lower left one is without data."""
    samples = np.random.default_rng(1).integers(100, 4000, (4, 64, 96), np.uint16)
    samples[:, 32:, :32] = 0
    place = {"crs": "EPSG:32631", "transform": Affine(10, 0, 500_000, 0, -10, 5_000_000)}
    profile = {"width": 96, "height": 64, "count": 4, "dtype": "uint16", "nodata": 0, "photometric": "minisblack"}
    with rasterio.open(collection.images / "scene_20240517.tif", "w", driver="GTiff", **place, **profile) as file:
        file.write(samples)
    return collection


def test_every_tile_with_data_is_captioned_and_placed(scene: Collection, standin: StandIn) -> None:
    report = scene.index(VllmCaptioner(standin.url), recipe=RECIPE)

    assert (report.captioned, report.stored, report.files.skipped_tiles) == (5, 5, 1)
    records = list(scene.ledger.scan())
    windows = {record.tile.window[:2] for record in records}
    assert windows == {(0, 0), (32, 0), (64, 0), (32, 32), (64, 32)}
    assert len({record.tile.rendering for record in records}) == 1
    assert len({record.tile.footprint for record in records}) == 5
    assert {record.tile.acquired.date().isoformat() for record in records if record.tile.acquired} == {"2024-05-17"}
    assert len({asked["image"] for asked in standin.asked()}) == 5


def test_running_again_cuts_nothing_anew(scene: Collection, standin: StandIn) -> None:
    captioner = VllmCaptioner(standin.url)
    scene.index(captioner, recipe=RECIPE)
    ids = scene.ledger.ids("stored")

    report = scene.index(captioner)

    assert (report.captioned, report.files.skipped_tiles, len(report.files.unchanged)) == (0, 1, 1)
    assert scene.ledger.ids("stored") == ids


def test_pruning_a_scene_removes_all_its_tiles(scene: Collection, standin: StandIn) -> None:
    scene.index(VllmCaptioner(standin.url), recipe=RECIPE)
    (scene.images / "scene_20240517.tif").unlink()

    scene.index(VllmCaptioner(standin.url), prune=True, confirmed=True)

    assert scene.ledger.counts()["stored"] == scene.store.count() == 0


def test_a_caption_names_a_tile_and_one_for_the_whole_scene_is_not_used(scene: Collection) -> None:
    scene.describe({"scene_20240517.tif#32,0,32,32": "a harbor", "scene_20240517.tif": "a whole town"})

    report = scene.index(recipe=RECIPE)

    assert (report.captioned, report.without_caption) == (1, 4)
    (unused,) = report.captions_without_image
    assert unused == "scene_20240517.tif (the scene is cut into tiles: name one, as scene_20240517.tif#0,0,512,512)"


def test_a_caption_for_a_whole_image_is_its_single_tiles(scene: Collection) -> None:
    scene.describe({"scene_20240517.tif": "a whole town"})

    assert scene.index().stored == 1


def test_the_first_run_chooses_and_a_later_one_that_asks_for_other_tiles_is_told(scene: Collection) -> None:
    assert settle_recipe(scene.ledger, {"tile": 32, "overlap": 0}) == RECIPE
    scene.describe({"scene_20240517.tif#32,0,32,32": "a harbor"})
    scene.index(recipe=RECIPE)

    assert settle_recipe(scene.ledger, {}) == settle_recipe(scene.ledger, {"tile": 32}) == RECIPE
    with pytest.raises(
        CollectionMismatchError, match=r"made with `tile=32` `overlap=0`, not with `tile=64`\. .* it out"
    ):
        settle_recipe(scene.ledger, {"tile": 64, "overlap": 0})


def test_a_run_that_found_no_file_chooses_nothing(collection: Collection) -> None:
    settle_recipe(collection.ledger, {"tile": 32})

    assert settle_recipe(collection.ledger, {"tile": 64}).tile == 64


def test_a_recipe_that_cannot_be_is_refused_before_anything_is_written(collection: Collection) -> None:
    with pytest.raises(InputError, match="overlap of 64 pixels"):
        settle_recipe(collection.ledger, {"tile": 32, "overlap": 64})
    assert collection.ledger.recipe() is None


def test_what_could_not_be_read_is_tried_again_when_the_recipe_is_another(scene: Collection) -> None:
    scene.describe({"scene_20240517.tif": "a town"})
    first = scene.index(recipe=Recipe(bands="7"))
    assert "it has 4 bands" in next(iter(first.files.unreadable.values()))

    again = scene.index(recipe=Recipe(bands="4"))

    assert (again.files.unreadable, again.stored) == ({}, 1)


def test_a_plan_counts_tiles_by_the_headers(scene: Collection) -> None:
    found = plan(scene.images, None, RECIPE, dim=384, concurrency=16)

    assert (found.new, found.tiles) == (1, 6)


def test_tiles_through_the_library_settings_export_and_status(
    scene: Collection, tmp_path: Path, start_standin: Callable[..., StandIn]
) -> None:
    with trsllava.open(tmp_path / "archive", tile=32, overlap=0) as archive:
        archive.index(scene.images, captioner=VllmCaptioner(start_standin().url))
        status = archive.status()
        lines = [json.loads(line) for line in archive.export()]
    with trsllava.open(tmp_path / "copy", tile=32, overlap=0) as copy:
        (tmp_path / "captions.jsonl").write_text("\n".join(map(json.dumps, lines)))
        report = copy.index(scene.images, captions=tmp_path / "captions.jsonl")

    assert (status.skipped, status.recipe) == (1, RECIPE)
    assert {line["image"] for line in lines} == {
        f"scene_20240517.tif#{col},{row},32,32" for col in (0, 32, 64) for row in (0, 32) if (col, row) != (0, 32)
    }
    assert (report.captioned, report.complete) == (5, True)
