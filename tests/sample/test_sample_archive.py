"""The sample archive on disk."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from PIL import Image
from rasterio.warp import transform

from trsllava.errors import InputError
from trsllava.records import RichText
from trsllava.sample.archive import CAPTIONS, draw_archive
from trsllava.sample.draw import SCENES


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / CAPTIONS).read_text(encoding="utf-8").splitlines()]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def geotiffs(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.tif"))


def degrees(scene: Any) -> tuple[float, float, float, float]:
    """west, south, east, north of a scene's four corners; east runs on past 180 at the dateline."""
    a, b, c, d, e, f = scene.transform[:6]
    corners = [(col * a + row * b + c, col * d + row * e + f) for col in (0, 256) for row in (0, 256)]
    x, y = zip(*corners, strict=True)
    if not scene.crs.is_geographic:
        x, y = transform(scene.crs, "EPSG:4326", x, y)
    return min(x), min(y), max(x), max(y)


def test_the_archive_holds_sixty_pictures_of_all_kinds_in_sub_folders(sample_archive: Path) -> None:
    pictures = [path for path in sample_archive.rglob("*") if path.is_file() and path.name != CAPTIONS]

    assert len(pictures) == 60
    assert {path.suffix for path in pictures} == {".png", ".jpg", ".tif"}
    assert len({path.parent for path in pictures}) >= 4
    assert all(path.parent.parent == sample_archive for path in pictures)
    assert {line["labels"][0] for line in lines(sample_archive)} == set(SCENES)
    for path in pictures:
        with Image.open(path) as picture:
            assert (picture.mode, picture.size) == ("RGB", (256, 256))


def test_every_picture_has_one_line_of_five_different_valid_variants(sample_archive: Path) -> None:
    rows = lines(sample_archive)

    assert [(sample_archive / row["image"]).is_file() for row in rows] == [True] * 60
    assert len({row["image"] for row in rows}) == 60
    for row in rows:
        text = RichText.model_validate({key: value for key, value in row.items() if key != "image"})
        assert len(set(text.texts())) == len(text.variants) == 5
        assert all(3 <= len(variant.feature) <= 8 for variant in text.variants)
        assert text.labels
        assert text.model == "trsllava-sample"


def test_about_a_third_is_georeferenced_in_several_systems(sample_archive: Path) -> None:
    files = geotiffs(sample_archive)
    systems = set()
    for path in files:
        with rasterio.open(path) as scene:
            assert scene.count == 3
            assert scene.dtypes == ("uint8",) * 3
            assert [color.name for color in scene.colorinterp] == ["red", "green", "blue"]
            systems.add(scene.crs.to_epsg())

    assert 15 <= len(files) <= 25
    assert 4326 in systems
    assert len(systems) >= 4


def test_footprints_lie_apart_and_some_are_turned_and_some_cross_the_dateline(sample_archive: Path) -> None:
    boxes = []
    turned = crossing = 0
    for path in geotiffs(sample_archive):
        with rasterio.open(path) as scene:
            assert not scene.transform.is_identity
            turned += not scene.transform.is_rectilinear
            west, south, east, north = degrees(scene)
            crossing += west < 180 < east
            boxes.append((west, south, east, north))

    assert turned >= 1
    assert crossing >= 1
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            assert a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1]


def test_acquisition_times_are_daylight_hours_of_several_years(sample_archive: Path) -> None:
    times = []
    for path in geotiffs(sample_archive):
        with rasterio.open(path) as scene:
            times.append(datetime.strptime(scene.tags()["TIFFTAG_DATETIME"], "%Y:%m:%d %H:%M:%S"))

    assert len({time.year for time in times}) >= 3
    assert all(9 <= time.hour < 15 for time in times)


def test_compass_words_are_said_of_north_up_geotiffs_alone(sample_archive: Path) -> None:
    said = 0
    for row in lines(sample_archive):
        north_up = False
        if row["image"].endswith(".tif"):
            with rasterio.open(sample_archive / row["image"]) as scene:
                north_up = scene.transform.is_rectilinear and scene.transform.e < 0
        compass = re.search(r"\b(north|south|east|west)", json.dumps(row["variants"]).lower())
        assert north_up or not compass, row["image"]
        said += compass is not None

    assert said >= 3


def test_equal_seeds_give_the_same_bytes_and_a_smaller_archive_is_the_beginning_of_a_larger(tmp_path: Path) -> None:
    for name, count in (("first", 7), ("again", 7), ("longer", 9)):
        draw_archive(tmp_path / name, seed=5, count=count)

    assert contents(tmp_path / "first") == contents(tmp_path / "again")
    longer = contents(tmp_path / "longer")
    for name, content in contents(tmp_path / "first").items():
        assert longer[name].startswith(content)


def test_another_seed_gives_other_pictures_and_other_words(tmp_path: Path) -> None:
    draw_archive(tmp_path / "one", seed=1, count=3)
    draw_archive(tmp_path / "two", seed=-1, count=3)

    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    assert one.keys() == two.keys()
    assert all(one[name] != two[name] for name in one)


def test_a_folder_that_holds_something_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")

    with pytest.raises(InputError, match="not empty; name a new folder"):
        draw_archive(tmp_path, count=1)

    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "archive").write_text("mine")

    with pytest.raises(InputError, match="is a file"):
        draw_archive(tmp_path / "archive", count=1)


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    draw_archive(tmp_path, count=1)

    (row,) = lines(tmp_path)
    assert np.asarray(Image.open(tmp_path / row["image"])).shape == (256, 256, 3)


def test_less_than_one_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="ask for one or more"):
        draw_archive(tmp_path, count=0)
