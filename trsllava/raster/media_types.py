"""What kind of file an image is, in the words of HTTP and STAC."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

GEOTIFF = "image/tiff; application=geotiff"
COG = "image/tiff; application=geotiff; profile=cloud-optimized"
"""Exactly so: QGIS adds no layer of a STAC asset with another type."""

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"BM", "image/bmp"),
    (b"GIF8", "image/gif"),
    (b"\0\0\0\x0cjP  ", "image/jp2"),
    (b"\xff\x4f\xff\x51", "image/j2c"),
    (b"<VRTDataset", "application/xml"),
    (b"II", "image/tiff"),
    (b"MM", "image/tiff"),
)

FILE_TYPES = frozenset(
    {GEOTIFF, COG, "image/webp", "image/avif", "image/heif", "application/octet-stream"}
    | {name for _, name in _SIGNATURES}
)
"""Everything that a file may be called."""


def media_type_of(path: Path) -> str | None:
    """The media type of an image file, by its content; None for a file that is not there, or no image."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return _media_type(path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=65536)
def _media_type(path: Path, _mtime_ns: int, _size: int) -> str | None:
    try:
        with path.open("rb") as file:
            start = file.read(16)
    except OSError:
        return None
    if start[4:8] == b"ftyp":
        return {b"avif": "image/avif", b"avis": "image/avif"}.get(start[8:12], "image/heif")
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "image/webp"
    found = next((media_type for signature, media_type in _SIGNATURES if start.startswith(signature)), None)
    return _tiff_type(path) if found == "image/tiff" else found


def _tiff_type(path: Path) -> str:
    import rasterio

    from trsllava.raster.silence import without_warnings

    try:
        with (
            rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR", GDAL_PAM_ENABLED="NO"),
            without_warnings(),
            rasterio.open(path, driver="GTiff") as dataset,
        ):
            if dataset.tags(ns="IMAGE_STRUCTURE").get("LAYOUT") == "COG":
                return COG
            return "image/tiff" if dataset.crs is None else GEOTIFF
    except Exception:  # GDAL's errors have no public base class; a damaged file is a TIFF all the same
        return "image/tiff"
