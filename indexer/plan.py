"""What a run would do, without doing it: tiles, disk, and time as far as it can be known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from indexer.discover import check_folder
from indexer.walk import FolderWalk
from trsllava.errors import ImageError
from trsllava.ledger.ledger import Ledger
from trsllava.raster.scene import size_of
from trsllava.raster.tiling import cut
from trsllava.records import Recipe

_VARIANTS = 5
_TEXT_BYTES = 1_500
"""A variant with its fields, as vision-language models write it."""
_OVERHEAD_BYTES = 5_000
"""A tile's payload, sparse vector, image vector, ids and ledger rows beside its texts and their vectors."""


@dataclass(frozen=True)
class IndexPlan:
    """An estimate for one run over a folder."""

    new: int
    """Files never seen."""
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

    @property
    def tiles(self) -> int:
        """Tiles to be captioned."""
        return self.cut + self.waiting


def plan(root: Path, ledger: Ledger | None, recipe: Recipe, *, dim: int, concurrency: int) -> IndexPlan:
    """Look at names, sizes and times, and at the headers of new files; nothing is written.

    Raises InputError for a bad folder.
    """
    check_folder(root)
    known = ledger.files_under(root.as_posix()) if ledger else {}
    new = changed = unchanged = pieces = 0
    walk = FolderWalk(root, bands=recipe.bands)
    for path in walk:
        row = known.pop(path.as_posix(), None)
        product = walk.products.get(path.as_posix())
        first = path if product is None else Path(product.assets[0].href)
        try:
            state = walk.state_of(path)
        except OSError:  # the run will say what is wrong with it
            continue
        if row is None:
            new += 1
            pieces += _tiles(first, recipe)
        elif (row.size, row.mtime_ns) != state:
            changed += 1
            pieces += _tiles(first, recipe)
        else:
            unchanged += 1
    counts = ledger.counts_under(root.as_posix()) if ledger else {"pending": 0}
    seconds = ledger.caption_seconds() if ledger else None
    tiles = pieces + counts["pending"]
    per_tile = _VARIANTS * (4 * dim + _TEXT_BYTES) + _OVERHEAD_BYTES
    return IndexPlan(
        new=new,
        changed=changed,
        unchanged=unchanged,
        vanished=len(known),
        cut=pieces,
        waiting=counts["pending"],
        disk_bytes=tiles * per_tile,
        seconds=tiles * seconds / concurrency if seconds else None,
    )


def _tiles(path: Path, recipe: Recipe) -> int:
    try:
        return len(cut(*size_of(path), recipe))
    except ImageError:  # the run will say what is wrong with it
        return 0
