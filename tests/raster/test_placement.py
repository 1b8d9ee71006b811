"""Places that are no geotransform in the file: control points, RPCs, files beside a picture, the camera's position."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2
from rasterio.control import GroundControlPoint
from rasterio.crs import CRS
from rasterio.rpc import RPC

from trsllava.raster.placement import by_points
from trsllava.raster.scene import inspect
from trsllava.raster.silence import without_warnings
from trsllava.records import Recipe, Window

WGS84 = CRS.from_epsg(4326)
UTM31 = CRS.from_epsg(32631)
PLACE = Affine(10, 0, 590_000, 0, -10, 5_760_000)
WIDTH, HEIGHT = 300, 200


def picture(path: Path, width: int = WIDTH, height: int = HEIGHT, **options: object) -> Path:
    samples = np.random.default_rng(1).integers(1, 255, (height, width, 3), np.uint8)
    Image.fromarray(samples).save(path, **options)
    return path


def placed_tiff(path: Path, width: int = WIDTH, height: int = HEIGHT, **place: object) -> Path:
    samples = np.random.default_rng(1).integers(1, 255, (3, height, width), np.uint8)
    shape = {"width": width, "height": height, "count": 3, "dtype": "uint8"}
    with without_warnings(), rasterio.open(path, "w", driver="GTiff", **shape, **place) as dataset:
        dataset.write(samples)
    return path


@pytest.fixture
def expected(tmp_path):
    """The footprint of the same picture in a GeoTIFF."""
    return inspect(placed_tiff(tmp_path / "expected.tif", crs=UTM31, transform=PLACE)).footprint


def orbit(col, row):
    """Degrees of a scene that no affine fits: curved along and across, as radar geometry is."""
    u, v = np.asarray(col) / 2_600, np.asarray(row) / 1_700
    longitude = 178.5 + 3.1 * u + 0.6 * v + 0.25 * u * v - 0.12 * u**2 + 0.05 * np.sin(4 * u) + 0.02 * v**3
    return longitude, 50 + 0.35 * u - 1.5 * v - 0.1 * u * v + 0.05 * v**2 + 0.04 * np.cos(4 * u) * v


def grid(wrapped: bool = False, offset: float = 0.0) -> list[GroundControlPoint]:
    points = []
    for row in np.linspace(0, 1_700, 10):
        for col in np.linspace(0, 2_600, 21):
            x, y = orbit(col, row)
            x = x + offset
            points.append(GroundControlPoint(row, col, float((x + 180) % 360 - 180 if wrapped else x), float(y), 0.0))
    return points


@pytest.mark.parametrize(("wrapped", "offset"), [(False, -100.0), (True, 0.0)])  # the second crosses the dateline
def test_a_grid_that_no_affine_fits_within_ten_pixels_is_placed_within_one(wrapped, offset):
    points = grid(wrapped, offset)
    pixel_x, pixel_y = 3.1 / 2_600, 1.5 / 1_700
    cols, rows = np.random.default_rng(5).uniform((0, 0), (2_600, 1_700), (400, 2)).T
    x, y = orbit(cols, rows)
    corners = np.column_stack([[p.col for p in points], [p.row for p in points], np.ones(len(points))])
    truth = np.array([orbit(p.col, p.row)[0] for p in points])
    fitted = corners @ np.linalg.lstsq(corners, truth, rcond=None)[0]
    assert np.abs(fitted - truth).max() > 10 * pixel_x  # so an affine is no answer

    placement = by_points(points, WGS84)
    assert placement is not None
    found = placement.locate(cols, rows)
    assert np.abs((found[:, 0] - x - offset + 180) % 360 - 180).max() < pixel_x
    assert np.abs(found[:, 1] - y).max() < pixel_y


def test_each_tile_of_a_scene_of_control_points_has_its_own_outline(tmp_path):
    path = placed_tiff(tmp_path / "gcps.tif", 2_600, 1_700, gcps=grid(offset=-100.0), crs=WGS84)
    info = inspect(path, Recipe(tile=1_024, overlap=0))

    assert len(info.tiles) == 6
    assert info.properties == {"placed_by": "210 ground control points"}
    for tile in info.tiles:
        window = tile.window
        edge = np.linspace(0, 1, 300)
        cols = np.concatenate([edge, edge, 0 * edge, 0 * edge + 1]) * window.width + window.col
        rows = np.concatenate([0 * edge, 0 * edge + 1, edge, edge]) * window.height + window.row
        x, y = orbit(cols, rows)
        assert tile.footprint is not None
        assert tile.footprint.polygon is not None
        assert tile.footprint.west == pytest.approx(x.min() - 100, abs=3.1 / 2_600)
        assert tile.footprint.east == pytest.approx(x.max() - 100, abs=3.1 / 2_600)
        assert tile.footprint.south == pytest.approx(y.min(), abs=1.5 / 1_700)
        assert tile.footprint.north == pytest.approx(y.max(), abs=1.5 / 1_700)


def test_four_corner_points_in_metres_place_as_the_geotransform_does(tmp_path, expected):
    corners = [
        GroundControlPoint(row, col, PLACE.c + 10 * col, PLACE.f - 10 * row, 0.0)
        for row in (0, HEIGHT)
        for col in (0, WIDTH)
    ]
    info = inspect(placed_tiff(tmp_path / "corners.tif", gcps=corners, crs=UTM31))

    assert info.footprint is not None
    assert info.footprint.west == pytest.approx(expected.west, abs=1e-5)
    assert info.footprint.north == pytest.approx(expected.north, abs=1e-5)
    assert info.north_up


@pytest.mark.parametrize("corners", [[(0, 0), (0, 0), (0, 0), (0, 0)], [(0, 0), (100, 100), (200, 200)]])
def test_points_that_span_no_surface_are_no_place(corners):
    points = [GroundControlPoint(row, col, 4.0 + col / 1_000, 52.0 - row / 1_000, 0.0) for row, col in corners]
    assert by_points(points, WGS84) is None


def rpcs(height: float = 120.0) -> RPC:
    """A camera that looks straight down on 0.02 by 0.02 degrees around 4.5 E, 51.9 N, straight lines in degrees."""
    linear = {"one": [1.0] + [0.0] * 19}
    return RPC(
        height_off=height,
        height_scale=500.0,
        lat_off=51.9,
        lat_scale=0.01,
        line_den_coeff=linear["one"],
        line_num_coeff=[0.0, 0.0, -1.0] + [0.0] * 17,
        line_off=HEIGHT / 2,
        line_scale=HEIGHT / 2,
        long_off=4.5,
        long_scale=0.01,
        samp_den_coeff=linear["one"],
        samp_num_coeff=[0.0, 1.0] + [0.0] * 18,
        samp_off=WIDTH / 2,
        samp_scale=WIDTH / 2,
        err_bias=None,
        err_rand=None,
    )


def test_rational_polynomials_place_a_scene_at_their_mean_height(tmp_path):
    info = inspect(placed_tiff(tmp_path / "rpcs.tif", rpcs=rpcs()))

    assert info.properties == {"placed_by": "RPCs at a height of 120 m"}
    assert info.footprint is not None
    sides = (info.footprint.west, info.footprint.south, info.footprint.east, info.footprint.north)
    assert sides == pytest.approx((4.49, 51.89, 4.51, 51.91), abs=0.02 / HEIGHT)  # a pixel


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "bmp"])
def test_an_aux_xml_file_beside_a_picture_places_it(tmp_path, expected, suffix):
    path = picture(tmp_path / f"photo.{suffix}")
    (tmp_path / f"photo.{suffix}.aux.xml").write_text(
        f"<PAMDataset><SRS>{UTM31.to_wkt()}</SRS>"
        "<GeoTransform>590000, 10, 0, 5760000, 0, -10</GeoTransform></PAMDataset>"
    )
    info = inspect(path)

    assert (info.footprint, info.north_up, info.properties) == (expected, True, {})


@pytest.mark.parametrize(
    ("name", "world"),
    [
        ("a.png", "a.pgw"),
        ("a.png", "a.pngw"),
        ("a.jpg", "a.jgw"),
        ("a.jpg", "a.wld"),
        ("a.jpeg", "a.jgw"),
        ("a.tif", "a.tfw"),
    ],
)
def test_a_world_file_with_a_prj_places_a_picture(tmp_path, expected, name, world):
    path = picture(tmp_path / name)
    (tmp_path / world).write_text("10\n0\n0\n-10\n590005\n5759995\n")  # the centre of the first pixel
    assert inspect(path).footprint is None  # numbers alone are no place
    (tmp_path / "a.prj").write_text(UTM31.to_wkt(version="WKT1_ESRI"))

    assert inspect(path).footprint == expected


def test_a_world_file_places_the_tiles_of_a_large_picture(tmp_path):
    path = picture(tmp_path / "large.jpg", 1_200, 600)
    (tmp_path / "large.jgw").write_text("10\n0\n0\n-10\n590005\n5759995\n")
    (tmp_path / "large.prj").write_text(UTM31.to_wkt(version="WKT1_ESRI"))
    tiff = placed_tiff(tmp_path / "same.tif", 1_200, 600, crs=UTM31, transform=PLACE)

    assert [tile.footprint for tile in inspect(path).tiles] == [tile.footprint for tile in inspect(tiff).tiles]


def test_a_turned_photograph_lies_where_its_stored_pixels_do(tmp_path, expected):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    path = picture(tmp_path / "turned.jpg", exif=exif)
    (tmp_path / "turned.jgw").write_text("10\n0\n0\n-10\n590005\n5759995\n")
    (tmp_path / "turned.prj").write_text(UTM31.to_wkt(version="WKT1_ESRI"))
    info = inspect(path)

    assert ((info.width, info.height), info.footprint, info.north_up) == ((HEIGHT, WIDTH), expected, False)


def test_a_broken_file_beside_loses_no_sound_pixels(tmp_path):
    path = picture(tmp_path / "photo.png")
    (tmp_path / "photo.png.aux.xml").write_text("<PAMDataset><GeoTransform>nonsense")
    assert inspect(path).footprint is None


def located(path: Path, latitude: tuple, north: str, longitude: tuple, east: str, error: float | None = None) -> Path:
    gps = {
        ExifTags.GPS.GPSLatitudeRef: north,
        ExifTags.GPS.GPSLatitude: latitude,
        ExifTags.GPS.GPSLongitudeRef: east,
        ExifTags.GPS.GPSLongitude: longitude,
    }
    if error is not None:
        gps[ExifTags.GPS.GPSHPositioningError] = error
    if path.suffix == ".tif":
        tags = ImageFileDirectory_v2()
        tags[ExifTags.IFD.GPSInfo] = {int(tag): value for tag, value in gps.items()}
        return picture(path, tiffinfo=tags)
    exif = Image.Exif()
    exif[ExifTags.IFD.GPSInfo] = gps
    return picture(path, exif=exif)


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif"])
@pytest.mark.parametrize(("north", "east"), [("N", "E"), ("S", "W")])
def test_a_drone_picture_has_a_small_box_about_its_camera_and_says_so(tmp_path, suffix, north, east):
    path = located(tmp_path / f"dji.{suffix}", (51.0, 54.0, 36.0), north, (4.0, 30.0, 0.0), east)
    info = inspect(path)

    assert info.properties == {"placed_by": "the camera's position (EXIF)"}
    assert info.footprint is not None
    latitude, longitude = 51.91 * (1 if north == "N" else -1), 4.5 * (1 if east == "E" else -1)
    middle = ((info.footprint.west + info.footprint.east) / 2, (info.footprint.south + info.footprint.north) / 2)
    assert middle == pytest.approx((longitude, latitude), abs=1e-6)
    assert (info.footprint.north - info.footprint.south) * 111_195 == pytest.approx(100, abs=0.1)
    assert (info.footprint.east - info.footprint.west) * 111_195 * np.cos(np.radians(51.91)) == pytest.approx(
        100, abs=0.1
    )
    assert not info.north_up


def test_a_receiver_that_knows_its_error_has_a_larger_box(tmp_path):
    footprint = inspect(located(tmp_path / "a.jpg", (10.0, 0.0, 0.0), "N", (20.0, 0.0, 0.0), "E", 500.0)).footprint
    assert footprint is not None
    assert (footprint.north - footprint.south) * 111_195 == pytest.approx(1_000, abs=1)


@pytest.mark.parametrize(("north", "pole"), [("N", 90), ("S", -90)])
def test_a_camera_at_a_pole_sees_all_longitudes(tmp_path, north, pole):
    footprint = inspect(located(tmp_path / "a.jpg", (90.0, 0.0, 0.0), north, (0.0, 0.0, 0.0), "E")).footprint
    assert footprint is not None
    assert (footprint.west, footprint.east) == (-180, 180)
    assert pole in (footprint.south, footprint.north)


def test_a_camera_at_the_dateline_has_a_box_across_it(tmp_path):
    footprint = inspect(located(tmp_path / "a.jpg", (10.0, 0.0, 0.0), "S", (180.0, 0.0, 0.0), "E")).footprint
    assert footprint is not None
    assert footprint.west > 179.9
    assert footprint.east < -179.9


@pytest.mark.parametrize("latitude", [(0.0, 0.0, 0.0), (99.0, 0.0, 0.0)])
def test_a_receiver_without_a_fix_is_no_place(tmp_path, latitude):
    path = located(tmp_path / "a.jpg", latitude, "N", (0.0, 0.0, 0.0), "E")
    assert (inspect(path).footprint, inspect(path).properties) == (None, {})


def stac_item(path: Path, **more: object) -> None:
    ring = [[4.3, 51.9], [4.5, 51.95], [4.45, 52.0], [4.25, 51.96], [4.3, 51.9]]
    item = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    path.write_text(json.dumps(item | more))


@pytest.mark.parametrize("beside", ["thumb.json", "thumb.png.json"])
def test_a_stac_item_beside_a_plain_picture_gives_its_place(tmp_path, beside):
    path = picture(tmp_path / "thumb.png")
    stac_item(tmp_path / beside)
    info = inspect(path)

    assert info.footprint is not None
    assert (info.footprint.west, info.footprint.south, info.footprint.east, info.footprint.north) == (
        4.25,
        51.9,
        4.5,
        52,
    )
    assert info.footprint.polygon is not None
    assert info.properties == {"placed_by": "the STAC item's outline"}


@pytest.mark.parametrize("code", [{"proj:epsg": 32631}, {"proj:code": "EPSG:32631"}, {"proj:wkt2": UTM31.to_wkt()}])
@pytest.mark.parametrize("where", ["item", "asset"])
def test_with_the_projection_extension_it_is_placed_pixel_by_pixel(tmp_path, expected, code, where):
    path = picture(tmp_path / "thumb.png")
    grid = {"proj:shape": [400, 600], "proj:transform": [5, 0, 590_000, 0, -5, 5_760_000, 0, 0, 1]} | code
    if where == "item":
        stac_item(tmp_path / "thumb.json", properties=grid)
    else:
        stac_item(tmp_path / "thumb.json", assets={"thumbnail": {"href": "./thumb.png"} | grid})
    info = inspect(path)

    assert (info.footprint, info.north_up, info.properties) == (expected, True, {})


def test_a_file_that_is_placed_by_itself_asks_nothing_beside(tmp_path, expected):
    path = placed_tiff(tmp_path / "scene.tif", crs=UTM31, transform=PLACE)
    stac_item(tmp_path / "scene.json")
    (tmp_path / "scene.tfw").write_text("1\n0\n0\n-1\n0\n0\n")

    assert inspect(path).footprint == expected


def test_an_item_without_a_place_is_none(tmp_path):
    path = picture(tmp_path / "thumb.png")
    stac_item(tmp_path / "thumb.json", geometry=None)
    assert inspect(path).tiles[0].window == Window(0, 0, WIDTH, HEIGHT)
    assert inspect(path).footprint is None
