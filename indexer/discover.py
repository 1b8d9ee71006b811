"""Find the images of a folder, and which of them are new, changed, unreadable or gone."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from indexer.progress import Progress, no_progress
from indexer.scene_look import LookedAt, look_at, scene_tiles
from indexer.walk import FolderWalk
from trsllava.errors import EmptyArchiveError, ImageError, InputError, OutOfReachError
from trsllava.ledger.files import FileRow
from trsllava.ledger.ledger import Ledger
from trsllava.raster.checksum import content_sha256
from trsllava.raster.scene import DEFAULT_RECIPE, inspect
from trsllava.records import Recipe


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
    """Tiles of all these files that were left out because there is too little to see in them."""
    taken_up: int = 0
    """Tiles of new and changed files that have their text back, kept since they were removed."""
    passed_over: Counter[str] = field(default_factory=Counter)
    """Rasters of formats that are not read, by the end of their names."""
    left_out: Counter[str] = field(default_factory=Counter)
    """Folders of thumbnails and wastebaskets, by name."""
    repeated: list[str] = field(default_factory=list)
    """Linked folders that were not walked a second time."""

    @property
    def total(self) -> int:
        """Image files in the folder, readable or not."""
        return len(self.new) + len(self.changed) + len(self.unchanged) + len(self.unreadable)


def check_folder(root: Path) -> None:
    """Raises InputError where the folder to index is none."""
    if not root.exists():
        raise InputError(f"{root} does not exist.")
    if not root.is_dir():
        raise InputError(f"{root} is not a folder. Name the folder that holds the images.")


def check_images(root: Path, within: Sequence[Path] = ()) -> None:
    """Raises EmptyArchiveError where a folder holds no image. `within`: see FolderWalk."""
    if next(iter(FolderWalk(root, within)), None) is None:
        raise EmptyArchiveError(f"{root} holds no image. Supported formats: PNG, JPEG, TIFF, GeoTIFF, WebP and BMP.")


def discover(
    root: Path,
    ledger: Ledger,
    recipe: Recipe = DEFAULT_RECIPE,
    progress: Progress = no_progress,
    within: Sequence[Path] = (),
) -> Discovery:
    """Note every image of `root` (absolute) and its tiles in the ledger; files with known size and time are not
    opened again.

    A file that cannot be read is noted with its reason, and tried again when the recipe is another; what vanished is
    listed and stays in the ledger. What lies behind a folder or a link that cannot be opened has not vanished.
    `within`: see FolderWalk.
    Raises InputError where `root` is no folder.
    """
    check_folder(root)
    known = ledger.files_under(root.as_posix())
    found = Discovery()
    gone = set(known)
    walk = FolderWalk(root, within, recipe.bands)
    for seen, path in enumerate(walk, 1):
        name = path.as_posix()
        gone.discard(name)
        if product := walk.products.pop(name, None):
            looked = look_at(product, root.as_posix(), known.get(name), recipe)
            note_scene(looked, known.get(name), ledger, recipe, found)
        else:
            _note(path, root, known.get(name), ledger, recipe, found)
        progress("discover", seen, 0)
    for folder, reason in (walk.out_of_reach | _broken_links(gone, root)).items():
        found.unreadable[folder] = reason
        gone.difference_update([name for name in gone if name.startswith(f"{folder}/")])
    found.vanished = sorted(gone)
    found.passed_over, found.left_out, found.repeated = walk.other_formats, walk.left_out, walk.repeated
    found.skipped_tiles = sum(
        file.skipped for path, file in ledger.files_under(root.as_posix()).items() if path not in gone
    )
    return found


def _broken_links(gone: Iterable[str], root: Path) -> dict[str, str]:
    """Links on the way to files that are gone, where they lead nowhere: a disk is unplugged, a share is away."""
    folders = {folder for name in gone for folder in Path(name).parents if root in folder.parents}
    return {
        folder.as_posix(): f"{folder} is a link that leads nowhere at the moment."
        for folder in sorted(folders)
        if folder.is_symlink() and not folder.exists()
    }


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
    except OutOfReachError as error:  # it went a moment ago: what the ledger knows of it stays
        found.unreadable[name] = str(error)
        return
    except ImageError as error:
        found.unreadable[name] = str(error)
        ledger.record_file(replace(row, sha256=None, rendering=recipe.key(), error=str(error)), [])
        return
    row = replace(row, rendering=scene.rendering.key(), skipped=scene.skipped)
    found.taken_up += ledger.record_file(row, list(scene_tiles(scene, sha256)))
    (found.new if before is None else found.changed).append(name)


def _is_unicode(name: str) -> bool:
    """False for file names of bytes that are no UTF-8; the ledger cannot hold them."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def note_scene(looked: LookedAt, before: FileRow | None, ledger: Ledger, recipe: Recipe, found: Discovery) -> None:
    """Note in the ledger what a look at a scene found."""
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
