"""The ledger's part in quality: refusals, prompts, verdicts."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trsllava.records import Reason, Repair, Verdict

_LAST = "json_array_length(refusals) - 1"


@dataclass
class Outcome:
    """What one check led to, in tiles for the first and the last, in answers for the second."""

    repaired: int = 0
    retried: int = 0
    """Refused answers that were asked for again."""
    quarantined: int = 0


def add_refusals(db: sqlite3.Connection, tile_id: str, refusals: Sequence[Reason]) -> None:
    """Append to a tile's refusals."""
    (before,) = db.execute("SELECT refusals FROM tiles WHERE id = ?", (tile_id,)).fetchone()
    db.execute("UPDATE tiles SET refusals = ? WHERE id = ?", (json.dumps([*json.loads(before), *refusals]), tile_id))


def ids_with_fewer_variants(db: sqlite3.Connection, before: float) -> list[str]:
    """Ids of the tiles of which only a part of an answer was good, if they were answered before then (Unix time),
    sorted."""
    rows = db.execute(
        "SELECT tiles.id FROM tiles, json_each(tiles.text, '$.repairs')"
        " WHERE text IS NOT NULL AND value = 'fewer variants' AND ifnull(answered, 0) < ? ORDER BY tiles.id",
        (before,),
    )
    return [row[0] for row in rows]


def outcomes(db: sqlite3.Connection) -> dict[Reason | Repair, Outcome]:
    """What each check led to over all tiles."""
    found: dict[Reason | Repair, Outcome] = defaultdict(Outcome)
    for name, count in db.execute(
        "SELECT value, count(*) FROM tiles, json_each(tiles.text, '$.repairs') WHERE text IS NOT NULL GROUP BY value"
    ):
        found[name].repaired = count
    for name, count in db.execute(
        "SELECT value, count(*) FROM tiles, json_each(refusals)"
        f" WHERE NOT (state = 'quarantined' AND key = {_LAST}) GROUP BY value"
    ):
        found[name].retried = count
    for name, count in db.execute(
        "SELECT refusals ->> '$[#-1]' AS name, count(*) FROM tiles"
        " WHERE state = 'quarantined' AND refusals != '[]' GROUP BY name"
    ):
        found[name].quarantined = count
    return dict(sorted(found.items()))


def prompts(db: sqlite3.Connection) -> dict[str, int]:
    """Number of tiles captioned with each prompt."""
    rows = db.execute(
        "SELECT text ->> 'prompt' AS prompt, count(*) FROM tiles WHERE text IS NOT NULL AND prompt != ''"
        " GROUP BY prompt ORDER BY prompt"
    )
    return dict(rows.fetchall())


def ids_prompted(db: sqlite3.Connection, prompt: str) -> list[str]:
    """Ids of all tiles captioned with a prompt, sorted."""
    rows = db.execute("SELECT id FROM tiles WHERE text IS NOT NULL AND text ->> 'prompt' = ? ORDER BY id", (prompt,))
    return [row[0] for row in rows]


def put_verdicts(db: sqlite3.Connection, verdicts: Iterable[Verdict]) -> None:
    """Insert or replace verdicts."""
    db.executemany(
        "INSERT OR REPLACE INTO verdicts (tile_id, reviewer, verdict, text_digest, note) VALUES (?, ?, ?, ?, ?)",
        [(said.tile_id, said.reviewer, said.verdict, said.text_digest, said.note) for said in verdicts],
    )


def verdicts(db: sqlite3.Connection) -> list[Verdict]:
    """All verdicts, by tile and reviewer."""
    rows = db.execute("SELECT tile_id, reviewer, verdict, text_digest, note FROM verdicts ORDER BY tile_id, reviewer")
    return [
        Verdict(tile_id=tile, reviewer=reviewer, verdict=verdict, text_digest=digest, note=note)
        for tile, reviewer, verdict, digest, note in rows
    ]
