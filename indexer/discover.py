"""Find the images of a folder, and which of them are new, changed, unreadable or gone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from trsllava.errors import EmptyArchiveError, ImageError, InputError
from trsllava.ledger.ledger import FileRow, Ledger
from trsllava.raster.checksum import content_sha256
from trsllava.raster.scene import IMAGE_SUFFIXES, inspect
from trsllava.records import Rendering, Tile, Window, tile_id


@dataclass
class Discovery:
    """What a walk through a folder found, by absolute path."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    """Path to reason."""
    vanished: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Image files in the folder, readable or not."""
        return len(self.new) + len(self.changed) + len(self.unchanged) + len(self.unreadable)


def image_files(root: Path, on_error: Callable[[OSError], None] = lambda error: None) -> Iterator[Path]:
    """All files in a folder whose names end like an image's, hidden folders left out, in a fixed order.

    `on_error` is told of every folder that cannot be opened.
    """
    for folder, folders, names in os.walk(root, onerror=on_error):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if Path(name).suffix.lower() in IMAGE_SUFFIXES and not name.startswith("."):
                yield Path(folder) / name


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


def discover(root: Path, ledger: Ledger, on_file: Callable[[], None] = lambda: None) -> Discovery:
    """Note every image of `root` (absolute) in the ledger; files with known size and time are not opened again.

    A file that cannot be read is noted with its reason; what vanished is listed and stays in the ledger.
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

    for path in image_files(root, out_of_reach):
        name = path.as_posix()
        gone.discard(name)
        _note(path, root, known.get(name), ledger, found)
        on_file()
    found.vanished = sorted(gone)
    return found


def _note(path: Path, root: Path, before: FileRow | None, ledger: Ledger, found: Discovery) -> None:
    name = path.as_posix()
    key = Rendering().key()
    if not _is_unicode(name):
        readable = os.fsencode(name).decode("utf-8", "backslashreplace")
        found.unreadable[readable] = f"{readable} has a name that is not UTF-8. Rename it."
        return
    try:
        stat = path.stat()
        if before is not None and (before.size, before.mtime_ns) == (stat.st_size, stat.st_mtime_ns):
            if before.error:
                found.unreadable[name] = before.error
            else:
                found.unchanged.append(name)
            return
        sha256 = content_sha256(path)
    except OSError as error:  # out of reach for now: what the ledger knows of it stays
        found.unreadable[name] = f"{name} cannot be opened: {error.strerror}."
        return
    if before is not None and before.sha256 == sha256:
        ledger.touch_file(name, stat.st_size, stat.st_mtime_ns)
        found.unchanged.append(name)
        return
    try:
        tiles = _tiles(path, sha256, Rendering())
    except ImageError as error:
        found.unreadable[name] = str(error)
        ledger.record_file(FileRow(name, root.as_posix(), stat.st_size, stat.st_mtime_ns, None, key, str(error)), [])
        return
    ledger.record_file(FileRow(name, root.as_posix(), stat.st_size, stat.st_mtime_ns, sha256, key), tiles)
    (found.new if before is None else found.changed).append(name)


def _is_unicode(name: str) -> bool:
    """False for file names of bytes that are no UTF-8; the ledger cannot hold them."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _tiles(path: Path, sha256: str, rendering: Rendering) -> list[Tile]:
    scene = inspect(path)
    window = Window(0, 0, scene.width, scene.height)
    return [
        Tile(
            id=tile_id(sha256, window, rendering),
            sha256=sha256,
            window=window,
            rendering=rendering,
            footprint=scene.footprint,
            north_up=scene.north_up,
            acquired=scene.acquired,
        )
    ]
