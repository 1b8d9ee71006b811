"""`trsllava dataset sample`, and the folder that it writes, read back by other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pystac
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from indexer.sampling.blocks import EARTH_KM
from tests.conftest import MakeOnce
from tests.indexer.sampling.world import World, world_in, write_world
from trsllava.cli.app import app
from trsllava.errors import ImageError, InputError

AREA = ("--area", "10,49.4,10.6,50")


@pytest.fixture(scope="session")
def world(make_once: MakeOnce) -> World:
    return world_in(make_once("planted-world", write_world))


def run(*arguments: object) -> Result:
    words = ["dataset", "sample", *map(str, arguments)]
    return CliRunner().invoke(app, words, catch_exceptions=False)


def by_moran(world: World) -> tuple[object, ...]:
    return ("--values", world.values, "--land-cover", world.land_cover, "--permutations", 9999)


@pytest.fixture(scope="module")
def written(world: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A sample by Moran's I with pictures and splits, and what was said of it."""
    folder = tmp_path_factory.mktemp("samples") / "moran"
    pictures = ("--images", world.images, "--tile-metres", 800)
    result = run(*by_moran(world), "-n", 120, *pictures, "--block-km", 5, "--gap-km", 1, "-o", folder)
    assert result.exit_code == 0, result.output
    return folder, result.output


def features(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["features"]
    return found


def test_the_folder_holds_what_was_promised(written: tuple[Path, str]) -> None:
    folder, said = written

    assert {path.name for path in folder.iterdir()} == {
        "points.geojson", "tiles.geojson", "stac", "pictures", "map.png", "sampling.json", "index.html",
    }  # fmt: skip
    assert "points: 120\n" in said
    assert f"pictures cut: {len(list((folder / 'pictures').iterdir()))} of 120" in said
    assert "hot-spot cells" in said


def test_points_and_tiles_are_geojson_of_the_same_places(written: tuple[Path, str]) -> None:
    points, tiles = features(written[0] / "points.geojson"), features(written[0] / "tiles.geojson")

    assert [one["id"] for one in points] == [one["id"] for one in tiles]
    assert len(points) == 120
    for point, tile in zip(points, tiles, strict=True):
        x, y = point["geometry"]["coordinates"]
        west, south, east, north = tile["bbox"]
        assert west < x < east
        assert south < y < north
        assert point["properties"] == tile["properties"]
        assert set(point["properties"]) >= {"region", "cluster", "value", "class", "unit_index"}


def test_stac_opens_and_its_pictures_are_there(written: tuple[Path, str]) -> None:
    collection = pystac.Collection.from_file(str(written[0] / "stac" / "collection.json"))
    items = list(collection.get_items())

    assert len(items) == 120
    with_picture = [item for item in items if item.assets]
    assert len(with_picture) == len(list((written[0] / "pictures").iterdir())) > 20
    for item in with_picture[:5]:
        place = item.assets["picture"].get_absolute_href()
        assert place is not None
        with Image.open(place) as picture:
            assert picture.size == (20, 20)
        assert item.datetime is not None
        assert item.datetime.year == 2024


def test_splits_lie_apart_and_are_told_everywhere(written: tuple[Path, str]) -> None:
    folder, said = written
    points = features(folder / "points.geojson")
    numbers = json.loads((folder / "sampling.json").read_text("utf-8"))["splits"]
    split = np.array([point["properties"].get("split", "") for point in points])
    x, y = np.radians([point["geometry"]["coordinates"] for point in points]).T
    sphere = np.column_stack([np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)])
    km = EARTH_KM * np.arccos(np.clip(sphere @ sphere.T, -1, 1))

    assert {name: int((split == name).sum()) for name in numbers["points"]} == numbers["points"]
    assert (split == "").sum() == numbers["left out"]
    assert len(numbers["nearest km"]) == 3
    for pair, nearest in numbers["nearest km"].items():
        one, other = pair.split("-")
        assert km[np.ix_(split == one, split == other)].min() == pytest.approx(nearest, rel=1e-3)
        assert nearest >= 1 + 0.8 * 2**0.5  # between the tiles' edges, too, it is a kilometre
    assert "km from train to test" in said


def test_the_page_and_the_map_need_nothing_else(written: tuple[Path, str]) -> None:
    page = (written[0] / "index.html").read_text("utf-8")

    assert "Moran&#x27;s I" in page
    assert "High-High" in page
    assert "<script" not in page
    assert "http://" not in page
    with Image.open(written[0] / "map.png") as picture:
        colours = {colour for _, colour in picture.convert("RGB").getcolors(1 << 24) or ()}
    assert {(214, 64, 62), (66, 112, 191), (20, 20, 20)} <= colours


def test_equal_seeds_write_equal_files(world: World, tmp_path: Path) -> None:
    for name in ("one", "two"):
        run("--strategy", "majortom", "--grid-km", 3, *AREA, "-n", 40, "--block-km", 20, "-o", tmp_path / name)
    one, two = (
        {
            path.relative_to(tmp_path / name): path.read_bytes()
            for path in (tmp_path / name).rglob("*")
            if path.is_file()
        }
        for name in ("one", "two")
    )

    assert one == two
    assert len(one) == 40 + 6


def test_objects_of_a_tag(world: World, tmp_path: Path) -> None:
    tags = ("--tag", "leisure=marina", "--tag", "aeroway")
    result = run("--strategy", "osm", "--objects", world.objects, *tags, "-o", tmp_path / "s")

    assert "Only 4 objects have the tags; all were taken." in result.output
    assert [one["properties"]["tag"] for one in features(tmp_path / "s" / "points.geojson")] == [
        "aeroway=runway",
        *["leisure=marina"] * 3,
    ]
    assert not (tmp_path / "s" / "pictures").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--strategy", "moran"), r"moran needs `values`"),
        (("--strategy", "moran", "--values", "VALUES"), r"moran needs `land_cover`"),
        (("--strategy", "osm", "--objects", "OBJECTS"), r"osm needs `tag`"),
        (("--strategy", "osm", "--tag", "aeroway"), r"osm needs `objects`"),
        (("--strategy", "majortom", "--area", "1,2"), r"`area` expects"),
        (("--strategy", "majortom", *AREA, "--images", "nowhere"), r"There is no folder nowhere"),
        (("--strategy", "majortom", *AREA, "--images", "EMPTY"), r"no georeferenced TIFF"),
        (("--values", "VALUES", "--land-cover", "VALUES", "--images", "nowhere"), r"There is no folder nowhere"),
        (("--strategy", "majortom", *AREA, "--bands", "x"), r"The bands 'x' are not understood"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_written(
    arguments: tuple[str, ...], said: str, world: World, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    places = {"VALUES": world.values, "OBJECTS": world.objects, "EMPTY": tmp_path / "empty"}
    with pytest.raises(InputError, match=said):
        run(*(places.get(word, word) for word in arguments), "-o", tmp_path / "s")
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]


def test_a_raster_that_is_none_is_told(world: World, tmp_path: Path) -> None:
    (tmp_path / "v.tif").write_bytes(b"no raster")
    with pytest.raises(ImageError, match=r"v\.tif"):
        run("--values", tmp_path / "v.tif", "--land-cover", world.land_cover, "-o", tmp_path / "s")


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="is there already"):
        run("--strategy", "majortom", *AREA, "-o", tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "mine"
