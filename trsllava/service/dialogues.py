"""The table of dialogues: as each stands, by an id that nobody guesses. It outlives the service."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Row

from trsllava.dialogue.state import Dialogue
from trsllava.service.problems import Problem
from trsllava.service.tables import Tables

_SCHEMA = """
CREATE TABLE IF NOT EXISTS dialogues (
    id TEXT PRIMARY KEY, step INTEGER NOT NULL, touched REAL NOT NULL, dialogue TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS dialogues_by_touched ON dialogues (touched);
"""


@dataclass(frozen=True)
class KeptDialogue:
    """A dialogue as it is kept."""

    id: str
    step: int
    """Rises by one with every change."""
    dialogue: Dialogue


class Dialogues:
    """The dialogues of a home folder, in one SQLite file. Thread-safe. Raises HomeError where it cannot be read or
    written."""

    def __init__(self, home: Path, *, most: int, hours: float) -> None:
        """`most`: that are kept; those left alone longest are forgotten first, and all that were for `hours`."""
        self._tables = Tables(home / "dialogues.sqlite", _SCHEMA, "dialogues")
        self._most, self._seconds = most, hours * 3600

    def close(self) -> None:
        """Close the file."""
        self._tables.close()

    def add(self, dialogue: Dialogue) -> KeptDialogue:
        """Keep a new dialogue."""
        kept = KeptDialogue(uuid.uuid4().hex, 1, dialogue)
        with self._tables.writing() as db:
            values = (kept.id, kept.step, time.time(), dialogue.model_dump_json())
            db.execute("INSERT INTO dialogues (id, step, touched, dialogue) VALUES (?, ?, ?, ?)", values)
            db.execute("DELETE FROM dialogues WHERE touched < ?", (time.time() - self._seconds,))
            db.execute(
                "DELETE FROM dialogues WHERE rowid IN"
                " (SELECT rowid FROM dialogues ORDER BY touched DESC, rowid DESC LIMIT -1 OFFSET ?)",
                (self._most,),
            )
        return kept

    def get(self, dialogue_id: str) -> KeptDialogue:
        """One dialogue. Raises Problem (404) where there is none, or it was forgotten."""
        row = self._row(dialogue_id)
        if row is None:
            raise _unknown()
        return KeptDialogue(dialogue_id, row["step"], Dialogue.model_validate_json(row["dialogue"]))

    def step(self, dialogue_id: str) -> int | None:
        """How often a dialogue has changed; None where there is none, or it was forgotten."""
        row = self._row(dialogue_id)
        return None if row is None else int(row["step"])

    def change(self, kept: KeptDialogue, dialogue: Dialogue) -> KeptDialogue:
        """Put a later dialogue in its place. Raises Problem: 409 where it has changed since it was read, 404 where it
        is gone."""
        values = (time.time(), dialogue.model_dump_json(), kept.id, kept.step)
        with self._tables.writing() as db:
            changed = db.execute(
                "UPDATE dialogues SET step = step + 1, touched = ?, dialogue = ? WHERE id = ? AND step = ?", values
            ).rowcount
        if not changed:
            self.get(kept.id)
            raise moved_on()
        return KeptDialogue(kept.id, kept.step + 1, dialogue)

    def delete(self, dialogue_id: str) -> None:
        """Forget a dialogue. Raises Problem (404) where there is none."""
        if not self._tables.exist():
            raise _unknown()
        with self._tables.writing() as db:
            gone = db.execute("DELETE FROM dialogues WHERE id = ?", (dialogue_id,)).rowcount
        if not gone:
            raise _unknown()

    def _row(self, dialogue_id: str) -> Row | None:
        if not self._tables.exist():  # a service that nobody talks with writes nothing
            return None
        with self._tables.reading() as db:
            row: Row | None = db.execute(
                "SELECT step, dialogue FROM dialogues WHERE id = ? AND touched >= ?",
                (dialogue_id, time.time() - self._seconds),
            ).fetchone()
        return row


def moved_on() -> Problem:
    """What is said to a step that comes too late."""
    return Problem(
        409, "moved-on", "The dialogue has moved on since.", "Read it again, and answer the question that it asks now."
    )


def _unknown() -> Problem:
    return Problem(
        404, "unknown-dialogue", "There is no such dialogue.", "It may have been forgotten: begin a new one."
    )
