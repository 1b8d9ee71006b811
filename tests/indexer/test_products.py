"""Products of several files in a folder: one scene each, in true colours, where and when they were taken."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.warp import transform as warp

from indexer.discover import Discovery, discover
from indexer.plan import plan
from indexer.watching import unlike
from tests.sources.published import (
    PLACE,
    SIDE,
    UTM31,
    colour_bars,
    is_red_green_blue,
    landsat,
    planetscope,
    sentinel1,
    sentinel2,
    sentinel2_of_2015,
    swath,
    write_raster,
)
from trsllava.ledger.ledger import Ledger
from trsllava.raster.tile_picture import read_tile
from trsllava.records import Footprint, Recipe, TileRecord
from trsllava.sources.opened import open_source
from trsllava.sources.scene import SceneSource

METRES_A_DEGREE = 111_195


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "ledger.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    (tmp_path / "archive").mkdir()
    return tmp_path / "archive"


def index(archive: Path, ledger: Ledger, recipe: Recipe | None = None) -> Discovery:
    found = discover(archive, ledger, recipe or Recipe())
    assert found.unreadable == {}
    return found


def only(ledger: Ledger) -> TileRecord:
    (record,) = ledger.scan()
    return record


def assert_placed(footprint: Footprint | None, transform: Affine = PLACE, side: int = SIDE, pixel: float = 10) -> None:
    """Within a pixel of the raster's corners."""
    assert footprint is not None
    west, north = transform.c, transform.f
    east, south = west + side * transform.a, north + side * transform.e
    longitudes, latitudes = warp(UTM31, "EPSG:4326", [west, east, east, west], [north, north, south, south])
    near = pixel / METRES_A_DEGREE
    assert footprint.south == pytest.approx(min(latitudes), abs=near)
    assert footprint.north == pytest.approx(max(latitudes), abs=near)
    assert footprint.west == pytest.approx(min(longitudes), abs=near / np.cos(np.radians(52)))
    assert footprint.east == pytest.approx(max(longitudes), abs=near / np.cos(np.radians(52)))


@pytest.mark.parametrize("level", ["L1C", "L2A"])
def test_a_sentinel_2_product_is_one_scene_in_true_colours(archive: Path, ledger: Ledger, level: str) -> None:
    safe = sentinel2(archive, level)

    assert index(archive, ledger).new == [safe.as_posix()]
    record = only(ledger)
    assert is_red_green_blue(read_tile(record.tile, record.paths))
    assert_placed(record.tile.footprint)
    assert record.tile.north_up
    assert record.tile.acquired == datetime(2023, 6, 30, 10, 56, 31, 24_000, tzinfo=UTC)
    assert record.tile.properties == {
        "platform": "sentinel-2a",
        "constellation": "sentinel-2",
        "instruments": "msi",
        "gsd": 10.0,
        "provider": "ESA",
        "cloud_cover": 12.25,
        "product": f"MSI{level}",
    }


def test_a_product_of_several_granules_is_a_scene_each(archive: Path, ledger: Ledger) -> None:
    safe = sentinel2(archive, "L1C", granules=("T31UET", "T31UFT"))

    found = index(archive, ledger)
    assert [Path(path).parent for path in found.new] == [safe / "GRANULE"] * 2
    assert [Path(path).name[:10] for path in found.new] == ["L1C_T31UET", "L1C_T31UFT"]


@pytest.mark.parametrize(
    ("level", "granules"), [("L1C", ("T31UET",)), ("L1C", ("T31UET", "T31UFT")), ("L2A", ("T31UET",))]
)
def test_a_product_of_before_december_2016_is_read_as_one_of_today(
    archive: Path, ledger: Ledger, level: str, granules: tuple[str, ...]
) -> None:
    safe = sentinel2_of_2015(archive, level, granules)

    scenes = [safe] if len(granules) == 1 else sorted((safe / "GRANULE").iterdir())
    assert index(archive, ledger).new == [scene.as_posix() for scene in scenes]
    record = next(ledger.scan())
    assert is_red_green_blue(read_tile(record.tile, record.paths))
    assert_placed(record.tile.footprint)
    assert record.tile.acquired == datetime(2023, 6, 30, 10, 56, 31, 24_000, tzinfo=UTC)
    assert (record.tile.properties["product"], record.tile.properties["cloud_cover"]) == (f"MSI{level}", 12.25)


