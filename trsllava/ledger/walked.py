"""Which files a walk through a folder meets: noted in a temporary table beside the ledger, since a million paths would
fill the memory, and gone when the ledger is closed."""

from __future__ import annotations

import json
from collections.abc import Iterable

from trsllava.ledger.connection import Connected
from trsllava.ledger.files import at_or_inside


class Walked(Connected):
    """The files of the walk under way, and by them what has vanished."""

    def begin_walk(self) -> None:
        """Note from here on which files a walk meets."""
        with self._trouble():
            self._db.execute("CREATE TEMP TABLE IF NOT EXISTS walked (path TEXT PRIMARY KEY) WITHOUT ROWID")
        with self._writing() as db:
            db.execute("DELETE FROM walked")

    def note_walked(self, paths: Iterable[str]) -> None:
        """Note that the walk has met these paths."""
        with self._writing() as db:
            db.executemany("INSERT OR IGNORE INTO walked VALUES (?)", [(path,) for path in paths])

    def not_walked(self, root: str) -> list[str]:
        """The known files in a folder that the walk has not met, sorted."""
        rows = self._db.execute(
            "SELECT path FROM files WHERE (path = ? OR path >= ? AND path < ?)"
            " AND NOT EXISTS (SELECT 1 FROM walked WHERE walked.path = files.path) ORDER BY path",
            at_or_inside(root),
        )
        return [row[0] for row in rows]

    def skipped_under(self, root: str, but: Iterable[str] = ()) -> int:
        """Tiles that were left out of the files in a folder, some files not counted."""
        (count,) = self._db.execute(
            "SELECT total(skipped) FROM files WHERE (path = ? OR path >= ? AND path < ?) AND skipped > 0"
            " AND path NOT IN (SELECT value FROM json_each(?))",
            (*at_or_inside(root), json.dumps([*but])),
        ).fetchone()
        return int(count)
