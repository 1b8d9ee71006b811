"""Find the images of a folder, and which of them are new, changed, unreadable or gone."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from indexer.handover import Handover
from indexer.looking import Finding, glance, is_unicode, look, look_at_scene
from indexer.progress import Progress, no_progress
from indexer.walk import FolderWalk
from trsllava.errors import EmptyArchiveError, InputError
from trsllava.ledger.files import FileRow
from trsllava.ledger.ledger import Ledger
from trsllava.raster.scene import DEFAULT_RECIPE
from trsllava.records import Recipe
from trsllava.sources.scene import SceneSource

_TOGETHER = 1_000
"""Files noted in one transaction."""
_ASKED_TOGETHER = 200
"""Files that the ledger is asked about at a time."""
_LOOKERS = 2
"""Threads that read files: more would only fill the memory with large scenes."""
_SCENES_AT_ONCE = 8
"""Scenes from elsewhere that are looked at beside each other: a server far away takes its time for each."""


@dataclass
class Discovery:
    """What a walk through a folder found, by absolute path."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    """Path to reason."""
    unsettled: list[str] = field(default_factory=list)
    """Left alone, for they are still being written."""
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


class Discovering:
    """A walk through a folder beside other work: files are looked at in threads of their own, a little ahead, and
    whoever has the ledger takes up what they found, now and then.

    Files are taken up in the walk's order, many a transaction; those with known size and time are not opened again. A
    file that cannot be read is noted with its reason, and tried again when the recipe is another; what vanished is
    listed and stays in the ledger. What lies behind a folder or a link that cannot be opened has not vanished.
    """

    def __init__(
        self,
        source: Path | SceneSource,
        ledger: Ledger,
        recipe: Recipe = DEFAULT_RECIPE,
        progress: Progress = no_progress,
        within: Sequence[Path] = (),
        unsettled: Collection[str] = (),
    ) -> None:
        """`source`: a folder's absolute path, or scenes from elsewhere. `within`: see FolderWalk. `unsettled`: paths
        that are left alone.

        Raises InputError where the folder is none.
        """
        if isinstance(source, Path):
            check_folder(source)
        self._source, self._ledger, self._recipe, self._progress = source, ledger, recipe, progress
        self._root = source.as_posix() if isinstance(source, Path) else source.root
        self._walk = FolderWalk(Path(self._root), within, recipe.bands)
        self._unsettled = unsettled
        self._handover = Handover(2 * (_LOOKERS if isinstance(source, Path) else _SCENES_AT_ONCE))
        self._thread = threading.Thread(target=self._look_at_all, name="discovering", daemon=True)
        self.found = Discovery()
        """What has been taken up so far; `vanished` and what was passed over are known when it is over."""
        self.is_over = False

    def __enter__(self) -> Self:
        self._ledger.begin_walk()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Ends the walk where it is; the file being looked at is read to its end."""
        self._handover.give_up()
        self._thread.join()

    def take_up(self, *, wait: bool = False) -> None:
        """Write what was found since into the ledger. `wait`: where there is nothing yet, until there is.

        Raises what the walk raised; HomeError.
        """
        if self.is_over:
            return
        findings = self._handover.take(_TOGETHER, wait=wait)
        if findings is None:
            self._end()
            return
        if findings:
            self._note(findings)
            self._progress("discover", self.found.total, 0)

    def finish(self) -> Discovery:
        """Take up all the rest."""
        while not self.is_over:
            self.take_up(wait=True)
        return self.found

    def _note(self, findings: Sequence[Finding]) -> None:
        with self._ledger.together():
            self._ledger.note_walked(finding.path for finding in findings)
            for finding in findings:
                if finding.row is not None:
                    self.found.taken_up += self._ledger.record_file(finding.row, finding.tiles)
        for finding in findings:
            if finding.kind == "unreadable":
                self.found.unreadable[finding.path] = finding.reason
            else:
                getattr(self.found, finding.kind).append(finding.path)

    def _end(self) -> None:
        self.is_over = True
        gone = set(self._ledger.not_walked(self._root))
        if isinstance(self._source, Path):
            self._end_walk(self._source, gone)
        else:
            self._end_scenes(self._source, gone)
        self.found.skipped_tiles = self._ledger.skipped_under(self._root, but=self.found.vanished)
        self._progress("discover", self.found.total, self.found.total)

    def _end_walk(self, root: Path, gone: set[str]) -> None:
        found, walk = self.found, self._walk
        for folder, reason in (walk.out_of_reach | _broken_links(gone, root)).items():
            found.unreadable[folder] = reason
            gone.difference_update([name for name in gone if name.startswith(f"{folder}/")])
        found.vanished = sorted(gone)
        found.passed_over, found.left_out, found.repeated = walk.other_formats, walk.left_out, walk.repeated

    def _end_scenes(self, source: SceneSource, gone: set[str]) -> None:
        unreadable = source.unreadable
        self.found.unreadable |= unreadable
        # Else what lies below a document that cannot be read is unknown.
        is_whole = source.complete and self._ledger.files_at(unreadable).keys() >= unreadable.keys()
        self.found.vanished = sorted(gone - unreadable.keys()) if is_whole else []

    def _look_at_all(self) -> None:
        """Runs in a thread of its own."""
        try:
            at_once = _LOOKERS if isinstance(self._source, Path) else _SCENES_AT_ONCE
            with ThreadPoolExecutor(at_once, thread_name_prefix="looking") as threads:
                for finding in self._findings(threads):
                    self._handover.put(finding)
                    if self._handover.is_given_up:
                        threads.shutdown(cancel_futures=True)
                        break
        except BaseException as error:
            self._handover.end(error)
        else:
            self._handover.end()

    def _findings(self, threads: ThreadPoolExecutor) -> Iterator[Finding | Future[Finding]]:
        if not isinstance(self._source, Path):
            for scene in self._source.scenes:
                before = self._ledger.files_at([scene.name]).get(scene.name)
                yield threads.submit(look_at_scene, scene, self._root, before, self._ledger, self._recipe)
            return
        for path, before in self._paths():
            name = path.as_posix()
            if product := self._walk.products.pop(name, None):
                yield threads.submit(look_at_scene, product, self._root, before, self._ledger, self._recipe)
            elif name in self._unsettled:
                yield Finding(name, "unsettled")
            else:
                known = glance(path, self._source, before, self._recipe)
                yield known or threads.submit(look, path, self._source, before, self._recipe)

    def _paths(self) -> Iterator[tuple[Path, FileRow | None]]:
        """Every image's and product's path, with what the ledger has of it."""
        for some in self._walk.pieces():
            for start in range(0, len(some), _ASKED_TOGETHER):
                paths = some[start : start + _ASKED_TOGETHER]
                names = [path.as_posix() for path in paths]
                known = self._ledger.files_at(filter(is_unicode, names))
                yield from ((path, known.get(name)) for path, name in zip(paths, names, strict=True))


def discover(
    root: Path,
    ledger: Ledger,
    recipe: Recipe = DEFAULT_RECIPE,
    progress: Progress = no_progress,
    within: Sequence[Path] = (),
) -> Discovery:
    """Note every image of a folder and its tiles in the ledger, as Discovering does, and wait for the end of it."""
    with Discovering(root, ledger, recipe, progress, within) as discovering:
        return discovering.finish()


def _broken_links(gone: Iterable[str], root: Path) -> dict[str, str]:
    """Links on the way to files that are gone, where they lead nowhere: a disk is unplugged, a share is away."""
    folders = {folder for name in gone for folder in Path(name).parents if root in folder.parents}
    return {
        folder.as_posix(): f"{folder} is a link that leads nowhere at the moment."
        for folder in sorted(folders)
        if folder.is_symlink() and not folder.exists()
    }