@pytest.mark.parametrize(
    "name",
    [
        "S2A_MSIL2A_20230630T105631_N0509_R094_T31UET_20230630T105631.SAFE.zip",
        "S2B_MSIL1C_20230630T105631_N0509_R094_T31UET_20230630T105631.zip",
        "S2A_OPER_PRD_MSIL1C_PDMC_20150730T000000_R094_V20150730T105631_20150730T105631.zip",
        "S1A_IW_GRDH_1SDV_20230630T105631_20230630T105656_049210_05EAC2_1234.zip",
        "LC09_L2SP_199024_20230630_20230702_02_T1.tar",
        "LT05_L1TP_199024_19850630_20200918_02_T1.tar.gz",
    ],
)
def test_a_packed_product_is_told(archive: Path, ledger: Ledger, name: str) -> None:
    for file in (name, "photos.zip", "backup.tar"):
        (archive / file).write_bytes(b"PK")
    assert index(archive, ledger).passed_over == {"packed products (unpack them)": 1}


def test_of_a_product_without_bands_the_true_colour_picture_is_shown(archive: Path, ledger: Ledger) -> None:
    safe = sentinel2(archive, "L2A")
    for band in safe.rglob("*_B0[234]_*.jp2"):
        band.unlink()

    index(archive, ledger)
    record = only(ledger)
    assert (read_tile(record.tile, record.paths) == 40).all()


def test_what_the_swath_missed_is_no_data(archive: Path, ledger: Ledger) -> None:
    bars = colour_bars(1200)
    bars[:, :, 500:] = 0
    sentinel2(archive, "L1C", bars=bars)

    assert index(archive, ledger).skipped_tiles > 0
    assert max(record.tile.window.col for record in ledger.scan()) < 500


@pytest.mark.parametrize("level", ["L1TP", "L2SP"])
@pytest.mark.parametrize("sensor", ["LC08", "LC09", "LT05", "LE07"])
def test_a_landsat_scene_is_one_picture_named_by_its_metadata(
    archive: Path, ledger: Ledger, sensor: str, level: str
) -> None:
    folder = landsat(archive, sensor, level)

    assert index(archive, ledger).new == [(folder / f"{folder.name}_MTL.txt").as_posix()]
    record = only(ledger)
    assert is_red_green_blue(read_tile(record.tile, record.paths))
    assert_placed(record.tile.footprint)
    assert record.tile.acquired == datetime(2023, 6, 30, 10, 40, 13, 123_456, tzinfo=UTC)
    assert record.tile.properties["platform"] == f"landsat-{int(sensor[2:])}"
    assert (record.tile.properties["cloud_cover"], record.tile.properties["gsd"]) == (3.41, 30.0)


@pytest.mark.parametrize("metadata", [("json",), ("xml",), ("txt", "json", "xml")])
def test_landsat_metadata_say_the_same_in_every_form(archive: Path, ledger: Ledger, metadata: tuple[str, ...]) -> None:
    landsat(archive, metadata=metadata)

    assert len(index(archive, ledger).new) == 1
    assert only(ledger).tile.properties == {
        "platform": "landsat-9",
        "constellation": "landsat",
        "instruments": "oli_tirs",
        "gsd": 30.0,
        "provider": "USGS",
        "cloud_cover": 3.41,
        "product": "L2SP",
    }
    assert only(ledger).tile.acquired == datetime(2023, 6, 30, 10, 40, 13, 123_456, tzinfo=UTC)


