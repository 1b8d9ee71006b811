"""Remote files through GDAL, by range requests: a picture of an overview needs a small part of the file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import rasterio

from trsllava.errors import TrsllavaError
from trsllava.raster.damage import check_parts, unreadable
from trsllava.raster.readable import RemoteFile
from trsllava.raster.silence import without_warnings
from trsllava.remote.range_file import RangeFile

_CACHE_BYTES = 1 << 26
_DRIVERS = {b"II*\0": "GTiff", b"MM\0*": "GTiff", b"II+\0": "GTiff", b"MM\0+": "GTiff", b"\x89PNG": "PNG"}
_JPEG, _JP2 = b"\xff\xd8\xff", (b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51")


@contextmanager
def opened_remote(path: RemoteFile) -> Iterator[Any]:
    """A remote file as an open rasterio dataset. Raises ImageError; OutOfReachError where it cannot be had at the
    moment."""
    file = RangeFile(path.address)
    if path.version and file.version != path.version:
        raise unreadable(path, "it has changed since it was indexed; index its source again")
    driver = _driver(path, file)
    # GDAL looks for files beside a file (.ovr, .aux.xml, .msk): there are none to be had through this one object.
    with rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR", GDAL_PAM_ENABLED="NO", GDAL_CACHEMAX=_CACHE_BYTES):
        try:
            with without_warnings():
                dataset = rasterio.open("remote", driver=driver, opener=lambda *_, **__: file.opened())
        except Exception:
            raise file.fault or unreadable(path, "the file is damaged") from None
        with dataset:
            try:
                if dataset.subdatasets:
                    raise unreadable(path, f"it has {len(dataset.subdatasets)} pages; save each to its own file")
                check_parts(path, dataset)
                yield dataset
            except TrsllavaError:
                raise
            except Exception:
                raise file.fault or unreadable(path, "the file is damaged or cut short") from None
            if file.fault is not None:  # GDAL may take what cannot be read for empty
                raise file.fault


def _driver(path: RemoteFile, file: RangeFile) -> str:
    start = file.read(0, 12)
    if start.startswith(_JPEG):
        return "JPEG"
    if start.startswith(_JP2):
        return "JP2OpenJPEG"
    if (driver := _DRIVERS.get(start[:4])) is None:
        raise file.fault or unreadable(path, "its content is not a TIFF, JPEG 2000, JPEG or PNG image, or is damaged")
    return driver
