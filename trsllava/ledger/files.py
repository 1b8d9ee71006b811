"""The files of a collection, as they were when they were last read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass

from trsllava.ledger import kept
from trsllava.ledger.connection import Connected
from trsllava.records import Tile, Window

_COLUMNS = "path, root, size, mtime_ns, sha256, rendering, error, skipped, item"


_WHAT_IS_SAID_OF_IT = "tile = CASE WHEN json_array_length(excluded.tile, '$.assets') THEN excluded.tile ELSE tile END"
"""Metadata may be corrected while the pixels stay the same; a plain file knows nothing better than they do."""


@dataclass(frozen=True)
class FileRow:
    """A file as it was when it was last read."""

    path: str
    root: str
    size: int
    mtime_ns: int
    sha256: str | None
    """None where it could not be read."""
    rendering: str
    error: str = ""
    skipped: int = 0
    """Tiles that were left out because there is too little to see in them."""
    item: str = ""
    """Of a scene that metadata describe: a digest of what they say of it; empty for a plain image file."""


@dataclass(frozen=True)
class Holdings:
    """The tiles of a file: ids by window."""

    tiles: Mapping[Window, str]
    cut: bool
    """The file is a scene that was cut into tiles."""


def inside(folder: str) -> tuple[str, str]:
    """Bounds of the paths in a folder, the upper one excluded: "0" follows "/" in ASCII."""
    return folder.rstrip("/") + "/", folder.rstrip("/") + "0"


def at_or_inside(place: str) -> tuple[str, str, str]:
    """A file's own path, or the bounds of those in a folder: for `path = ? OR path >= ? AND path < ?`."""
    return place, *inside(place)


