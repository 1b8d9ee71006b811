"""What a run would do, without doing it: tiles, disk, and time as far as it can be known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

from indexer.discover import check_folder
from indexer.looking import is_unicode
from indexer.scene_look import is_as_known
from indexer.walk import FolderWalk
from trsllava.errors import ImageError
from trsllava.ledger.files import FileRow
from trsllava.ledger.ledger import Ledger
from trsllava.raster.readable import Readable, is_remote, readable
from trsllava.raster.scene import size_of
from trsllava.raster.tiling import cut
from trsllava.records import Recipe
from trsllava.sources.scene import SceneSource, SourceScene

_VARIANTS = 5
_TEXT_BYTES = 1_500
"""A variant with its fields, as vision-language models write it."""
_OVERHEAD_BYTES = 5_000
"""A tile's payload, sparse vector, image vector, ids and ledger rows beside its texts and their vectors."""
_TOGETHER = 200
"""Scenes that are looked at in one go."""
_LOOKERS = 8
"""Threads that ask for versions of files: a server far away takes its time for each."""


@dataclass(frozen=True)
class IndexPlan:
    """An estimate for one run over a folder or a source."""

    new: int
    """Files or scenes never seen."""
    changed: int
    unchanged: int
    vanished: int
    cut: int
    """Tiles of new and changed files, before those that hold too few data are left out."""
    waiting: int
    """Tiles of earlier runs that still lack a caption."""
    disk_bytes: int
    seconds: float | None
    """Captioning time at the pace of earlier runs of this collection; None before the first."""
    unreadable: int = 0
    """Scenes and documents of a source that cannot be used or reached."""

    @property
    def tiles(self) -> int:
        """Tiles to be captioned."""
        return self.cut + self.waiting


@dataclass(frozen=True)
class _Met:
    """An image file or a scene of a source."""

    kind: Literal["new", "changed", "unchanged", "unreadable"]
    is_known: bool
    tiles: int = 0
    """To be cut from it."""


def plan(
    source: Path | SceneSource, ledger: Ledger | None, recipe: Recipe, *, dim: int, concurrency: int
) -> IndexPlan:
    """Look at names, sizes and times, and at the headers of new files; of scenes from elsewhere at their documents and
    the versions of known files. Nothing is written.

    Raises InputError for a bad folder or document, OutOfReachError.
    """
    if isinstance(source, Path):
        check_folder(source)
        root, met = source.as_posix(), _in_folder(source, ledger, recipe)
    else:
        root, met = source.root, _among_scenes(source, ledger, recipe)
    counts, seen, pieces = Counter[str](), 0, 0
    for one in met:
        counts[one.kind] += 1
        seen += one.is_known
        pieces += one.tiles
    is_whole = isinstance(source, Path) or (source.complete and not source.unreadable)
    waiting = ledger.counts_under(root)["pending"] if ledger else 0
    seconds = ledger.caption_seconds() if ledger else None
    tiles = pieces + waiting
    per_tile = _VARIANTS * (4 * dim + _TEXT_BYTES) + _OVERHEAD_BYTES
    return IndexPlan(
        new=counts["new"],
        changed=counts["changed"],
        unchanged=counts["unchanged"],
        vanished=ledger.count_files(root) - seen if ledger and is_whole else 0,
        cut=pieces,
        waiting=waiting,
        disk_bytes=tiles * per_tile,
        seconds=tiles * seconds / concurrency if seconds else None,
        unreadable=0 if isinstance(source, Path) else counts["unreadable"] + len(source.unreadable),
    )


def _in_folder(root: Path, ledger: Ledger | None, recipe: Recipe) -> Iterator[_Met]:
    walk = FolderWalk(root, bands=recipe.bands)
    for paths in walk.pieces():
        known = ledger.files_at(filter(is_unicode, (path.as_posix() for path in paths))) if ledger else {}
        for path in paths:
            row = known.get(path.as_posix())
            product = walk.products.get(path.as_posix())
            try:
                state = walk.state_of(path)
            except OSError:  # the run will say what is wrong with it
                yield _Met("unreadable", row is not None)
                continue
            if row and (row.size, row.mtime_ns) == state:
                yield _Met("unchanged", is_known=True)
            else:
                first = path if product is None else Path(product.assets[0].href)
                yield _Met("changed" if row else "new", row is not None, _tiles(first, recipe))


def _among_scenes(source: SceneSource, ledger: Ledger | None, recipe: Recipe) -> Iterator[_Met]:
    def met(scene: SourceScene, row: FileRow | None) -> _Met:
        try:
            if row is not None and is_as_known(scene, row):
                return _Met("unchanged", is_known=True)
        except ImageError:  # the run will say what is wrong with it
            return _Met("unreadable", is_known=True)
        return _Met("changed" if row else "new", row is not None, _tiles(readable(scene.assets, ()), recipe))

    scenes = iter(source.scenes)
    with ThreadPoolExecutor(_LOOKERS, thread_name_prefix="looking") as threads:
        while some := list(islice(scenes, _TOGETHER)):
            known = ledger.files_at(scene.name for scene in some) if ledger else {}
            yield from threads.map(met, some, [known.get(scene.name) for scene in some])


def _tiles(file: Readable, recipe: Recipe) -> int:
    if is_remote(file) and not recipe.tile:
        return 1
    try:
        return len(cut(*size_of(file), recipe))
    except ImageError:  # the run will say what is wrong with it
        return 0
