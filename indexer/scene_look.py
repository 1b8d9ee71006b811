"""A scene of one file or several: is it new, changed, as it was or unreadable, and which tiles are cut from it?

Nothing is written here, so any thread may look."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from trsllava.errors import ImageError
from trsllava.ledger.files import FileRow
from trsllava.raster.checksum import content_sha256
from trsllava.raster.info import SceneInfo
from trsllava.raster.readable import readable
from trsllava.raster.scene import inspect
from trsllava.raster.sensors import band_pattern
from trsllava.records import Recipe, Tile
from trsllava.remote.address import is_address
from trsllava.sources.identity import Identity, known_identity, remote_identity
from trsllava.sources.scene import SourceScene
from trsllava.tile_id import tile_id


@dataclass(frozen=True)
class LookedAt:
    """What a look at a scene found; exactly one of `info`, `error` and `same` is set."""

    scene: SourceScene
    row: FileRow
    info: SceneInfo | None = None
    error: ImageError | None = None
    same: bool = False
    """The pixels are those of the last time."""
    versions: tuple[str, ...] = ()
    """Of the scene's files, where their servers were asked."""

    def described(self, tile: Tile) -> Tile:
        """A tile with what the scene's metadata say: their time before the file's, their outline where the file has
        none and the tile is all of it."""
        scene = self.scene
        named_by_file = len(scene.assets) == 1 and scene.assets[0].href == scene.name
        alone = named_by_file and not is_address(scene.name)  # its path says it all
        versions = self.versions or ("",) * len(scene.assets)
        assets = tuple(replace(asset, version=v) for asset, v in zip(scene.assets, versions, strict=True))
        whole = (tile.window.col, tile.window.row) == (0, 0)
        return tile.model_copy(
            update={
                "assets": () if alone else assets,
                "properties": {**tile.properties, **scene.properties},
                "acquired": scene.acquired or tile.acquired,
                "acquired_end": scene.acquired_end if scene.acquired else tile.acquired_end,
                "footprint": tile.footprint or (scene.footprint if whole else None),
            }
        )


def look_at(scene: SourceScene, root: str, before: FileRow | None, recipe: Recipe) -> LookedAt:
    """Look at a scene, and read it where it is not known as it is."""
    folder = root if scene.name != root else root.rpartition("/")[0]
    row = FileRow(scene.name, folder, 0, 0, None, recipe.key(), item=_digest(scene))
    try:
        identity = _identity(scene, before)
    except ImageError as error:
        return LookedAt(scene, row, error=error)
    row = replace(row, size=identity.size, mtime_ns=identity.mtime_ns, sha256=identity.sha256)
    if before is not None and before.error and before.rendering == recipe.key() and _is_same(before, row):
        return LookedAt(scene, row, error=ImageError(before.error))
    if before is not None and not before.error and before.sha256 == row.sha256:
        return LookedAt(
            scene,
            replace(row, rendering=before.rendering, skipped=before.skipped),
            same=True,
            versions=identity.versions,
        )
    try:
        info = inspect(readable(scene.assets, ()), _own_bands(recipe, scene))
    except ImageError as error:
        return LookedAt(scene, row, error=error)
    row = replace(row, rendering=info.rendering.key(), skipped=info.skipped)
    return LookedAt(scene, row, info, versions=identity.versions)


def _identity(scene: SourceScene, before: FileRow | None) -> Identity:
    """What the scene's pixels are known by. Raises ImageError."""
    if stated := known_identity(scene):
        return stated
    if all(is_address(asset.href) for asset in scene.assets):
        return remote_identity(scene)
    size, mtime_ns, hashes = 0, 0, []
    stats = [Path(asset.href).stat() if _exists(asset.href) else None for asset in scene.assets]
    for stat in stats:
        if stat is not None:
            size, mtime_ns = size + stat.st_size, max(mtime_ns, stat.st_mtime_ns)
    if before is not None and before.sha256 and (before.size, before.mtime_ns) == (size, mtime_ns) and all(stats):
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


def scene_tiles(scene: SceneInfo, sha256: str) -> Iterator[Tile]:
    """The tiles of an image that was inspected."""
    for tile in scene.tiles:
        yield Tile(
            id=tile_id(sha256, tile.window, scene.rendering),
            sha256=sha256,
            window=tile.window,
            rendering=scene.rendering,
            footprint=tile.footprint,
            north_up=tile.north_up,
            acquired=scene.acquired,
            acquired_end=scene.acquired_end,
            properties=dict(scene.properties),
        )