@pytest.mark.parametrize(("bands", "named"), [(4, False), (4, True), (8, False), (8, True)])
@pytest.mark.parametrize("kind", ["json", "xml"])
def test_a_planetscope_scene_is_one_picture(archive: Path, ledger: Ledger, bands: int, named: bool, kind: str) -> None:
    planetscope(archive, bands, named, kind)

    assert len(index(archive, ledger).new) == 1
    record = only(ledger)
    assert is_red_green_blue(read_tile(record.tile, record.paths))
    assert_placed(record.tile.footprint)
    assert record.tile.acquired == datetime(2023, 6, 30, 10, 11, 12, 345_678, tzinfo=UTC)
    assert record.tile.properties == {
        "platform": "24a1",
        "constellation": "planetscope",
        "instruments": "psb.sd",
        "gsd": 3.0,
        "provider": "Planet Labs",
        "cloud_cover": pytest.approx(7.0),
    }


def test_a_planet_composite_is_one_picture_over_the_time_of_its_scenes(archive: Path, ledger: Ledger) -> None:
    folder = planetscope(archive)
    next(folder.glob("*_SR_clip.tif")).rename(folder / "composite.tif")
    next(folder.glob("*_udm2_clip.tif")).rename(folder / "composite_udm2.tif")
    later = {"properties": {"acquired": "2023-06-30T10:11:15Z", "cloud_cover": 0.5}}
    (folder / "20230630_101115_34_24a1_metadata.json").write_text(json.dumps(later))

    assert len(index(archive, ledger).new) == 1
    record = only(ledger)
    assert is_red_green_blue(read_tile(record.tile, record.paths))
    assert record.tile.acquired_end == datetime(2023, 6, 30, 10, 11, 15, tzinfo=UTC)


def test_a_sentinel_1_scene_lies_where_its_control_points_say(archive: Path, ledger: Ledger) -> None:
    safe = sentinel1(archive)

    assert index(archive, ledger).new == [safe.as_posix()]
    tiles = [record.tile for record in ledger.scan()]
    assert len(tiles) > 1
    longitude_pixel, latitude_pixel = 1.2 / 1300, 0.7 / 900
    for tile in tiles:
        cols = np.linspace(0, tile.window.width, 200)
        rows = np.linspace(0, tile.window.height, 200)
        edge = np.concatenate(
            [np.stack([cols, np.full(200, end)]) for end in (0, tile.window.height)]
            + [np.stack([np.full(200, end), rows]) for end in (0, tile.window.width)],
            axis=1,
        )
        x, y = swath(edge[0] + tile.window.col, edge[1] + tile.window.row, 1300, 900)
        assert tile.footprint is not None
        assert tile.footprint.west == pytest.approx(x.min(), abs=longitude_pixel)
        assert tile.footprint.east == pytest.approx(x.max(), abs=longitude_pixel)
        assert tile.footprint.south == pytest.approx(y.min(), abs=latitude_pixel)
        assert tile.footprint.north == pytest.approx(y.max(), abs=latitude_pixel)
    assert len({tile.footprint for tile in tiles}) == len(tiles)


def test_a_sentinel_1_scene_is_shown_in_decibels_with_its_time_and_properties(archive: Path, ledger: Ledger) -> None:
    sentinel1(archive)
    index(archive, ledger)

    tile = next(iter(ledger.scan())).tile
    assert tile.rendering.stretch.startswith("db:")
    assert tile.acquired == datetime(2023, 6, 30, 5, 59, 12, 123_456, tzinfo=UTC)
    assert tile.acquired_end == datetime(2023, 6, 30, 5, 59, 37, 123_456, tzinfo=UTC)
    told = {
        name: tile.properties[name] for name in ("platform", "mode", "orbit", "polarisation", "polarisations", "gsd")
    }
    assert told == {
        "platform": "sentinel-1a",
        "mode": "IW",
        "orbit": "descending",
        "polarisation": "VV",
        "polarisations": "VV, VH",
        "gsd": 10.0,
    }
    assert tile.properties["placed_by"] == "210 ground control points"


