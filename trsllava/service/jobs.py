"""The table of jobs: what was asked for, how far it is, and what happened on the way. It outlives the service."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from trsllava.config import COLLECTION_PATTERN
from trsllava.service.problems import Problem
from trsllava.service.tables import Tables

JobState = Literal["queued", "running", "done", "failed", "cancelled"]
OPEN_STATES: tuple[JobState, ...] = ("queued", "running")
_KEPT_JOBS = 1000
"""Of those that have ended; older ones are forgotten."""
_KEPT_EVENTS = 1000
"""Of a job; older ones are forgotten."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, collection TEXT NOT NULL, request TEXT NOT NULL, state TEXT NOT NULL,
    created TEXT NOT NULL, started TEXT, ended TEXT,
    stage TEXT NOT NULL DEFAULT '', done INTEGER NOT NULL DEFAULT 0, total INTEGER NOT NULL DEFAULT 0,
    report TEXT, error TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS jobs_by_collection ON jobs (collection, state);
CREATE TABLE IF NOT EXISTS events (
    job TEXT NOT NULL REFERENCES jobs (id), number INTEGER NOT NULL, event TEXT NOT NULL, data TEXT NOT NULL,
    PRIMARY KEY (job, number)
) STRICT, WITHOUT ROWID;
"""
_Collection = Annotated[str | None, Field(pattern=COLLECTION_PATTERN, description="Left out: the server's default.")]


class IndexRequest(BaseModel):
    """Bring a collection up to date with a folder, or with the scenes of a STAC document."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["index"]
    folder: str = Field(
        min_length=1,
        max_length=4096,
        description="An absolute path below one of the server's roots: a folder, an image, "
        "a STAC document or GeoParquet of items; or an address of these below one of its sources.",
    )
    stac_query: str | None = Field(
        default=None,
        min_length=1,
        max_length=4096,
        description="`folder` is the address of a STAC API: what this search finds there is indexed.",
    )
    collection: _Collection = None
    captions: str | None = Field(
        default=None, max_length=4096, description="A caption file below one of the roots, in place of a captioner."
    )
    captioner: Literal["nano", "vllm"] | None = Field(
        default=None, description="vllm: the model server that the service was given. Left out: nano."
    )
    prune: bool = Field(default=False, description="Remove what vanished from the folder.")
    confirmed: bool = Field(default=False, description="With prune: even where the folder looks unmounted.")
    recaption_stale: bool = Field(default=False, description="Ask anew about tiles of an earlier prompt.")
    recaption_fewer: bool = Field(default=False, description="Ask anew about tiles that got fewer variants.")
    dedupe: bool = Field(default=False, description="Caption one tile of each group of near-duplicates.")


