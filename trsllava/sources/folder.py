"""Products among the files of a folder: which there are, and which files belong to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from trsllava.raster.sensors import band_pattern
from trsllava.sources.products import landsat, pattern, planetscope, sentinel1, sentinel2
from trsllava.sources.scene import SourceScene

_TOLD_BY = re.compile(r"(?:_MTL\.(?:txt|json|xml)|_metadata(?:_clip)?\.(?:json|xml))$", re.IGNORECASE)
"""How the names of metadata files that stand for products end."""

_PACKED = re.compile(
    r"(?:S[12][A-D]_(?:MSI|OPER|USER|IW|EW|SM|WV|S[1-6])|L[CEMOT]0[1-9]_L[12]).*\.(?:zip|tar|tar\.gz|tgz)"
)
"""How Sentinel's and Landsat's archives call them."""


def scenes_of_folder(folder: Path, files: Iterable[str]) -> list[SourceScene]:
    """The scenes that a folder is as a whole, of these names of files in it: nothing else in it is an image then."""
    names = set(files)
    if metadata := sentinel2.metadata_among(names):
        return sentinel2.scenes(folder, metadata)
    return sentinel1.scenes(folder) if sentinel1.METADATA in names else []


def is_packed_product(name: str) -> bool:
    """True for the name of a product as it is downloaded, in one file that has to be unpacked."""
    return _PACKED.fullmatch(name) is not None


def tells_of_products(names: Iterable[str]) -> bool:
    """True where some of these names of files are metadata of products."""
    return any(_TOLD_BY.search(name) for name in names)


@dataclass(frozen=True)
class Grouped:
    """The files of a folder, those of products apart."""

    scenes: Sequence[SourceScene]
    single: Sequence[str]
    """Names of files that belong to no product."""


def product_told_by(file: Path) -> SourceScene | None:
    """The product that a metadata file stands for, indexed by itself; None for any other file."""
    if not _TOLD_BY.search(file.name):
        return None
    scenes = grouped(file.parent, sorted(one.name for one in file.parent.iterdir() if one.is_file()), "auto").scenes
    return next((scene for scene in scenes if scene.name == file.as_posix()), None)


def grouped(folder: Path, names: Sequence[str], bands: str) -> Grouped:
    """Landsat and PlanetScope scenes, and those of the pattern that `bands` may be, among the file names of
    a folder."""
    by_prefix: dict[str, SourceScene] = {}
    if tells_of_products(names):
        by_prefix = landsat.scenes(folder, names) | planetscope.scenes(folder, names)
    starts = tuple(f"{prefix}_" for prefix in by_prefix)
    left = [name for name in names if not (starts and name.startswith(starts))]
    if "composite" in by_prefix:
        left = [name for name in left if not name.lower().startswith("composite.")]
    found = list(by_prefix.values())
    if by_pattern := band_pattern(bands):
        more = pattern.scenes(folder, left, by_pattern)
        taken = {Path(asset.href).name for scene in more for asset in scene.assets}
        found, left = [*found, *more], [name for name in left if name not in taken]
    return Grouped(found, left)
