"""Why tiles wait whose files went while they were to be captioned: the reason is noted with each."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from trsllava.errors import OutOfReachError
from trsllava.ledger.ledger import Ledger


@contextmanager
def missing_files_noted(root: Path, ledger: Ledger) -> Iterator[dict[str, str]]:
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


def _note(root: Path, ledger: Ledger, reasons: dict[str, str]) -> None:
    back = []
    for (tile_id, error), rows in groupby(ledger.waiting_files(root.as_posix()), key=itemgetter(0, 1)):
        paths = [path for _, _, path in rows]
        if not any(map(os.path.exists, paths)):
            reasons[tile_id] = _gone(paths[0])
        elif error in map(_gone, paths):
            back.append(tile_id)
    ledger.note_reasons(reasons | dict.fromkeys(back, ""))


def _gone(path: str) -> str:
    return f"cannot read {path}: there is no such file"
