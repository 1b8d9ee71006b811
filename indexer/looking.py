"""One file of a walk: is it new, changed, as it was or unreadable, and which tiles are cut from it? Nothing is written
here, so any thread may look."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from trsllava.errors import ImageError, OutOfReachError
from trsllava.ledger.files import FileRow
from trsllava.raster.checksum import content_sha256, state_of
from trsllava.raster.info import SceneInfo
from trsllava.raster.scene import inspect
from trsllava.records import Recipe, Tile
from trsllava.tile_id import tile_id


@dataclass(frozen=True)
class Finding:
    """What was found at a path, and what the ledger is to note of it."""

    path: str
    kind: Literal["new", "changed", "unchanged", "unreadable", "unsettled"]
    reason: str = ""
    """Why it cannot be read."""
    row: FileRow | None = None
    """The file as it is now; None where the ledger has it so, or is to keep what it has."""
    tiles: Sequence[Tile] = ()
    """Cut from a new or changed file."""
    retold: Callable[[Tile], Tile] | None = None
    """What its tiles are to become where what is said of them was corrected, and the pixels are the same."""


def glance(path: Path, root: Path, before: FileRow | None, recipe: Recipe) -> Finding | None:
    """What a file's size and time tell; None where it has to be opened."""
    name = path.as_posix()
    if not is_unicode(name):
        readable = os.fsencode(name).decode("utf-8", "backslashreplace")
        return Finding(readable, "unreadable", f"{readable} has a name that is not UTF-8. Rename it.")
    try:
        if before is None or not is_as_noted(before):
            return None
    except OSError as error:  # out of reach for now: what the ledger knows of it stays
        return Finding(name, "unreadable", f"{name} cannot be opened: {error.strerror}.")
    if not before.error:
        is_further_up = root in Path(before.root).parents  # exports name it from there
        return Finding(name, "unchanged", row=replace(before, root=root.as_posix()) if is_further_up else None)
    return Finding(name, "unreadable", before.error) if before.rendering == recipe.key() else None


def is_as_noted(file: FileRow) -> bool:
    """True where a file has the size and the time that the ledger has. Raises OSError."""
    return (file.size, file.mtime_ns) == state_of(Path(file.path))


def look(path: Path, root: Path, before: FileRow | None, recipe: Recipe) -> Finding:
    """Read a file to its end, and cut it to tiles."""
    name = path.as_posix()
    try:
        size, mtime_ns = state_of(path)
        sha256 = content_sha256(path)
    except OSError as error:  # out of reach for now: what the ledger knows of it stays
        return Finding(name, "unreadable", f"{name} cannot be opened: {error.strerror}.")
    except ImageError as error:  # empty, no regular file, or out of reach: looked at again next time
        return Finding(name, "unreadable", str(error))
    if before is not None and before.sha256 == sha256:
        return Finding(name, "unchanged", row=replace(before, size=size, mtime_ns=mtime_ns))
    row = FileRow(name, root.as_posix(), size, mtime_ns, sha256, "")
    try:
        scene = inspect(path, recipe)
    except OutOfReachError as error:  # it went a moment ago: what the ledger knows of it stays
        return Finding(name, "unreadable", str(error))
    except ImageError as error:
        row = replace(row, sha256=None, rendering=recipe.key(), error=str(error))
        return Finding(name, "unreadable", str(error), row)
    row = replace(row, rendering=scene.rendering.key(), skipped=scene.skipped)
    return Finding(name, "new" if before is None else "changed", row=row, tiles=tuple(tiles_of(scene, sha256)))


def is_unicode(name: str) -> bool:
    """False for file names of bytes that are no UTF-8; the ledger cannot hold them."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def tiles_of(scene: SceneInfo, sha256: str) -> Iterator[Tile]:
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
