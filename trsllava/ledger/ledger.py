"""Every file and every tile of a collection, its state and its words. The vector store can be rebuilt from it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf
from pathlib import Path

from pydantic import TypeAdapter

from trsllava.completion import NO_USAGE, Usage
from trsllava.errors import Call, UnknownTileError
from trsllava.ledger import extent, images, kept, listing, properties, quality, words
from trsllava.ledger.builds import Builds
from trsllava.ledger.extent import Extent
from trsllava.ledger.files import Files, at_or_inside
from trsllava.ledger.properties import PropertyRange
from trsllava.ledger.quality import Outcome
from trsllava.ledger.queue import Queue
from trsllava.ledger.server_usage import ADD_USAGE, ServerUsage, read_server_usage, usage_values
from trsllava.ledger.walked import Walked
from trsllava.records import Filters, FloatArray, Reason, Repair, RichText, Tile, TileRecord, TileState, Verdict

_CHUNK = 500
_TILES = TypeAdapter(list[Tile])
_COLUMNS = "tiles.id, tile, state, text, attempts, error, raw_answer, refusals"


class Ledger(Builds, Files, Queue, Walked):
    """One collection's SQLite file. One process writes; any number reads meanwhile."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._extent: tuple[tuple[int, int], Extent] | None = None

    # The collection as a whole

    def counts(self) -> dict[TileState, int]:
        """Number of tiles in each state."""
        counts: dict[TileState, int] = {"pending": 0, "captioned": 0, "stored": 0, "quarantined": 0}
        counts.update(self._db.execute("SELECT state, count(*) FROM tiles GROUP BY state").fetchall())
        return counts

    def changes(self) -> tuple[int, int]:
        """Something that is another after whatever was written, here or by another process."""
        (elsewhere,) = self._db.execute("PRAGMA data_version").fetchone()
        return int(elsewhere), self._db.total_changes

    def counts_under(self, root: str) -> dict[TileState, int]:
        """Number of tiles in each state that some file in a folder holds."""
        counts: dict[TileState, int] = {"pending": 0, "captioned": 0, "stored": 0, "quarantined": 0}
        rows = self._db.execute(
            "SELECT state, count(DISTINCT tiles.id) FROM files JOIN tiles ON tiles.sha256 = files.sha256"
            " AND tiles.rendering = files.rendering WHERE path = ? OR path >= ? AND path < ? GROUP BY state",
            at_or_inside(root),
        )
        counts.update(rows.fetchall())
        return counts

    def extent(self) -> Extent:
        """Where and when the captioned tiles lie. Looked for anew only where something was written since."""
        changes = self.changes()
        if self._extent is None or self._extent[0] != changes:
            self._extent = changes, extent.kept(self._db) or extent.extent(self._db)
        return self._extent[1]

    def keep_extent(self) -> None:
        """Keep where and when the captioned tiles lie for other processes, until they change."""
        if extent.kept(self._db) is None:
            found = self.extent()
            with self._writing() as db:
                extent.keep(db, found)

    def properties(self) -> dict[str, PropertyRange]:
        """What is said of the captioned tiles' scenes, by name."""
        return properties.ranges(self._db)

    def property_values(self, name: str, limit: int) -> list[str]:
        """The texts that a property has most often, the most frequent first."""
        return properties.values(self._db, name, limit)

    def caption_seconds(self) -> float | None:
        """Mean time that a model took for a tile, in seconds; None where none was asked."""
        row = self._db.execute("SELECT avg(seconds) FROM tiles WHERE seconds > 0").fetchone()
        return None if row[0] is None else float(row[0])

    def models(self) -> dict[str, int]:
        """Number of tiles captioned by each model and prompt."""
        rows = self._db.execute(
            "SELECT text ->> 'model' || CASE WHEN text ->> 'prompt' = '' THEN '' ELSE ', ' || (text ->> 'prompt') END"
            " AS source, count(*) FROM tiles WHERE text IS NOT NULL GROUP BY source ORDER BY source"
        )
        return dict(rows.fetchall())

    def waiting(self) -> dict[str, str]:
        """Why tiles wait for their caption, where a reason is known, by id."""
        return dict(
            self._db.execute("SELECT id, error FROM tiles WHERE state = 'pending' AND error != '' ORDER BY id")
        )

    def waiting_files(self, root: str) -> list[tuple[str, str, str]]:
        """Id, reason and path of every file of every tile that some file in a folder holds and that waits for its
        caption, by id and path."""
        return self._db.execute(
            "SELECT tiles.id, tiles.error, files.path FROM tiles JOIN files USING (sha256, rendering)"
            " WHERE state = 'pending' AND (sha256, rendering) IN"
            " (SELECT sha256, rendering FROM files WHERE path = ? OR path >= ? AND path < ?)"
            " ORDER BY tiles.id, files.path",
            at_or_inside(root),
        ).fetchall()

    def forget_orphans(self) -> list[str]:
        """Drop the tiles that no file holds any more, with their image vectors; returns their ids.

        Their texts are kept for the day they come back, until `compact`.
        """
        with self._writing() as db:
            rows = db.execute(
                "DELETE FROM tiles WHERE NOT EXISTS (SELECT 1 FROM files WHERE files.sha256 = tiles.sha256"
                " AND files.rendering = tiles.rendering) RETURNING id, text"
            ).fetchall()
            images.forget(db, [row[0] for row in rows])
            words.forget(db, rows)
            kept.keep(db, rows)
        return sorted(row[0] for row in rows)

    def compact(self) -> int:
        """Forget the texts kept of removed tiles and give their room back to the disk; returns the number of texts."""
        with self._writing() as db:
            forgotten = kept.forget(db)
        with self._trouble():
            self._db.execute("VACUUM")
        return forgotten

    # Tiles

    def record_text(self, tile_id: str, text: RichText, *, attempts: int = 1, usage: Usage = NO_USAGE) -> None:
        """Keep a tile's rich text, and what it cost: `captioned`."""
        with self._writing() as db:
            words.change(db, tile_id, text)
            db.execute(
                "UPDATE tiles SET state = 'captioned', text = ?, attempts = attempts + ?,"
                f" error = '', raw_answer = '', {ADD_USAGE} WHERE id = ?",
                (text.model_dump_json(), attempts, *usage_values(usage), tile_id),
            )

    def quarantine(self, tile_id: str, error: str, raw: str, *, attempts: int = 1, usage: Usage = NO_USAGE) -> None:
        """Put a tile aside with the reason and the model's last answer, and what it cost."""
        self._refuse(tile_id, "quarantined", error, raw, attempts, usage)

    def postpone(self, tile_id: str, error: str, raw: str, *, attempts: int = 1, usage: Usage = NO_USAGE) -> None:
        """Let a tile be asked about again, and note the reason and the model's last answer, and what it cost."""
        self._refuse(tile_id, "pending", error, raw, attempts, usage)

    def _refuse(self, tile_id: str, state: TileState, error: str, raw: str, attempts: int, usage: Usage) -> None:
        with self._writing() as db:
            db.execute(
                "UPDATE tiles SET state = ?, attempts = attempts + ?,"
                f" error = ?, raw_answer = ?, {ADD_USAGE} WHERE id = ?",
                (state, attempts, error, raw, *usage_values(usage), tile_id),
            )

    def note_reasons(self, reasons: Mapping[str, str]) -> None:
        """Note by tile id why tiles wait for their caption, in place of earlier reasons; empty: for none."""
        with self._writing() as db:
            db.executemany(
                "UPDATE tiles SET error = ? WHERE state = 'pending' AND id = ?",
                [(reason, tile_id) for tile_id, reason in reasons.items()],
            )

    def keep_text(self, tile_id: str, *, attempts: int = 1, usage: Usage = NO_USAGE) -> None:
        """Note that a tile was asked about anew in vain, and what it cost: it keeps the text that it has."""
        with self._writing() as db:
            db.execute(
                f"UPDATE tiles SET attempts = attempts + ?, {ADD_USAGE} WHERE id = ?",
                (attempts, *usage_values(usage), tile_id),
            )

    def record_image_vectors(self, encoder: str, vectors: Mapping[str, FloatArray]) -> None:
        """Keep image vectors `(d,)` float32 by tile id, in place of another encoder's.

        A tile that the store holds goes back to `captioned`, so that the store learns its vector. Those of an encoder
        that the collection was not built with are kept apart until a build with it is ended.
        """
        schema = self.schema()
        with self._writing() as db:
            if schema is None or schema.image_encoder == encoder:
                images.put(db, encoder, vectors)
            else:
                images.put_aside(db, encoder, vectors)

    def image_vectors(self, ids: Sequence[str], encoder: str) -> dict[str, FloatArray]:
        """The image vectors `(d,)` float32 that an encoder made of the given tiles, by id; others are left out."""
        return images.vectors(self._db, ids, encoder)

    def without_image_vector(self, encoder: str) -> list[str]:
        """Ids of the stored tiles that have no image vector of an encoder, sorted."""
        return images.stored_without(self._db, encoder)

    def server_usage(self, since: float = 0.0) -> ServerUsage:
        """What model servers did for the tiles answered since then (Unix time)."""
        return read_server_usage(self._db, since)

    def mark_stored(self, ids: Sequence[str]) -> None:
        """Note that the vector store holds these tiles."""
        with self._writing() as db:
            db.executemany("UPDATE tiles SET state = 'stored' WHERE id = ?", [(tile_id,) for tile_id in ids])

    def mark_captioned(self, ids: Sequence[str] | None = None) -> None:
        """Note that the vector store lacks these tiles (None: all), so that they are stored again."""
        with self._writing() as db:
            if ids is None:
                db.execute("UPDATE tiles SET state = 'captioned' WHERE state = 'stored'")
            else:
                db.executemany(
                    "UPDATE tiles SET state = 'captioned' WHERE state = 'stored' AND id = ?", [(i,) for i in ids]
                )

    def ids(self, state: TileState) -> list[str]:
        """Ids of all tiles in a state, sorted."""
        return [row[0] for row in self._db.execute("SELECT id FROM tiles WHERE state = ? ORDER BY id", (state,))]

    def captioned_ids(self) -> list[str]:
        """Ids of all tiles that have a text, sorted."""
        return [row[0] for row in self._db.execute("SELECT id FROM tiles WHERE text IS NOT NULL ORDER BY id")]

    def sample_ids(self, size: int) -> list[str]:
        """A fixed uniform sample of the stored tiles: ids are hashes, so the smallest ones are as good as drawn."""
        rows = self._db.execute("SELECT id FROM tiles WHERE state = 'stored' ORDER BY id LIMIT ?", (size,))
        return [row[0] for row in rows]

    def records(self, ids: Sequence[str]) -> dict[str, TileRecord]:
        """The records of the given tiles, by id; unknown ids are left out."""
        found: dict[str, TileRecord] = {}
        for start in range(0, len(ids), _CHUNK):
            chunk = ids[start : start + _CHUNK]
            rows = self._db.execute(
                f"SELECT {_COLUMNS} FROM tiles WHERE id IN ({','.join('?' * len(chunk))})", chunk
            ).fetchall()
            found.update(self._with_paths(rows))
        return found

    def captioned_tiles(self, ids: Sequence[str]) -> dict[str, Tile]:
        """Those of the given tiles that have a text, by id; thousands are read at once."""
        found: list[Tile] = []
        for start in range(0, len(ids), _CHUNK):
            chunk = ids[start : start + _CHUNK]
            rows = self._db.execute(
                f"SELECT tile FROM tiles WHERE text IS NOT NULL AND id IN ({','.join('?' * len(chunk))})", chunk
            ).fetchall()
            found += _TILES.validate_json(f"[{','.join(row[0] for row in rows)}]")
        return {str(tile.id): tile for tile in found}

    def record(self, tile_id: str) -> TileRecord:
        """One tile by its id or an unambiguous beginning of it. Raises UnknownTileError."""
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM tiles WHERE id >= ? AND id < ? LIMIT 2", (tile_id, tile_id + "g")
        ).fetchall()
        if len(rows) != 1:
            what = "No tile has an id" if not rows else "More than one tile has an id"
            raise UnknownTileError(
                f"{what} that begins with {tile_id!r}. ", Call("query", {"json": True}), " prints whole ids."
            )
        return next(iter(self._with_paths(rows).values()))

    def scan(self, state: TileState | None = None, *, after: str = "") -> Iterator[TileRecord]:
        """All tiles (of a state; that come after an id), by id. Tiles may change while it runs: each comes once, as it
        then is."""
        last = after
        where = "id > ?" if state is None else "id > ? AND state = ?"
        while True:
            values = (last,) if state is None else (last, state)
            rows = self._db.execute(
                f"SELECT {_COLUMNS} FROM tiles WHERE {where} ORDER BY id LIMIT {_CHUNK}", values
            ).fetchall()
            if not rows:
                return
            last = rows[-1][0]
            yield from self._with_paths(rows).values()

    def captioned(self, filters: Filters, after: str = "", *, chunk: int = _CHUNK) -> Iterator[TileRecord]:
        """The captioned tiles behind `after` that meet the filters' box and time, by id, read `chunk` at a time."""
        for ids in listing.ids(self._db, filters, after, chunk):
            found = self.records(ids)
            yield from (found[tile_id] for tile_id in ids if tile_id in found)

    def count_captioned(self, filters: Filters) -> int:
        """The number of captioned tiles that meet the filters' box and time."""
        return listing.count(self._db, filters)

    def text_of_content(self, sha256: str) -> RichText | None:
        """The rich text of the one tile that a file of this content became; None where it is unknown or was cut."""
        rows = self._db.execute("SELECT text FROM tiles WHERE sha256 = ? LIMIT 2", (sha256,)).fetchall()
        return RichText.model_validate_json(rows[0][0]) if len(rows) == 1 and rows[0][0] else None

    def root_of(self, path: str) -> str:
        """The folder that was indexed when the file was found."""
        row = self._db.execute("SELECT root FROM files WHERE path = ?", (path,)).fetchone()
        return str(row[0]) if row else ""

    def a_root(self) -> str:
        """A folder that was indexed; empty before the first file."""
        row = self._db.execute("SELECT root FROM files LIMIT 1").fetchone()
        return str(row[0]) if row else ""

    def paths_of(self, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """All paths that hold the given tiles, sorted, by id; some hundred tiles at a time."""
        paths: dict[str, list[str]] = {tile_id: [] for tile_id in ids}
        for tile_id, path in self._db.execute(
            "SELECT tiles.id, files.path FROM tiles JOIN files ON files.sha256 = tiles.sha256"
            f" AND files.rendering = tiles.rendering WHERE tiles.id IN ({','.join('?' * len(ids))})"
            " ORDER BY files.path",
            ids,
        ):
            paths[tile_id].append(path)
        return {tile_id: tuple(found) for tile_id, found in paths.items()}

    def count_paths(self, ids: Sequence[str]) -> dict[str, int]:
        """The number of paths that hold each of the given tiles, by id; 0 for what is unknown."""
        counts = dict.fromkeys(ids, 0)
        counts.update(
            self._db.execute(
                "SELECT tiles.id, count(*) FROM tiles JOIN files USING (sha256, rendering)"
                " WHERE tiles.id IN (SELECT value FROM json_each(?)) GROUP BY tiles.id",
                (json.dumps(list(ids)),),
            )
        )
        return counts

    def _with_paths(
        self, rows: Sequence[tuple[str, str, TileState, str | None, int, str, str, str]]
    ) -> dict[str, TileRecord]:
        paths = self.paths_of([row[0] for row in rows])
        return {
            tile_id: TileRecord(
                tile=Tile.model_validate_json(tile),
                paths=paths[tile_id],
                state=state,
                text=RichText.model_validate_json(text) if text else None,
                attempts=attempts,
                error=error,
                raw_answer=raw,
                refusals=tuple(json.loads(refusals)),
            )
            for tile_id, tile, state, text, attempts, error, raw, refusals in rows
        }

    # Words

    def count_words(self) -> int:
        """Count the words of some thousand tiles that a version before left uncounted, in one transaction; returns of
        how many: 0 where all are counted."""
        with self._writing() as db:
            return words.count_slice(db)

    def uncounted(self) -> int:
        """Number of tiles whose words `count_words` has still to count."""
        return words.uncounted(self._db)

    def words(self, asked: Sequence[str]) -> dict[str, int]:
        """Number of tiles whose captions or labels have each of the given words; words of no tile are left out.

        Nothing, here and below, until `count_words` is done.
        """
        return words.counts(self._db, asked)

    def words_between(self, shortest: int, longest: int) -> dict[str, int]:
        """All words of `shortest` to `longest` letters, with the number of tiles that have them."""
        return words.counts_between(self._db, shortest, longest)

    def words_beginning(self, prefix: str, limit: int) -> dict[str, int]:
        """The words that begin so and stand in the most tiles, most first, with their numbers of tiles."""
        return words.counts_beginning(self._db, prefix, limit)

    # Quality: what was refused and why, near-duplicates, verdicts

    def note_refusals(self, tile_id: str, refusals: Sequence[Reason]) -> None:
        """Add the reasons why answers about a tile were refused."""
        if refusals:
            with self._writing() as db:
                quality.add_refusals(db, tile_id, refusals)

    def ids_with_fewer_variants(self, before: float = inf) -> list[str]:
        """Ids of the tiles of which only a part of an answer was good, if they were answered before then (Unix time),
        sorted."""
        return quality.ids_with_fewer_variants(self._db, before)

    def outcomes(self) -> dict[Reason | Repair, Outcome]:
        """What the checks led to over all tiles."""
        return quality.outcomes(self._db)

    def prompts(self) -> dict[str, int]:
        """Number of tiles captioned with each prompt, by id and version."""
        return quality.prompts(self._db)

    def ids_prompted(self, prompt: str) -> list[str]:
        """Ids of all tiles captioned with a prompt (`rsrt@1`), sorted."""
        return quality.ids_prompted(self._db, prompt)

    def release(self, ids: Sequence[str]) -> None:
        """Let quarantined tiles be asked about again: `pending`."""
        with self._writing() as db:
            db.executemany(
                "UPDATE tiles SET state = 'pending' WHERE state = 'quarantined' AND id = ?", [(i,) for i in ids]
            )

    def without_fingerprint(self) -> list[str]:
        """Ids of all tiles whose picture was not fingerprinted yet, sorted."""
        return [row[0] for row in self._db.execute("SELECT id FROM tiles WHERE fingerprint IS NULL ORDER BY id")]

    def set_fingerprints(self, fingerprints: Mapping[str, str]) -> None:
        """Keep the perceptual hashes of tiles, by id; empty for a picture that has none."""
        with self._writing() as db:
            db.executemany(
                "UPDATE tiles SET fingerprint = ? WHERE id = ?", [(value, i) for i, value in fingerprints.items()]
            )

    def fingerprints(self) -> Iterator[tuple[str, str]]:
        """Id and perceptual hash of every tile that has one, by id."""
        yield from self._db.execute("SELECT id, fingerprint FROM tiles WHERE fingerprint != '' ORDER BY id").fetchall()

    def record_verdicts(self, verdicts: Iterable[Verdict]) -> None:
        """Keep verdicts; a reviewer's later one on a tile replaces the earlier."""
        with self._writing() as db:
            quality.put_verdicts(db, verdicts)

    def verdicts(self) -> list[Verdict]:
        """All verdicts, by tile and reviewer."""
        return quality.verdicts(self._db)
