"""Scenes on the command line: how they are cut, what is said of it, and what a wrong flag answers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from typer.testing import CliRunner, Result

from tests.standin.fixtures import StandIn
from tests.typed import typed
from trsllava.cli.app import app


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


def refused(*arguments: object) -> tuple[int, str]:
    done = typed(*arguments)
    assert done.stderr.count("\n") == 1, done.stderr
    return done.returncode, done.stderr


@pytest.fixture
def scenes(tmp_path: Path) -> Path:
    """A folder with one scene of 64 x 96 pixels, a third of it empty."""
    folder = tmp_path / "scenes"
    folder.mkdir()
    samples = np.random.default_rng(1).integers(100, 4000, (12, 64, 96), np.uint16)
    samples[..., :32] = 0
    profile = {"width": 96, "height": 64, "count": 12, "dtype": "uint16", "nodata": 0, "photometric": "minisblack"}
    place = {"crs": "EPSG:32631", "transform": Affine(10, 0, 500_000, 0, -10, 5_000_000)}
    with rasterio.open(folder / "scene.tif", "w", driver="GTiff", **profile, **place) as file:
        file.write(samples)
    return folder


def test_a_scene_is_cut_captioned_and_found(scenes: Path, tmp_path: Path, standin: StandIn) -> None:
    where = ("--home", tmp_path / "home")
    wishes = ("--bands", "sentinel2", "--stretch", "percentile:1,99", "--tile", 32, "--overlap", 8)

    said = run("index", scenes, "--captioner", "vllm", "--base-url", standin.url, *wishes, *where).output
    again = run("index", scenes, "--captioner", "vllm", "--base-url", standin.url, *where).output
    status = run("status", *where).output
    hits = json.loads(run("query", "a scene", "-k", 50, "--json", *where).stdout)["hits"]
    every = json.loads(run("query", "a scene", "-k", 50, "--json", "--all-tiles", *where).stdout)["hits"]

    assert "9 tiles captioned, 9 stored" in said
    assert "3 tiles skipped: they hold too little data" in said
    assert "0 tiles captioned" in again
    assert "skipped: 3 tiles" in status
    assert "made with --bands sentinel2 --stretch percentile:1,99 --tile 32 --overlap 8" in status
    assert len(every) == 9
    assert len(hits) + sum(hit["merged"] for hit in hits) == 9
    assert len(hits) < 9


def test_a_batch_is_cut_as_an_index_is(scenes: Path, tmp_path: Path) -> None:
    where = ("--home", tmp_path / "home")
    wishes = ("--bands", "sentinel2", "--stretch", "percentile:1,99", "--tile", 32, "--overlap", 8)

    run("batch", "export", scenes, tmp_path / "requests", "--model", "m", *wishes, *where, "--nodata-limit", 0.5)
    status = run("status", *where).output

    assert len((tmp_path / "requests" / "requests-00000.jsonl").read_text().splitlines()) == 9
    assert "made with --bands sentinel2 --stretch percentile:1,99 --tile 32 --overlap 8 --nodata-limit 0.5" in status


def test_a_dry_run_counts_tiles(scenes: Path, tmp_path: Path) -> None:
    said = run("index", scenes, "--captioner", "vllm", "--dry-run", "--tile", 32, "--overlap", 8, "--home", tmp_path)

    assert "12 tiles to caption" in said.output


def test_other_tiles_than_the_collections_are_refused_and_both_are_named(
    scenes: Path, tmp_path: Path, standin: StandIn
) -> None:
    source = ("--captioner", "vllm", "--base-url", standin.url, "--home", tmp_path / "home")
    run("index", scenes, "--tile", 32, *source)

    code, said = refused("index", scenes, "--tile", 48, "--bands", "naip", *source)

    assert code == 3
    assert "made with --tile 32, not with --bands naip --tile 48. Leave them out" in said


def test_an_engine_in_the_process_asks_for_all_variants_at_once(scenes: Path, tmp_path: Path) -> None:
    offline = ("--captioner", "vllm-offline", "--model", "m", "--variant-requests", "--home", tmp_path / "home")

    code, said = refused("index", scenes, *offline)

    assert code == 2
    assert "use --one-request" in said


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (("--bands", "modis"), "sentinel2"),
        (("--stretch", "linear"), "Use auto, none, percentile:2,98"),
        (("--tile", "32", "--overlap", "32"), "Choose a smaller --overlap or a larger --tile"),
    ],
)
def test_a_flag_that_cannot_be_is_one_sentence_and_writes_nothing(
    scenes: Path, tmp_path: Path, standin: StandIn, flags: tuple[str, ...], sentence: str
) -> None:
    code, said = refused(
        "index", scenes, "--captioner", "vllm", "--base-url", standin.url, "--home", tmp_path / "home", *flags
    )

    assert code == 2
    assert sentence in said
    assert standin.asked() == []