def test_a_pattern_of_file_names_joins_its_files_and_leaves_the_others_alone(archive: Path, ledger: Ledger) -> None:
    for scene in ("one", "two"):
        for band, samples in zip(("B4", "B3", "B2"), colour_bars(), strict=True):
            write_raster(archive / f"{scene}_{band}.TIF", samples[None] + ord(scene[0]))
    write_raster(archive / "three_B4.TIF", colour_bars()[:1])  # without green and blue

    found = index(archive, ledger, Recipe(bands="red=*_B4.TIF,green=*_B3.TIF,blue=*_B2.TIF"))
    assert [Path(path).name for path in found.new] == ["one_B4.TIF", "two_B4.TIF", "three_B4.TIF"]
    joined = [record for record in ledger.scan() if record.tile.assets]
    assert len(joined) == 2
    assert all(is_red_green_blue(read_tile(record.tile, record.paths)) for record in joined)


def test_bands_of_coarser_pixels_are_laid_on_reds_grid(archive: Path, ledger: Ledger) -> None:
    red, green, blue = colour_bars()
    write_raster(archive / "r.tif", red[None])
    write_raster(archive / "g.tif", green[None, ::2, ::2], transform=Affine(20, 0, PLACE.c, 0, -20, PLACE.f))
    write_raster(archive / "b.tif", blue[None, ::2, ::2], transform=Affine(20, 0, PLACE.c, 0, -20, PLACE.f))

    index(archive, ledger, Recipe(bands="red=r.tif,green=g.tif,blue=b.tif"))
    record = only(ledger)
    assert read_tile(record.tile, record.paths).shape == (SIDE, SIDE, 3)
    assert is_red_green_blue(read_tile(record.tile, record.paths))


def test_a_second_run_reads_no_product_again(archive: Path, ledger: Ledger) -> None:
    sentinel2(archive)
    landsat(archive)
    index(archive, ledger)

    again = index(archive, ledger)
    assert (len(again.unchanged), again.new, again.changed, again.vanished) == (2, [], [], [])


def test_a_changed_band_is_a_changed_product(archive: Path, ledger: Ledger) -> None:
    folder = landsat(archive)
    index(archive, ledger)
    write_raster(next(folder.glob("*_SR_B3.TIF")), np.full((1, SIDE, SIDE), 90, np.uint16))

    assert index(archive, ledger).changed == [(folder / f"{folder.name}_MTL.txt").as_posix()]


def test_corrected_metadata_are_taken_over_and_the_tiles_stay(archive: Path, ledger: Ledger) -> None:
    safe = sentinel2(archive)
    index(archive, ledger)
    before = only(ledger).tile
    metadata = safe / "MTD_MSIL2A.xml"
    metadata.write_text(metadata.read_text().replace("12.25", "80.5"))

    assert index(archive, ledger).unchanged == [safe.as_posix()]
    assert only(ledger).tile.id == before.id
    assert only(ledger).tile.properties["cloud_cover"] == 80.5


def test_a_product_that_went_is_gone(archive: Path, ledger: Ledger) -> None:
    safe = sentinel2(archive)
    index(archive, ledger)
    safe.rename(archive.parent / "elsewhere.SAFE")

    assert index(archive, ledger).vanished == [safe.as_posix()]


def test_a_damaged_band_refuses_the_product_with_its_reason(archive: Path, ledger: Ledger) -> None:
    safe = sentinel2(archive)
    next(safe.rglob("*_B03_10m.jp2")).write_bytes(b"\0\0\0\x0cjP  \r\n\x87\n and no more")

    found = discover(archive, ledger)
    assert (found.new, list(found.unreadable)) == ([], [safe.as_posix()])
    assert "B03_10m.jp2" in found.unreadable[safe.as_posix()]


def test_a_product_that_was_moved_keeps_its_tile_and_is_read_from_there(archive: Path, ledger: Ledger) -> None:
    sentinel2(archive)
    index(archive, ledger)
    before = only(ledger).tile
    (archive / "2023").mkdir()
    moved = next(archive.glob("*.SAFE")).rename(archive / "2023" / "moved.SAFE")

    assert index(archive, ledger).new == [moved.as_posix()]
    record = only(ledger)
    assert record.tile.id == before.id
    assert is_red_green_blue(read_tile(record.tile, record.paths))


