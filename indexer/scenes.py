"""Note the scenes of a source in the ledger: which are new, changed, unreadable or gone. Nothing is read twice."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from indexer.discover import Discovery, scene_tiles
from indexer.progress import Progress, no_progress
from trsllava.errors import ImageError, OutOfReachError
from trsllava.ledger.files import FileRow
from trsllava.ledger.ledger import Ledger
from trsllava.raster.checksum import content_sha256
from trsllava.raster.info import SceneInfo
from trsllava.raster.readable import readable
from trsllava.raster.scene import inspect
from trsllava.records import Recipe, Tile
from trsllava.remote.address import is_address
from trsllava.sources.identity import Identity, known_identity, remote_identity
from trsllava.sources.scene import SceneSource, SourceScene

_AT_ONCE = 8
"""Scenes that are looked at beside each other: a server far away takes its time for each."""


@dataclass(frozen=True)
class _Looked:
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
        alone = scene.assets[0].href == scene.name and not is_address(scene.name)  # whose path says it all
        versions = self.versions or ("",) * len(scene.assets)
        assets = tuple(replace(asset, version=v) for asset, v in zip(scene.assets, versions, strict=True))
        whole = (tile.window.col, tile.window.row) == (0, 0)
        return tile.model_copy(
            update={
                "assets": () if alone else assets,
                "properties": dict(scene.properties),
                "acquired": scene.acquired or tile.acquired,
                "acquired_end": scene.acquired_end if scene.acquired else tile.acquired_end,
                "footprint": tile.footprint or (scene.footprint if whole else None),
            }
        )


def discover_scenes(
    source: SceneSource, ledger: Ledger, recipe: Recipe, progress: Progress = no_progress
) -> Discovery:
    """Note every scene of a source and its tiles in the ledger; those with a known identity are not read again.

    A scene that cannot be read is noted with its reason, and tried again when its file or the recipe is another; one
    that is merely out of reach keeps what the ledger knows of it. Raises InputError, OutOfReachError where the source
    itself cannot be read.
    """
    known = ledger.files_under(source.root)
    found = Discovery()
    gone = set(known)
    for seen, looked in enumerate(_looked(source.scenes, source.root, known, recipe), 1):
        gone.discard(looked.scene.name)
        _note(looked, known.get(looked.scene.name), ledger, recipe, found)
        progress("discover", seen, 0)
    found.unreadable |= source.unreadable
    whole = source.complete and known.keys() >= source.unreadable.keys()  # else what lies below a document is unknown
    found.vanished = sorted(gone - source.unreadable.keys()) if whole else []
    found.skipped_tiles = sum(row.skipped for row in ledger.files_under(source.root).values())
    return found


def _looked(scenes: Iterable[SourceScene], root: str, known: dict[str, FileRow], recipe: Recipe) -> Iterator[_Looked]:
    """The scenes in their order, some looked at ahead."""
    ahead: deque[Future[_Looked]] = deque()
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="looking") as threads:
        try:
            for scene in scenes:
                ahead.append(threads.submit(_look, scene, root, known.get(scene.name), recipe))
                if len(ahead) >= 2 * _AT_ONCE:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()


def _look(scene: SourceScene, root: str, before: FileRow | None, recipe: Recipe) -> _Looked:
    """Runs in a thread: the ledger is written by the caller's."""
    folder = root if scene.name != root else root.rpartition("/")[0]
    row = FileRow(scene.name, folder, 0, 0, None, recipe.key(), item=_digest(scene))
    try:
        identity = _identity(scene, before)
    except ImageError as error:
        return _Looked(scene, row, error=error)
    row = replace(row, size=identity.size, mtime_ns=identity.mtime_ns, sha256=identity.sha256)
    if before is not None and before.error and before.rendering == recipe.key() and _is_same(before, row):
        return _Looked(scene, row, error=ImageError(before.error))
    if before is not None and not before.error and before.sha256 == row.sha256:
        return _Looked(
            scene,
            replace(row, rendering=before.rendering, skipped=before.skipped),
            same=True,
            versions=identity.versions,
        )
    try:
        info = inspect(readable(scene.assets, ()), _own_bands(recipe, scene))
    except ImageError as error:
        return _Looked(scene, row, error=error)
    row = replace(row, rendering=info.rendering.key(), skipped=info.skipped)
    return _Looked(scene, row, info, versions=identity.versions)


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
    wanted = recipe.bands == "auto" and bands
    return recipe.model_copy(update={"bands": ",".join(map(str, bands))}) if wanted else recipe


def _note(looked: _Looked, before: FileRow | None, ledger: Ledger, recipe: Recipe, found: Discovery) -> None:
    row, name = looked.row, looked.scene.name
    if looked.error is not None:
        found.unreadable[name] = str(looked.error)
        if not isinstance(looked.error, OutOfReachError) and row.sha256 is not None:
            ledger.record_file(replace(row, sha256=None, rendering=recipe.key(), error=str(looked.error)), [])
        return
    if looked.same and before is not None:
        if before.item != row.item:  # what is said of it was corrected; its pixels are the same
            assert row.sha256 is not None
            tiles = [looked.described(tile) for tile in ledger.tiles_of_content(row.sha256, row.rendering)]
            ledger.record_file(row, tiles)
        elif (before.size, before.mtime_ns) != (row.size, row.mtime_ns):
            ledger.touch_file(name, row.size, row.mtime_ns)
        found.unchanged.append(name)
        return
    assert looked.info is not None
    assert row.sha256 is not None
    tiles = [looked.described(tile) for tile in scene_tiles(looked.info, row.sha256)]
    found.taken_up += ledger.record_file(row, tiles)
    (found.new if before is None else found.changed).append(name)


def _digest(scene: SourceScene) -> str:
    """Sixteen hexadecimal digits that change when anything does that is said of a scene."""
    return hashlib.sha256(json.dumps(asdict(scene), default=str, sort_keys=True).encode()).hexdigest()[:16]
