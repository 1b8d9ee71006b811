"""Virtual mosaics (VRT): XML that points to other files, which may be none but rasters in the mosaic's own folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from trsllava.errors import ImageError
from trsllava.raster.damage import check_file, unreadable

_LONGEST = 1 << 26
"""Bytes: a mosaic of 100,000 files."""
_DEEPEST = 4
"""Mosaics of mosaics."""
_SOURCES = {"SourceFilename", "SourceDataset"}
_SIGNATURES = (
    b"II*\0",
    b"MM\0*",
    b"II+\0",
    b"MM\0+",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"\0\0\0\x0cjP  ",
    b"\xff\x4f\xff\x51",
)
"""Of what a mosaic may be made of: other formats lead to further files, or into the network."""


def check_vrt(path: Path) -> None:
    """Raises ImageError, before GDAL opens it, for a mosaic that reads anything but rasters at or below its folder."""
    for _ in vrt_files(path):
        pass


def vrt_files(path: Path, depth: int = 0) -> Iterator[Path]:
    """The files that a mosaic is made of, each once a band. Raises ImageError as `check_vrt` does."""
    root = _parsed(path)
    for element in root.iter():
        if element.get("subClass") or element.tag in ("PixelFunctionType", "PixelFunctionCode"):
            raise unreadable(path, "only plain mosaics are read; write it as a GeoTIFF with gdal_translate")
        if element.tag in _SOURCES:
            file = _source(path, (element.text or "").strip(), element.get("relativeToVRT") == "1")
            yield file
            if file.suffix.lower() == ".vrt":
                if depth == _DEEPEST:
                    raise unreadable(path, f"it is a mosaic of mosaics more than {_DEEPEST} levels deep")
                yield from vrt_files(file, depth + 1)


def _parsed(path: Path) -> ElementTree.Element:
    try:
        if path.stat().st_size > _LONGEST:
            raise unreadable(path, f"it is longer than the {_LONGEST >> 20} MB that are read of a mosaic")
        text = path.read_bytes()
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
            raise unreadable(path, "it declares entities, which no mosaic needs")
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise unreadable(path, "it is no well-formed XML") from error
    if root.tag != "VRTDataset":
        raise unreadable(path, "it is not a VRT mosaic")
    return root


def _source(path: Path, name: str, relative: bool) -> Path:
    """A source's file, links resolved."""
    folder = path.resolve().parent
    if "://" in name or name.startswith(("/vsi", "<")) or not name:
        raise unreadable(path, "it points to something else than files in its own folder")
    file = ((path.parent if relative else Path()) / name).resolve()
    if not file.is_relative_to(folder):
        raise unreadable(path, f"it points to {name}, outside of its own folder; put it above the files it joins")
    try:
        check_file(file)
    except ImageError as error:
        raise unreadable(path, f"it points to {name}, which cannot be read") from error
    with file.open("rb") as content:
        start = content.read(12)
    nested = file.suffix.lower() == ".vrt" and start.startswith(b"<VRTDataset")
    if not nested and not start.startswith(_SIGNATURES):
        raise unreadable(path, f"it points to {name}, which is not a TIFF, PNG, JPEG or JPEG 2000 file")
    return file
