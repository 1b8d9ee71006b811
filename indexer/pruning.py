"""Pruning: what vanished from a folder is forgotten, unless it looks as if a disk or a share were not mounted."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from indexer.discover import Discovery
from trsllava.errors import Parameter, PruneRefusedError
from trsllava.ledger.ledger import Ledger

_FEWEST = 10
"""Images: fewer that vanish at once are taken for deleted, unless they leave an empty folder."""
_LARGEST_SHARE = 0.5
"""Of the images known from a folder: more that vanish at once look like a disk that is away."""
_ADVICE = (
    " Nothing was removed. Mount the disk or share that they are on and run the command again, or add ",
    Parameter("confirmed"),
    " if they are gone for good.",
)


def forget_vanished(root: str, found: Discovery, ledger: Ledger, *, confirmed: bool) -> int:
    """Forget the files that vanished from a folder; returns their number.

    Raises PruneRefusedError, before anything is forgotten, where it looks as if the images were out of reach rather
    than deleted, unless that is `confirmed`.
    """
    if not confirmed:
        _check(root, found, ledger)
    ledger.forget_files(found.vanished)
    return len(found.vanished)


def _check(root: str, found: Discovery, ledger: Ledger) -> None:
    """What was moved or has a copy elsewhere is no loss, and what was merely passed over is still there."""
    lost = [path for path in ledger.sole_holders(found.vanished) if not os.path.lexists(path)]
    if not lost:
        return
    if not found.total:
        raise PruneRefusedError(
            f"{root} contains no image now, but {_images(lost)} known from earlier runs.", *_ADVICE
        )
    living = [*found.new, *found.changed, *found.unchanged, *found.unreadable]
    if (emptied := _emptied(Path(root), lost, living)) is not None:
        inside = [path for path in lost if Path(path).is_relative_to(emptied)]
        raise PruneRefusedError(
            f"{emptied} contains no image now, but {_images(inside)} known from earlier runs.", *_ADVICE
        )
    known = ledger.count_readable(root)
    if len(lost) >= _FEWEST and len(lost) > known * _LARGEST_SHARE:
        raise PruneRefusedError(f"{len(lost)} of the {known} images known from {root} are missing now.", *_ADVICE)


def _emptied(root: Path, lost: Sequence[str], living: Sequence[str]) -> Path | None:
    """A folder below the root that is still there, though it has lost all its images, as a mount point is; of several
    the topmost, first by name."""
    emptied = _folders(root, lost) - _folders(root, living)
    return min(
        (folder for folder in emptied if folder.is_dir()), key=lambda folder: (len(folder.parts), folder), default=None
    )


def _folders(root: Path, paths: Iterable[str]) -> set[Path]:
    """All folders below the root on the way to some files."""
    parents = {Path(path).parent for path in paths}
    return {folder for parent in parents for folder in (parent, *parent.parents) if root in folder.parents}


def _images(paths: Sequence[str]) -> str:
    return "1 image is" if len(paths) == 1 else f"{len(paths)} images are"
