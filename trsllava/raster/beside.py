"""The place of pictures whose format knows none: by files beside them, or where the camera was."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image

from trsllava.raster.drivers import driver_of
from trsllava.raster.placement import Geotransform, Placement, Somewhere, placement_of
from trsllava.raster.sidecar import item_placement
from trsllava.raster.silence import without_warnings
from trsllava.records import Footprint

_CAMERA_BOX = 50.0
"""Metres from a camera's position to the sides of the box that stands for it: what it saw lies about there."""
_METRES_A_DEGREE = 6_371_008.8 * math.pi / 180


def placed_beside(path: Path, width: int, height: int) -> Placement | None:
    """The place of a picture of `width` x `height` stored pixels: by what GDAL knows (`.aux.xml`, world files with a
    `.prj`, MapInfo's `.tab`, RPC files), by the STAC item beside it, or by the position in its EXIF tags."""
    return _by_gdal(path) or item_placement(path, width, height) or _by_camera(path)


def _by_gdal(path: Path) -> Placement | None:
    if not any(beside.is_file() for beside in _georeferences(path)):
        return None
    import rasterio

    try:
        # GDAL is to look for these files by name: it would list a folder with a million pictures for each of them.
        with (
            rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="TRUE", GDAL_PAM_ENABLED="YES"),
            without_warnings(),
            rasterio.open(path, driver=driver_of(path)) as dataset,
        ):
            return placement_of(dataset) or _by_world_file(path, dataset)
    except Exception:  # GDAL's errors have no public base class; a broken sidecar is no reason to lose sound pixels
        return None


def _georeferences(path: Path) -> list[Path]:
    """Where GDAL looks, in its order."""
    end = path.suffix.lstrip(".")
    short = end[:1] + end[-1:] + "w"
    worlds = [path.with_suffix(f".{suffix}") for suffix in (short, end + "w", "wld")] if end else []
    others = [path.with_suffix(".tab"), path.with_suffix(".RPB"), path.with_suffix(".rpb")]
    rpcs = [path.with_name(path.stem + suffix) for suffix in ("_RPC.TXT", "_rpc.txt")]
    return [path.with_name(path.name + ".aux.xml"), *worlds, *others, *rpcs]


def _by_world_file(path: Path, dataset: Any) -> Placement | None:
    """A world file gives numbers and no coordinate reference system; ESRI's `.prj` beside it does."""
    from rasterio.crs import CRS

    try:
        wkt = path.with_suffix(".prj").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return None if dataset.transform.is_identity else Geotransform(dataset.transform, CRS.from_wkt(wkt))


def _by_camera(path: Path) -> Placement | None:
    try:
        with without_warnings(), Image.open(path) as image:
            gps = image.getexif().get_ifd(ExifTags.IFD.GPSInfo)
        latitude = _degrees(gps[ExifTags.GPS.GPSLatitude], str(gps.get(ExifTags.GPS.GPSLatitudeRef, "N")))
        longitude = _degrees(gps[ExifTags.GPS.GPSLongitude], str(gps.get(ExifTags.GPS.GPSLongitudeRef, "E")))
        error = float(gps.get(ExifTags.GPS.GPSHPositioningError, 0) or 0)
    except Exception:  # no such tags, or broken ones: both are no place
        return None
    known = math.isfinite(latitude) and math.isfinite(longitude) and (latitude, longitude) != (0, 0)
    if not known or abs(latitude) > 90 or abs(longitude) > 180:  # receivers without a fix write zeros
        return None
    north = max(_CAMERA_BOX, error if math.isfinite(error) else 0) / _METRES_A_DEGREE
    east = north / max(math.cos(math.radians(latitude)), 1e-6)
    around = east >= 180  # the box holds a pole
    box = Footprint(
        west=-180 if around else (longitude - east + 180) % 360 - 180,
        south=max(latitude - north, -90),
        east=180 if around else (longitude + east + 180) % 360 - 180,
        north=min(latitude + north, 90),
    )
    return Somewhere(box, "the camera's position (EXIF)")


def _degrees(parts: Any, reference: str) -> float:
    """Degrees, minutes and seconds (EXIF 2.32, tag 2) as degrees."""
    degrees, minutes, seconds = (float(part) for part in parts)
    return (degrees + minutes / 60 + seconds / 3600) * (-1 if reference.strip("\0 ").upper() in ("S", "W") else 1)