class Files(Connected):
    """The ledger's table of files."""

    def files_under(self, root: str) -> dict[str, FileRow]:
        """All known files in a folder, or that one file, by path."""
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM files WHERE path = ? OR path >= ? AND path < ?",
            at_or_inside(root),
        )
        return {row[0]: FileRow(*row) for row in rows}

    def files_at(self, paths: Iterable[str]) -> dict[str, FileRow]:
        """Those of some files that are known, by path."""
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM files WHERE path IN (SELECT value FROM json_each(?))", (json.dumps([*paths]),)
        ).fetchall()
        return {row[0]: FileRow(*row) for row in rows}

    def knows_files_under(self, root: str) -> bool:
        """True where some file in a folder is known."""
        return bool(
            self._db.execute(
                "SELECT 1 FROM files WHERE path = ? OR path >= ? AND path < ? LIMIT 1", at_or_inside(root)
            ).fetchall()
        )

    def count_files(self, root: str) -> int:
        """Number of the known files in a folder, or at that one path."""
        (count,) = self._db.execute(
            "SELECT count(*) FROM files WHERE path = ? OR path >= ? AND path < ?", at_or_inside(root)
        ).fetchone()
        return int(count)

    def count_readable(self, root: str) -> int:
        """Number of the known files in a folder that could be read."""
        (count,) = self._db.execute(
            "SELECT count(sha256) FROM files WHERE path = ? OR path >= ? AND path < ?", at_or_inside(root)
        ).fetchone()
        return int(count)

    def folders(self, limit: int) -> list[str]:
        """The folders that were indexed and those directly in them that hold files, sorted; the first `limit`."""
        rows = self._db.execute(
            "WITH inner AS (SELECT DISTINCT root, substr(path, length(root) + 2) AS rest FROM files)"
            " SELECT root FROM inner UNION"
            " SELECT root || '/' || substr(rest, 1, instr(rest, '/') - 1) FROM inner WHERE instr(rest, '/') > 0"
            " ORDER BY 1 LIMIT ?",
            (limit,),
        )
        return [row[0] for row in rows]

    def roots(self) -> list[str]:
        """The folders that were indexed, sorted."""
        return [row[0] for row in self._db.execute("SELECT DISTINCT root FROM files ORDER BY root")]

    def tiles_of_files(self, paths: Iterable[str]) -> Holdings:
        """What the first of some paths that is a known file's holds; nothing where none is."""
        for path in paths:
            rows = self._db.execute(
                "SELECT tiles.id, tile ->> 'window', skipped FROM files JOIN tiles USING (sha256, rendering)"
                " WHERE path = ?",
                (path,),
            ).fetchall()
            if rows:
                tiles = {Window(*json.loads(window)): tile_id for tile_id, window, _ in rows}
                return Holdings(tiles, cut=len(rows) > 1 or rows[0][2] > 0)
        return Holdings({}, cut=False)

    def unreadable(self) -> list[FileRow]:
        """Files that could not be read, with the reason."""
        rows = self._db.execute(f"SELECT {_COLUMNS} FROM files WHERE error != '' ORDER BY path")
        return [FileRow(*row) for row in rows]

    def skipped(self) -> int:
        """Tiles of all files that were left out because there is too little to see in them."""
        return int(self._db.execute("SELECT total(skipped) FROM files").fetchone()[0])

    def cut_scenes(self) -> set[str]:
        """Content hashes of all files that are more than one tile, skipped ones counted."""
        rows = self._db.execute(
            "SELECT sha256 FROM tiles GROUP BY sha256, rendering HAVING count(*) > 1"
            " UNION SELECT sha256 FROM files WHERE skipped > 0"
        )
        return {row[0] for row in rows}

    def record_file(self, file: FileRow, tiles: Sequence[Tile]) -> int:
        """Note a file and the tiles cut from it; new tiles are pending, or take up the text that was kept of them when
        they were removed. Returns the number of those.

        A known tile that is found at a new path goes back to `captioned`, so that the store learns the path.
        Tiles that no file holds any more stay until `forget_orphans`.
        """
        with self._writing() as db:
            db.execute(
                f"INSERT OR REPLACE INTO files ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                astuple(file),
            )
            for tile in tiles:
                db.execute(
                    "INSERT INTO tiles (id, sha256, rendering, tile, state) VALUES (?, ?, ?, ?, 'pending')"
                    f" ON CONFLICT (id) DO UPDATE SET {_WHAT_IS_SAID_OF_IT},"
                    " state = CASE state WHEN 'stored' THEN 'captioned' ELSE state END",
                    (str(tile.id), tile.sha256, tile.rendering.key(), tile.model_dump_json()),
                )
            return sum(kept.take_up(db, str(tile.id)) for tile in tiles)

    def tiles_of_content(self, sha256: str, rendering: str) -> list[Tile]:
        """The tiles that were cut from files of a content, by id."""
        rows = self._db.execute(
            "SELECT tile FROM tiles WHERE sha256 = ? AND rendering = ? ORDER BY id", (sha256, rendering)
        )
        return [Tile.model_validate_json(row[0]) for row in rows]

    def touch_file(self, path: str, size: int, mtime_ns: int) -> None:
        """Note that a file has another time, but the same content."""
        with self._writing() as db:
            db.execute("UPDATE files SET size = ?, mtime_ns = ? WHERE path = ?", (size, mtime_ns, path))

    def move_root(self, path: str, root: str) -> None:
        """Note that a file is now indexed as part of a folder further up: exports name it from there."""
        with self._writing() as db:
            db.execute("UPDATE files SET root = ? WHERE path = ?", (root, path))

    def forget_files(self, paths: Iterable[str]) -> None:
        """Drop files; a tile that lives on at another path goes back to `captioned`."""
        with self._writing() as db:
            for path in paths:
                db.execute(
                    "UPDATE tiles SET state = 'captioned' WHERE state = 'stored' AND (sha256, rendering) ="
                    " (SELECT sha256, rendering FROM files WHERE path = ?)",
                    (path,),
                )
                db.execute("DELETE FROM files WHERE path = ?", (path,))

    def sole_holders(self, paths: Iterable[str]) -> list[str]:
        """Those of some files whose content no other file holds: with them their tiles would go."""
        asked = set(paths)
        rows = self._db.execute(
            "SELECT path, sha256 FROM files WHERE sha256 IN"
            " (SELECT sha256 FROM files WHERE path IN (SELECT value FROM json_each(?)))",
            (json.dumps(sorted(asked)),),
        )
        holders: dict[str, list[str]] = {}
        for path, sha256 in rows:
            holders.setdefault(sha256, []).append(path)
        return sorted(path for group in holders.values() if asked.issuperset(group) for path in group)
