"""The tiles that wait for a caption, in the order in which they were found: where a run is in them is one number."""

from __future__ import annotations

from trsllava.ledger.connection import Connected
from trsllava.ledger.files import at_or_inside


class Queue(Connected):
    """What of the ledger's tiles is yet to be captioned."""

    def waiting_after(self, number: int, limit: int) -> list[tuple[int, str]]:
        """Number and id of the tiles that wait for a caption, the first `limit` beyond a number.

        Tiles are numbered as they are found: the numbers of a scene's tiles follow each other, row by row.
        """
        return self._db.execute(
            "SELECT rowid, id FROM tiles INDEXED BY tiles_that_wait WHERE state = 'pending' AND rowid > ?"
            " ORDER BY rowid LIMIT ?",
            (number, limit),
        ).fetchall()

    def last_number(self) -> int:
        """The number of the tile found last; 0 where there is none."""
        return int(self._db.execute("SELECT ifnull(max(rowid), 0) FROM tiles").fetchone()[0])

    def count_waiting_after(self, number: int, root: str) -> int:
        """Number of tiles beyond a number that wait for a caption and that some file in a folder holds."""
        (count,) = self._db.execute(
            "SELECT count(*) FROM tiles INDEXED BY tiles_that_wait WHERE state = 'pending' AND rowid > ? AND EXISTS"
            " (SELECT 1 FROM files WHERE files.sha256 = tiles.sha256 AND files.rendering = tiles.rendering"
            " AND (path = ? OR path >= ? AND path < ?))",
            (number, *at_or_inside(root)),
        ).fetchone()
        return int(count)
