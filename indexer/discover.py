"""Find the images of a folder, and which of them are new, changed, unreadable or gone."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from trsllava.errors import EmptyArchiveError, ImageError, InputError
from trsllava.ledger.ledger import FileRow, Ledger
from trsllava.raster.checksum import content_sha256
from trsllava.raster.info import SceneInfo
from trsllava.raster.scene import DEFAULT_RECIPE, IMAGE_SUFFIXES, OTHER_SUFFIXES, inspect
from trsllava.records import Recipe, Tile, tile_id


@dataclass
class Discovery:
    """What a walk through a folder found, by absolute path."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    """Path to reason."""
    vanished: list[str] = field(default_factory=list)
    skipped_tiles: int = 0
    """Tiles of all these files that were left out because they hold too few data."""
    passed_over: Counter[str] = field(default_factory=Counter)
    """Rasters of formats that are not read, by the end of their names."""

    @property
    def total(self) -> int:
        """Image files in the folder, readable or not."""
        return len(self.new) + len(self.changed) + len(self.unchanged) + len(self.unreadable)


def image_files(
    root: Path,
    on_error: Callable[[OSError], None] = lambda error: None,
    on_other: Callable[[str], None] = lambda suffix: None,
) -> Iterator[Path]:
    """All files in a folder whose names end like an image's, hidden folders left out, in a fixed order.

    `on_error` is told of every folder that cannot be opened, `on_other` of every raster of a format that is not read.
    """
    for folder, folders, names in os.walk(root, onerror=on_error):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            suffix = Path(name).suffix.lower()
            if suffix in IMAGE_SUFFIXES and not name.startswith("."):
                yield Path(folder) / name
            elif suffix in OTHER_SUFFIXES:
                on_other(suffix)


def check_folder(root: Path) -> None:
    """Raises InputError where the folder to index is none."""
    if not root.exists():
        raise InputError(f"{root} does not exist.")
    if not root.is_dir():
        raise InputError(f"{root} is not a folder. Name the folder that holds the images.")


def check_images(root: Path) -> None:
    """Raises EmptyArchiveError where a folder holds no image."""
    if next(image_files(root), None) is None:
        raise EmptyArchiveError(f"{root} holds no image. Known are PNG, JPEG, TIFF, GeoTIFF, WebP and BMP.")


def discover(
    root: Path, ledger: Ledger, recipe: Recipe = DEFAULT_RECIPE, on_file: Callable[[], None] = lambda: None
) -> Discovery:
    """Note every image of `root` (absolute) and its tiles in the ledger; files with known size and time are not
    opened again.

    A file that cannot be read is noted with its reason, and tried again when the recipe is another; what vanished is
    listed and stays in the ledger.
    Raises InputError where `root` is no folder.
    """
    check_folder(root)
    known = ledger.files_under(root.as_posix())
    found = Discovery()
    gone = set(known)

    def out_of_reach(error: OSError) -> None:
        folder = Path(error.filename).as_posix()
        found.unreadable[folder] = f"{folder} cannot be opened: {error.strerror}."
        gone.difference_update([name for name in gone if name.startswith(f"{folder}/")])

    def other(suffix: str) -> None:
        found.passed_over[suffix] += 1

    for path in image_files(root, out_of_reach, other):
        name = path.as_posix()
        gone.discard(name)
        _note(path, root, known.get(name), ledger, recipe, found)
        on_file()
    found.vanished = sorted(gone)
    found.skipped_tiles = sum(
        file.skipped for path, file in ledger.files_under(root.as_posix()).items() if path not in gone
    )
    return found


def _note(path: Path, root: Path, before: FileRow | None, ledger: Ledger, recipe: Recipe, found: Discovery) -> None:
    name = path.as_posix()
    if not _is_unicode(name):
        readable = os.fsencode(name).decode("utf-8", "backslashreplace")
        found.unreadable[readable] = f"{readable} has a name that is not UTF-8. Rename it."
        return
    try:
        stat = path.stat()
        known = before is not None and (before.size, before.mtime_ns) == (stat.st_size, stat.st_mtime_ns)
        if before is not None and known and not before.error:
            if root in Path(before.root).parents:
                ledger.move_root(name, root.as_posix())
            found.unchanged.append(name)
            return
        if before is not None and known and before.rendering == recipe.key():
            found.unreadable[name] = before.error
            return
        sha256 = content_sha256(path)
    except OSError as error:  # out of reach for now: what the ledger knows of it stays
        found.unreadable[name] = f"{name} cannot be opened: {error.strerror}."
        return
    except ImageError as error:  # empty, no regular file, or out of reach: looked at again next time
        found.unreadable[name] = str(error)
        return
    if before is not None and before.sha256 == sha256:
        ledger.touch_file(name, stat.st_size, stat.st_mtime_ns)
        found.unchanged.append(name)
        return
    row = FileRow(name, root.as_posix(), stat.st_size, stat.st_mtime_ns, sha256, "")
    try:
        scene = inspect(path, recipe)
    except ImageError as error:
        found.unreadable[name] = str(error)
        ledger.record_file(replace(row, sha256=None, rendering=recipe.key(), error=str(error)), [])
        return
    ledger.record_file(
        replace(row, rendering=scene.rendering.key(), skipped=scene.skipped), list(_tiles(scene, sha256))
    )
    (found.new if before is None else found.changed).append(name)


def _is_unicode(name: str) -> bool:
    """False for file names of bytes that are no UTF-8; the ledger cannot hold them."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _tiles(scene: SceneInfo, sha256: str) -> Iterator[Tile]:
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
        )