class ReindexRequest(BaseModel):
    """Encode all captions of a collection anew; queries are answered as before until it is done."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["reindex"]
    collection: _Collection = None


JobRequest = Annotated[IndexRequest | ReindexRequest, Field(discriminator="kind")]
_REQUEST: TypeAdapter[IndexRequest | ReindexRequest] = TypeAdapter(JobRequest)


class Job(BaseModel):
    """A job, and how far it is."""

    model_config = ConfigDict(frozen=True)

    id: str
    collection: str
    request: JobRequest
    state: JobState
    created: datetime
    started: datetime | None
    ended: datetime | None
    stage: str = Field(description="What is being done: discover, caption, store, …")
    done: int = Field(description="How much of the stage is done.")
    total: int = Field(description="How much there is; 0: not known.")
    report: dict[str, Any] | None = Field(description="What the job did.")
    error: str | None = Field(description="Why it failed.")


class JobEvent(BaseModel):
    """Something that happened to a job. Numbers of one job rise by one."""

    model_config = ConfigDict(frozen=True)

    number: int
    event: Literal["state", "progress"]
    data: dict[str, Any]


class Jobs:
    """The jobs of a home folder, in one SQLite file. Thread-safe. Raises HomeError where it cannot be read or
    written."""

    def __init__(self, home: Path) -> None:
        self._tables = Tables(home / "jobs.sqlite", _SCHEMA, "jobs")

    def close(self) -> None:
        """Close the file."""
        self._tables.close()

    def exist(self) -> bool:
        """True where the home folder has ever had a job. A service that only answers queries writes nothing."""
        return self._tables.exist()

    def add(self, request: IndexRequest | ReindexRequest, collection: str) -> Job:
        """A new job, queued behind the collection's others."""
        job_id = uuid.uuid4().hex
        with self._tables.writing() as db:
            db.execute(
                "INSERT INTO jobs (id, collection, request, state, created) VALUES (?, ?, ?, 'queued', ?)",
                (job_id, collection, request.model_dump_json(), _now()),
            )
            self._note(db, job_id, "state", {"state": "queued"})
            self._forget_old(db)
        return self.get(job_id)

    def get(self, job_id: str) -> Job:
        """One job. Raises Problem (404) where there is none."""
        row = None
        if self.exist():
            with self._tables.reading() as db:
                row = db.execute("SELECT * FROM jobs WHERE id = ?", (job_id,)).fetchone()
        if row is None:
            raise Problem(404, "unknown-job", "There is no such job.", "GET /v1/jobs lists them.")
        return _job(row)

    def all(
        self, collection: str | None = None, states: Sequence[JobState] = get_args(JobState), limit: int = 100
    ) -> list[Job]:
        """The newest jobs first, of a collection or of all."""
        if not self.exist():
            return []
        marks = ", ".join("?" * len(states))
        with self._tables.reading() as db:
            rows = db.execute(
                f"SELECT * FROM jobs WHERE state IN ({marks}) AND (collection = ? OR ? IS NULL) "
                "ORDER BY created DESC, rowid DESC LIMIT ?",
                (*states, collection, collection, limit),
            ).fetchall()
        return [_job(row) for row in rows]

    def counts(self) -> dict[JobState, int]:
        """Number of jobs in each state."""
        counts: dict[JobState, int] = dict.fromkeys(get_args(JobState), 0)
        if self.exist():
            with self._tables.reading() as db:
                counts.update(db.execute("SELECT state, count(*) FROM jobs GROUP BY state").fetchall())
        return counts

    def waiting(self) -> list[str]:
        """The collections with queued jobs."""
        with self._tables.reading() as db:
            rows = db.execute("SELECT DISTINCT collection FROM jobs WHERE state = 'queued'").fetchall()
        return [str(row["collection"]) for row in rows]

    def begin_next(self, collection: str) -> Job | None:
        """The collection's oldest queued job, running from now on; None where none is queued."""
        with self._tables.writing() as db:
            row = db.execute(
                "UPDATE jobs SET state = 'running', started = coalesce(started, ?) WHERE id = ("
                "SELECT id FROM jobs WHERE collection = ? AND state = 'queued' ORDER BY created, rowid LIMIT 1"
                ") RETURNING *",
                (_now(), collection),
            ).fetchone()
            if row is None:
                return None
            self._note(db, row["id"], "state", {"state": "running"})
        return _job(row)

    def advance(self, job_id: str, stage: str, done: int, total: int) -> None:
        """Note how far a running job is."""
        with self._tables.writing() as db:
            db.execute("UPDATE jobs SET stage = ?, done = ?, total = ? WHERE id = ?", (stage, done, total, job_id))
            self._note(db, job_id, "progress", {"stage": stage, "done": done, "total": total})

    def move(
        self,
        job_id: str,
        before: Sequence[JobState],
        state: JobState,
        *,
        report: Mapping[str, Any] | None = None,
        error: str | None = None,
    ) -> bool:
        """Give a job another state; False where it was in none of those `before`."""
        marks = ", ".join("?" * len(before))
        ended = None if state in OPEN_STATES else _now()
        with self._tables.writing() as db:
            moved = db.execute(
                f"UPDATE jobs SET state = ?, ended = ?, report = ?, error = ? WHERE id = ? AND state IN ({marks})",
                (state, ended, None if report is None else json.dumps(report), error, job_id, *before),
            ).rowcount
            if moved:
                told = {"state": state, "report": report, "error": error}
                self._note(db, job_id, "state", {name: value for name, value in told.items() if value is not None})
        return bool(moved)

    def events(self, job_id: str, after: int = 0) -> list[JobEvent]:
        """What happened to a job after the event of that number, as far as it is kept."""
        with self._tables.reading() as db:
            rows = db.execute(
                "SELECT number, event, data FROM events WHERE job = ? AND number > ? ORDER BY number", (job_id, after)
            ).fetchall()
        return [JobEvent(number=row["number"], event=row["event"], data=json.loads(row["data"])) for row in rows]

    def _note(self, db: sqlite3.Connection, job_id: str, event: str, data: Mapping[str, Any]) -> None:
        (number,) = db.execute("SELECT coalesce(max(number), 0) + 1 FROM events WHERE job = ?", (job_id,)).fetchone()
        db.execute("INSERT INTO events VALUES (?, ?, ?, ?)", (job_id, number, event, json.dumps(data)))
        db.execute("DELETE FROM events WHERE job = ? AND number <= ?", (job_id, number - _KEPT_EVENTS))

    def _forget_old(self, db: sqlite3.Connection) -> None:
        rows = db.execute(
            "SELECT id FROM jobs WHERE ended IS NOT NULL ORDER BY created DESC, rowid DESC LIMIT -1 OFFSET ?",
            (_KEPT_JOBS,),
        )
        for row in rows.fetchall():
            db.execute("DELETE FROM events WHERE job = ?", (row["id"],))
            db.execute("DELETE FROM jobs WHERE id = ?", (row["id"],))


def _job(row: sqlite3.Row) -> Job:
    fields = dict(row)
    report = fields.pop("report")
    return Job(**fields | {"request": _REQUEST.validate_json(row["request"]), "report": report and json.loads(report)})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
