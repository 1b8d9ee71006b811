"""Products among the files of a folder: which there are, and which files belong to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trsllava.raster.sensors import band_pattern
from trsllava.records import Recipe
from trsllava.sources.products import landsat, pattern, planetscope, sentinel1, sentinel2
from trsllava.sources.scene import SourceScene

_TOLD_BY = re.compile(r"(?:_MTL\.(?:txt|json|xml)|_metadata(?:_clip)?\.(?:json|xml))$", re.IGNORECASE)
"""How the names of metadata files that stand for products end."""


def scenes_of_folder(folder: Path, files: Iterable[str]) -> list[SourceScene]:
    """The scenes that a folder is as a whole, of these names of files in it: nothing else in it is an image then."""
    names = set(files)
    if names & set(sentinel2.METADATA):
        return sentinel2.scenes(folder)
    return sentinel1.scenes(folder) if sentinel1.METADATA in names else []


@dataclass(frozen=True)
class Grouped:
    """The files of a folder, those of products apart."""

    scenes: Sequence[SourceScene]
    single: Sequence[str]
    """Names of files that belong to no product."""


def grouped(folder: Path, names: Sequence[str], recipe: Recipe) -> Grouped:
    """Landsat and PlanetScope scenes, and those of the recipe's pattern, among the file names of a folder."""
    by_prefix: dict[str, SourceScene] = {}
    if any(_TOLD_BY.search(name) for name in names):
        by_prefix = landsat.scenes(folder, names) | planetscope.scenes(folder, names)
    starts = tuple(f"{prefix}_" for prefix in by_prefix)
    left = [name for name in names if not (starts and name.startswith(starts))]
    if "composite" in by_prefix:
        left = [name for name in left if not name.lower().startswith("composite.")]
    found = list(by_prefix.values())
    if by_pattern := band_pattern(recipe.bands):
        more = pattern.scenes(folder, left, by_pattern)
        taken = {Path(asset.href).name for scene in more for asset in scene.assets}
        found, left = [*found, *more], [name for name in left if name not in taken]
    return Grouped(found, left)


def scene_named(path: Path, recipe: Recipe) -> SourceScene | None:
    """The scene that a path stands for in the ledger: a product's folder or metadata file, or the red file of a
    pattern; None for a plain image. Only what the walk named so is asked about."""
    name = path.as_posix()
    if path.is_dir():
        inside = path.parent.parent if path.parent.name == "GRANULE" else path
        found: Sequence[SourceScene] = scenes_of_folder(inside, _files(inside))
    elif _TOLD_BY.search(path.name) or band_pattern(recipe.bands):
        found = grouped(path.parent, _files(path.parent), recipe).scenes
    else:
        return None
    return next((scene for scene in found if scene.name == name), None)


def metadata_files(scene: SourceScene) -> Mapping[str, None]:
    """Files besides the assets that say something of a scene, in their order."""
    path = Path(scene.name)
    if path.is_file():
        return {} if any(asset.href == scene.name for asset in scene.assets) else {scene.name: None}
    inside = path.parent.parent if path.parent.name == "GRANULE" else path
    files = (inside / name for name in (*sentinel2.METADATA, sentinel1.METADATA))
    return {file.as_posix(): None for file in files if file.is_file()}


def _files(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in folder.iterdir() if entry.is_file())
    except OSError:
        return []
