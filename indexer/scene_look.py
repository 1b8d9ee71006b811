"""A scene of one file or several: is it new, changed, as it was or unreadable, and which tiles are cut from it?

Nothing is written here, so any thread may look.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from indexer.looking import Finding, tiles_of
from trsllava.errors import ImageError, OutOfReachError
from trsllava.ledger.files import FileRow
from trsllava.raster.checksum import content_sha256, state_of
from trsllava.raster.readable import readable
from trsllava.raster.scene import inspect
from trsllava.raster.sensors import band_pattern
from trsllava.records import Recipe, Tile
from trsllava.remote.address import is_address
from trsllava.sources.identity import Identity, known_identity, remote_identity
from trsllava.sources.scene import SourceScene


def look_at(scene: SourceScene, root: str, before: FileRow | None, recipe: Recipe) -> Finding:
    """Look at a scene, and read it where it is not known as it is."""
    folder = root if scene.name != root else root.rpartition("/")[0]
    row = FileRow(scene.name, folder, 0, 0, None, recipe.key(), item=_digest(scene))
    try:
        identity = _identity(scene, before)
    except ImageError as error:  # out of reach, or no file: what the ledger knows of it stays
        return Finding(scene.name, "unreadable", str(error))
    except OSError as error:  # it went a moment ago
        return Finding(scene.name, "unreadable", f"{scene.name} cannot be opened: {error.strerror}.")
    row = replace(row, size=identity.size, mtime_ns=identity.mtime_ns, sha256=identity.sha256)
    if before is not None and before.error and before.rendering == recipe.key() and _is_same(before, row):
        return Finding(scene.name, "unreadable", before.error)
    told = partial(_told, scene, identity.versions)
    if before is not None and not before.error and before.sha256 == row.sha256:
        row = replace(row, root=before.root, rendering=before.rendering, skipped=before.skipped)
        if row == before:
            return Finding(scene.name, "unchanged")
        return Finding(scene.name, "unchanged", row=row, retold=told if row.item != before.item else None)
    try:
        info = inspect(readable(scene.assets, ()), _own_bands(recipe, scene))
    except OutOfReachError as error:
        return Finding(scene.name, "unreadable", str(error))
    except ImageError as error:
        row = replace(row, sha256=None, error=str(error))
        return Finding(scene.name, "unreadable", str(error), row)
    row = replace(row, rendering=info.rendering.key(), skipped=info.skipped)
    tiles = tuple(map(told, tiles_of(info, identity.sha256)))
    return Finding(scene.name, "new" if before is None else "changed", row=row, tiles=tiles)


def is_as_known(scene: SourceScene, before: FileRow) -> bool:
    """True where a scene's pixels are those that the ledger has; of remote ones, as far as a byte of each file tells.
    Raises ImageError."""
    return before.sha256 == _identity(scene, before).sha256


def _told(scene: SourceScene, versions: Sequence[str], tile: Tile) -> Tile:
    """A tile with what the scene's metadata say: their time before the file's, and their outline where the file has
    none, for the tile lies somewhere within. `versions`: of the scene's files, where their servers were asked."""
    named_by_file = len(scene.assets) == 1 and scene.assets[0].href == scene.name
    alone = named_by_file and not is_address(scene.name)  # its path says it all
    assets = tuple(
        replace(asset, version=version)
        for asset, version in zip(scene.assets, versions or ("",) * len(scene.assets), strict=True)
    )
    return tile.model_copy(
        update={
            "assets": () if alone else assets,
            "properties": {**tile.properties, **scene.properties},
            "acquired": scene.acquired or tile.acquired,
            "acquired_end": scene.acquired_end if scene.acquired else tile.acquired_end,
            "footprint": tile.footprint or scene.footprint,
        }
    )


def _identity(scene: SourceScene, before: FileRow | None) -> Identity:
    """What the scene's pixels are known by. Raises ImageError."""
    if stated := known_identity(scene):
        return stated
    if all(is_address(asset.href) for asset in scene.assets):
        return remote_identity(scene)
    size, mtime_ns, hashes = 0, 0, []
    states = [state_of(Path(asset.href)) if _exists(asset.href) else None for asset in scene.assets]
    for state in states:
        if state is not None:
            size, mtime_ns = size + state[0], max(mtime_ns, state[1])
    if before is not None and before.sha256 and (before.size, before.mtime_ns) == (size, mtime_ns) and all(states):
        return Identity(before.sha256, size, mtime_ns)
    hashes = [content_sha256(Path(asset.href)) for asset in scene.assets]
    joined = hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()
    return Identity(joined, size, mtime_ns)


def _exists(href: str) -> bool:
    return not is_address(href) and Path(href).exists()


def _is_same(before: FileRow, row: FileRow) -> bool:
    """True where a scene that could not be read is as it was; of a remote one the time stands for its version."""
    return (before.size, before.mtime_ns, before.item) == (row.size, row.mtime_ns, row.item)


def _own_bands(recipe: Recipe, scene: SourceScene) -> Recipe:
    bands = scene.assets[0].bands
    wanted = bands and (recipe.bands == "auto" or band_pattern(recipe.bands))
    return recipe.model_copy(update={"bands": ",".join(map(str, bands))}) if wanted else recipe


def _digest(scene: SourceScene) -> str:
    """Sixteen hexadecimal digits that change when anything does that is said of a scene."""
    return hashlib.sha256(json.dumps(asdict(scene), default=str, sort_keys=True).encode()).hexdigest()[:16]
