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
_SOURCES = {"sourcefilename", "sourcedataset"}
_PROGRAMS = {"subclass", "pixelfunctiontype", "pixelfunctioncode"}
"""Elements and attributes of rasters that are more than a mosaic: warped, derived or raw ones."""
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
    for element in _parsed(path).iter():
        if not isinstance(element.tag, str):  # a comment
            continue
        name, attributes = _plain(element.tag), {_plain(key): value for key, value in element.attrib.items()}
        if _PROGRAMS & {name, *attributes}:
            raise unreadable(path, "only plain mosaics are read; write it as a GeoTIFF with gdal_translate")
        if _SOURCES & attributes.keys() or (name in _SOURCES and len(element)):
            raise unreadable(path, "it names its files in another way than mosaics do")
        if name in _SOURCES:
            file = _source(path, (element.text or "").strip(), attributes.get("relativetovrt", "0"))
            yield file
            if file.suffix.lower() == ".vrt":
                if depth == _DEEPEST:
                    raise unreadable(path, f"it is a mosaic of mosaics more than {_DEEPEST} levels deep")
                yield from vrt_files(file, depth + 1)


def _plain(name: str) -> str:
    """The name of an element or an attribute as GDAL compares it: whatever its case, and without a namespace."""
    return name.rpartition("}")[2].rpartition(":")[2].lower()


def _parsed(path: Path) -> ElementTree.Element:
    try:
        if path.stat().st_size > _LONGEST:
            raise unreadable(path, f"it is longer than the {_LONGEST >> 20} MB that are read of a mosaic")
        text = path.read_bytes()
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
            raise unreadable(path, "it declares entities, which no mosaic needs")
        # Comments are kept: GDAL reads a name up to the first one.
        reader = ElementTree.XMLParser(target=ElementTree.TreeBuilder(insert_comments=True, insert_pis=True))
        root = ElementTree.fromstring(text, reader)
    except ElementTree.ParseError as error:
        raise unreadable(path, "it is no well-formed XML") from error
    if root.tag != "VRTDataset":
        raise unreadable(path, "it is not a VRT mosaic")
    return root


def _source(path: Path, name: str, relative: str) -> Path:
    """A source's file, links resolved. `relative`: what the mosaic says of it, 1 where it is below the mosaic."""
    folder = path.resolve().parent
    if relative not in ("0", "1"):
        raise unreadable(path, f"it has relativeToVRT={relative[:20]!r} where only 0 and 1 have a meaning")
    if "://" in name or name.startswith(("/vsi", "<")) or not name:
        raise unreadable(path, "it points to something else than files in its own folder")
    file = ((path.parent if relative == "1" else Path()) / name).resolve()
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
