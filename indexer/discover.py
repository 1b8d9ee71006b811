"""Find the images of a folder, and which of them are new, changed, unreadable or gone."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from indexer.handover import Handover
from indexer.looking import Finding, glance, is_unicode, look
from indexer.progress import Progress, no_progress
from indexer.scene_look import look_at
from indexer.walk import FolderWalk
from trsllava.errors import EmptyArchiveError, InputError
from trsllava.ledger.files import FileRow
from trsllava.ledger.ledger import Ledger
from trsllava.raster.scene import DEFAULT_RECIPE, SUPPORTED
from trsllava.records import Recipe, Tile
from trsllava.sources.scene import SceneSource, SourceScene

_TOGETHER = 1_000
"""Files noted in one transaction."""
_ASKED_TOGETHER = 200
"""Files that the ledger is asked about at a time."""
_LOOKERS = 2
"""Threads that read files: more would only fill the memory with large scenes."""
_REMOTE_LOOKERS = 8
"""Threads that look at scenes of a source: a server far away takes its time for each."""


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
        raise EmptyArchiveError(f"{root} holds no image. Supported formats: {SUPPORTED}.")


class Discovering:
    """A walk through a folder, or through the scenes of a source, beside other work: files are looked at in threads of
    their own, a little ahead, and whoever has the ledger takes up what they found, now and then.

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
        """`source`: of a folder its absolute path. `within`: see FolderWalk. `unsettled`: paths that are left alone.

        Raises InputError where a path is no folder.
        """
        self._walk: FolderWalk | SceneSource
        if isinstance(source, SceneSource):
            self._root, self._walk, self._lookers = source.root, source, _REMOTE_LOOKERS
        else:
            check_folder(source)
            self._root, self._walk, self._lookers = (
                source.as_posix(),
                FolderWalk(source, within, recipe.bands),
                _LOOKERS,
            )
        self._unsettled = unsettled
        self._ledger, self._recipe, self._progress = ledger, recipe, progress
        self._handover = Handover(2 * self._lookers)
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
                    self.found.taken_up += self._ledger.record_file(finding.row, self._tiles(finding))
        for finding in findings:
            if finding.kind == "unreadable":
                self.found.unreadable[finding.path] = finding.reason
            else:
                getattr(self.found, finding.kind).append(finding.path)

    def _tiles(self, finding: Finding) -> Sequence[Tile]:
        if finding.retold is None or finding.row is None or finding.row.sha256 is None:
            return finding.tiles
        known = self._ledger.tiles_of_content(finding.row.sha256, finding.row.rendering)
        return [finding.retold(tile) for tile in known]

    def _end(self) -> None:
        self.is_over = True
        found, walk = self.found, self._walk
        gone = set(self._ledger.not_walked(self._root))
        if isinstance(walk, SceneSource):
            found.unreadable |= walk.unreadable
            known = self._ledger.files_at(walk.unreadable)  # the others are documents, and what lies below is unknown
            whole = walk.complete and known.keys() == walk.unreadable.keys()
            gone = gone - walk.unreadable.keys() if whole else set()
        else:
            for folder, reason in (walk.out_of_reach | _broken_links(gone, Path(self._root))).items():
                found.unreadable[folder] = reason
                gone.difference_update([name for name in gone if name.startswith(f"{folder}/")])
            found.passed_over, found.left_out, found.repeated = walk.other_formats, walk.left_out, walk.repeated
        found.vanished = sorted(gone)
        found.skipped_tiles = self._ledger.skipped_under(self._root, but=found.vanished)
        self._progress("discover", found.total, found.total)

    def _look_at_all(self) -> None:
        """Runs in a thread of its own."""
        try:
            with ThreadPoolExecutor(self._lookers, thread_name_prefix="looking") as threads:
                for one, before in self._met():
                    name = one.name if isinstance(one, SourceScene) else one.as_posix()
                    if name in self._unsettled:
                        found = Finding(name, "unsettled")
                    elif isinstance(one, SourceScene):
                        found = None
                        reading = threads.submit(look_at, one, self._root, before, self._recipe)
                    elif (found := glance(one, Path(self._root), before, self._recipe)) is None:
                        reading = threads.submit(look, one, Path(self._root), before, self._recipe)
                    self._handover.put(found or reading)
                    if self._handover.is_given_up:
                        threads.shutdown(cancel_futures=True)
                        break
        except BaseException as error:
            self._handover.end(error)
        else:
            self._handover.end()

    def _met(self) -> Iterator[tuple[Path | SourceScene, FileRow | None]]:
        """Every image's path, and every scene of several files, with what the ledger has of it."""
        walk = self._walk
        if isinstance(walk, SceneSource):
            for scene in walk.scenes:
                yield scene, self._ledger.files_at([scene.name]).get(scene.name)
            return
        for some in walk.pieces():
            for start in range(0, len(some), _ASKED_TOGETHER):
                paths = some[start : start + _ASKED_TOGETHER]
                names = [path.as_posix() for path in paths]
                known = self._ledger.files_at(filter(is_unicode, names))
                for path, name in zip(paths, names, strict=True):
                    yield walk.products.pop(name, path), known.get(name)


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
