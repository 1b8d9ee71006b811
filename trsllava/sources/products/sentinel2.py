"""Sentinel-2 products (SAFE, level 1C and 2A, old and new): a JPEG 2000 file for each band and granule."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree

from pydantic import ValidationError

from trsllava.records import Footprint
from trsllava.sources.products.metadata import number, read_xml, stated, text, texts, time
from trsllava.sources.scene import Asset, SourceScene

_METADATA = re.compile(r"(?:MTD_MSI|S2[A-D]_(?:OPER|USER)_MTD_SAF)(?P<level>L1C|L2A)(?:_.*)?\.xml")
"""Since December 2016, and before: S2A_OPER_MTD_SAFL1C_PDMC_…_V….xml."""
_COLOURS = ("B04", "B03", "B02")
_METRES = ("10m", "20m", "60m")


def metadata_among(names: Iterable[str]) -> str | None:
    """Which of the names of a folder's files is that of a product's metadata; None where the folder is no product."""
    return max(filter(_METADATA.fullmatch, names), default=None)  # level 2A, where a folder has both


def scenes(folder: Path, metadata: str) -> list[SourceScene]:
    """The scenes of the product's folder that this metadata file is in, one a granule; none where it is unreadable.

    Red, green and blue are B04, B03 and B02 at their finest; where a product was thinned to its true-colour picture,
    that one.
    """
    root, level = read_xml(folder / metadata), _METADATA.fullmatch(metadata)
    if root is None or level is None:
        return []
    found = [(granule, assets) for granule in _granules(folder) if (assets := _assets(granule))]
    told = {
        "footprint": _footprint(root),
        "acquired": time(text(root, "DATATAKE_SENSING_START", "PRODUCT_START_TIME")),
        "properties": stated(
            platform=text(root, "SPACECRAFT_NAME").lower(),
            constellation="sentinel-2",
            instruments="msi",
            gsd=10.0,
            provider="ESA",
            cloud_cover=number(text(root, "Cloud_Coverage_Assessment", "CLOUDY_PIXEL_OVER_LAND_PERCENTAGE")),
            product=f"MSI{level['level']}",
        ),
    }
    alone = len(found) == 1
    return [SourceScene((folder if alone else granule).as_posix(), assets, **told) for granule, assets in found]  # type: ignore[arg-type]


def _granules(folder: Path) -> Iterator[Path]:
    try:
        inside = sorted((folder / "GRANULE").iterdir())
    except OSError:
        return
    yield from (granule for granule in inside if (granule / "IMG_DATA").is_dir())


def _assets(granule: Path) -> tuple[Asset, ...]:
    files = sorted(path for path in (granule / "IMG_DATA").rglob("*.jp2") if not path.name.startswith("."))
    for ending in (*(f"_{metres}" for metres in _METRES), ""):
        bands = [_named(files, f"{colour}{ending}") for colour in _COLOURS]
        if all(bands):
            return tuple(Asset(band.as_posix()) for band in bands if band is not None)
    for ending in (*(f"_{metres}" for metres in _METRES), ""):
        if picture := _named(files, f"TCI{ending}"):
            return (Asset(picture.as_posix()),)
    return ()


def _named(files: list[Path], ending: str) -> Path | None:
    return next((path for path in files if re.search(rf"(?:^|_){ending}$", path.stem)), None)


def _footprint(root: ElementTree.Element) -> Footprint | None:
    """The outline of what the product covers: latitudes and longitudes by turns."""
    written = next(texts(root, "EXT_POS_LIST"), "").split()
    try:
        numbers = [float(one) for one in written]
        ring = tuple(zip(numbers[1::2], numbers[::2], strict=False))
        if len(ring) < 4 or max(x for x, _ in ring) - min(x for x, _ in ring) > 180:
            return None
        return Footprint(
            west=min(x for x, _ in ring),
            south=min(y for _, y in ring),
            east=max(x for x, _ in ring),
            north=max(y for _, y in ring),
            polygon=ring if ring[0] == ring[-1] else (*ring, ring[0]),
        )
    except (ValueError, ValidationError):
        return None
