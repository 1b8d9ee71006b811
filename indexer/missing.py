"""Why tiles wait whose files went while they were to be captioned: the reason is noted with each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter

from trsllava.errors import OutOfReachError
from trsllava.ledger.ledger import Ledger
from trsllava.raster.readable import is_there


@contextmanager
def missing_files_noted(root: str, ledger: Ledger) -> Iterator[dict[str, str]]:
    """Around the captioning of a folder: when it ends, also because the folder went, each tile that waits for a file
    that is not there is given that as its reason, and one whose file is back is rid of it.

    Yields the reasons by tile id, filled when it ends.
    """
    reasons: dict[str, str] = {}
    try:
        yield reasons
    except OutOfReachError:
        _note(root, ledger, reasons)
        raise
    _note(root, ledger, reasons)


def _note(root: str, ledger: Ledger, reasons: dict[str, str]) -> None:
    back = []
    for (tile_id, error), rows in groupby(ledger.waiting_files(root), key=itemgetter(0, 1)):
        paths = [path for _, _, path in rows]
        if not any(map(is_there, paths)):
            reasons[tile_id] = _gone(paths[0])
        elif error in map(_gone, paths):
            back.append(tile_id)
    ledger.note_reasons(reasons | dict.fromkeys(back, ""))


def _gone(path: str) -> str:
    return f"cannot read {path}: there is no such file"