@pytest.mark.parametrize("product", [sentinel2, sentinel1, landsat, planetscope])
def test_a_product_can_be_indexed_by_itself(archive: Path, ledger: Ledger, product: Callable[[Path], Path]) -> None:
    folder = product(archive)

    assert len(index(folder, ledger).new) == 1
    again = index(folder, ledger)
    assert (len(again.unchanged), again.new, again.vanished) == (1, [], [])


@pytest.mark.parametrize("product", [sentinel1, sentinel2, landsat, planetscope])
def test_a_watched_product_is_new_when_one_of_its_files_is(
    archive: Path, ledger: Ledger, product: Callable[[Path], Path]
) -> None:
    product(archive)
    index(archive, ledger)
    assert unlike(archive, ledger.files_at) == {}
    record = next(ledger.scan())
    os.utime(record.tile.assets[-1].href, (0, 2_000_000_000))
    assert list(unlike(archive, ledger.files_at)) == list(record.paths)


def test_a_watched_scene_by_a_pattern_is_new_when_one_of_its_files_is(archive: Path, ledger: Ledger) -> None:
    pattern = "red=*_B4.TIF,green=*_B3.TIF,blue=*_B2.TIF"
    for band, samples in zip(("B4", "B3", "B2"), colour_bars(), strict=True):
        write_raster(archive / f"one_{band}.TIF", samples[None])
    index(archive, ledger, Recipe(bands=pattern))
    assert unlike(archive, ledger.files_at, bands=pattern) == {}
    os.utime(archive / "one_B2.TIF", (0, 2_000_000_000))
    assert list(unlike(archive, ledger.files_at, bands=pattern)) == [f"{archive}/one_B4.TIF"]


@pytest.mark.parametrize("inside", ["GRANULE", "GRANULE/*/IMG_DATA"])
def test_a_link_within_a_product_does_not_lead_out_of_the_folders_that_may_be_read(
    archive: Path, ledger: Ledger, inside: str
) -> None:
    safe = sentinel2(archive, "L2A")
    (folder,) = safe.glob(inside)
    folder.rename(archive.parent / "secret")
    folder.symlink_to(archive.parent / "secret")

    found = discover(archive, ledger, within=[archive])

    assert [*ledger.scan()] == []
    assert len(found.unreadable) == 1
    assert "a link out of the folders that may be read" in str(found.unreadable)
    assert discover(archive, ledger).new == [safe.as_posix()]


def test_what_a_run_will_cost_counts_a_product_as_one(archive: Path, ledger: Ledger) -> None:
    sentinel2(archive)
    landsat(archive)

    before = plan(archive, ledger, Recipe(), dim=384, concurrency=1)
    assert (before.new, before.tiles) == (2, 2)
    index(archive, ledger)
    after = plan(archive, ledger, Recipe(), dim=384, concurrency=1)
    assert (after.new, after.changed, after.unchanged) == (0, 0, 2)


@pytest.mark.parametrize(("product", "ending"), [(landsat, "_MTL.txt"), (planetscope, "_metadata.json")])
def test_its_metadata_file_names_a_product_as_a_source(
    archive: Path, ledger: Ledger, product: Callable[[Path], Path], ending: str
) -> None:
    metadata = next(product(archive).glob(f"*{ending}"))
    source = open_source(metadata)

    assert isinstance(source, SceneSource)
    (scene,) = source.scenes
    assert (scene.name, scene.properties["provider"] in ("USGS", "Planet Labs")) == (metadata.as_posix(), True)


def test_where_the_files_say_no_place_each_tile_lies_somewhere_in_the_products_outline(
    archive: Path, ledger: Ledger
) -> None:
    bars = colour_bars(1200)
    safe = sentinel2(archive, "L1C", bars=bars)
    for path in safe.rglob("*_B0[234].jp2"):
        with rasterio.open(path) as dataset:
            samples = dataset.read()
        write_raster(path, samples, "JP2OpenJPEG", crs=None, transform=None)

    index(archive, ledger)
    tiles = [record.tile for record in ledger.scan()]
    assert len(tiles) > 1
    assert {(t.footprint.west, t.footprint.north) for t in tiles if t.footprint} == {(4.2, 52.3)}
    assert not any(tile.north_up for tile in tiles)
