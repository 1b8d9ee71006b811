"""Who works on jobs: one thread a collection that has any, so that a collection has one writer and the rest queue."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from filelock import FileLock, Timeout

from trsllava.archive import Archive
from trsllava.captioners.protocol import Captioner
from trsllava.captioners.vllm import VllmCaptioner
from trsllava.errors import BusyError, HomeError, ImageError, TrsllavaError
from trsllava.remote.address import is_address, public
from trsllava.service.jobs import OPEN_STATES, IndexRequest, Job, Jobs, JobState, ReindexRequest
from trsllava.service.problems import Problem
from trsllava.service.settings import ServiceSettings
from trsllava.sources.reach import Reach

_log = logging.getLogger("trsllava.service")
_LEAST_SECONDS = 0.5
"""Between two notes of one stage's progress."""
_BUSY_SECONDS = 1.0
"""A collection that another process writes is tried again after so long."""
_PATIENCE_SECONDS = 10.0
"""So long a shutdown waits for jobs to reach a point where they can stop."""

_TOLD = 20
"""Files that a report names."""


class _Stopped(BaseException):
    """The job is to stop here. Nothing is lost: what a killed run kept, the next one goes on from."""


@dataclass
class _Run:
    job: Job
    stopped: threading.Event = field(default_factory=threading.Event)
    asking: VllmCaptioner | None = None
    """Who is asking a model's server, which may be away for minutes."""

    def stop(self) -> None:
        """Let it stop at its next step; from another thread."""
        self.stopped.set()
        if self.asking is not None:
            self.asking.end(_Stopped())

    def check(self) -> None:
        """Raises _Stopped where it is to stop."""
        if self.stopped.is_set():
            raise _Stopped


class JobQueue:
    """Works on the jobs of a table until it is closed; what it then leaves unfinished, the next one goes on with."""

    def __init__(self, jobs: Jobs, settings: ServiceSettings) -> None:
        self._jobs, self._settings = jobs, settings
        self._lock = threading.Lock()
        self._threads: dict[str, threading.Thread] = {}
        self._runs: dict[str, _Run] = {}
        self._closing = threading.Event()
        self._first = FileLock(settings.home / "jobs.lock", timeout=0, thread_local=False)

    def start(self) -> None:
        """Go on with what was queued, or running when the last service ended."""
        if not self._jobs.exist():
            return
        with self._lock:
            first = self._is_first()
        if first:
            for job in self._jobs.all(states=("running",), limit=-1):
                self._jobs.move(job.id, ("running",), "queued")
        for collection in self._jobs.waiting():
            self._work_on(collection)

    def submit(self, request: IndexRequest | ReindexRequest) -> Job:
        """Queue a job. Raises Problem: 403 for what lies outside of the roots, 404 for a collection that is not
        served, 429 where too many wait."""
        collection = request.collection or self._settings.collection
        served = self._settings.collections
        if served is not None and collection not in served:
            raise Problem(404, "unknown-collection", f"The collection {collection!r} is not served here.")
        if isinstance(request, IndexRequest):
            source_of(request, self._settings)
            if request.captions is not None:
                below_roots(request.captions, self._settings)
        if len(self._jobs.all(states=OPEN_STATES, limit=self._settings.job_limit)) >= self._settings.job_limit:
            raise Problem(
                429, "too-many-jobs", "Too many jobs are waiting.", "Wait until some are done.", {"Retry-After": "60"}
            )
        job = self._jobs.add(request, collection)
        self._work_on(collection)
        return job

    def cancel(self, job_id: str) -> Job:
        """End a job that is not done: at once where it waits, at its next step where it runs. Raises Problem: 404,
        and 409 for one that has ended."""
        job = self._jobs.get(job_id)
        if not self._jobs.move(job_id, OPEN_STATES, "cancelled"):
            raise Problem(409, "job-ended", f"The job is {job.state} already.")
        with self._lock:
            run = self._runs.get(job_id)
        if run is not None:
            run.stop()
        return self._jobs.get(job_id)

    def resume(self, job_id: str) -> Job:
        """Queue a failed or cancelled job once more; what it did is kept. Raises Problem: 404, and 409 for another."""
        job = self._jobs.get(job_id)
        if not self._jobs.move(job_id, ("failed", "cancelled"), "queued"):
            raise Problem(409, "job-not-ended", f"The job is {job.state}; only a failed or cancelled one is resumed.")
        self._work_on(job.collection)
        return self._jobs.get(job_id)

    def close(self) -> None:
        """Stop what runs at its next step, and park it for the next service."""
        self._closing.set()
        with self._lock:
            runs, threads = list(self._runs.values()), list(self._threads.values())
        for run in runs:
            run.stop()
        deadline = monotonic() + _PATIENCE_SECONDS
        for thread in threads:
            thread.join(max(0.0, deadline - monotonic()))
        self._first.release()

    def _is_first(self) -> bool:
        """True where no other service with this home folder lives that may be running jobs."""
        if not self._first.is_locked:
            try:
                self._first.acquire()
            except (Timeout, OSError):
                return False
        return True

    def _work_on(self, collection: str) -> None:
        with self._lock:
            if collection in self._threads or self._closing.is_set():
                return
            self._is_first()  # from its first job on, a service that starts later knows that this one lives
            # A daemon: a job that waits for a model's server does not keep the process from ending.
            thread = threading.Thread(target=self._work, args=(collection,), name=f"jobs of {collection}", daemon=True)
            self._threads[collection] = thread
            thread.start()

    def _work(self, collection: str) -> None:
        while not self._closing.is_set():
            try:
                run = self._next(collection)
            except HomeError:  # a full disk, say: nothing is lost, and the collection must not go without its thread
                self._closing.wait(_BUSY_SECONDS)
                continue
            if run is None:
                return
            try:
                self._settle(run)
            finally:
                with self._lock:
                    del self._runs[run.job.id]

    def _next(self, collection: str) -> _Run | None:
        """The collection's next job, running from now on; None where there is none, and this thread ends."""
        with self._lock:  # nobody queues between the last look and the end of the thread
            job = self._jobs.begin_next(collection)
            if job is None:
                del self._threads[collection]
                return None
            run = self._runs[job.id] = _Run(job)
            return run

    def _settle(self, run: _Run) -> None:
        """Run a job and note how it ended. One that was cancelled meanwhile stays so."""
        try:
            report = self._run(run)
        except _Stopped:
            self._note(run, "queued")
        except TrsllavaError as error:
            self._note(run, "failed", error=str(error))
        except Exception:
            _log.exception("job failed", extra={"told": {"job": run.job.id}})
            self._note(run, "failed", error="Something went wrong. The server's log tells more.")
        else:
            self._note(run, "done", report=report)

    def _note(
        self, run: _Run, state: JobState, *, report: dict[str, Any] | None = None, error: str | None = None
    ) -> None:
        """Note how a job ended, as soon as that can be written; where the service ends before, the next one goes on
        with the job."""
        while True:
            try:
                self._jobs.move(run.job.id, ("running",), state, report=report, error=error)
            except HomeError:
                if self._closing.wait(_BUSY_SECONDS):
                    return
            else:
                return

    def _run(self, run: _Run) -> dict[str, Any]:
        while True:
            run.check()
            try:
                # An archive of its own, as another process would have: queries go on beside it.
                with Archive(self._settings.of_collection(run.job.collection)) as archive:
                    return self._done(archive, run)
            except BusyError:
                run.stopped.wait(_BUSY_SECONDS)

    def _done(self, archive: Archive, run: _Run) -> dict[str, Any]:
        request, progress = run.job.request, _Progress(self._jobs, run)
        if isinstance(request, ReindexRequest):
            rebuilt = archive.reindex(progress=progress)
            return {"stored": rebuilt.stored, "unseen": len(rebuilt.unseen)}
        report = archive.index(
            source_of(request, self._settings),
            stac_query=request.stac_query,
            captions=request.captions and below_roots(request.captions, self._settings),
            captioner=self._captioner(archive, run),
            prune=request.prune,
            confirmed=request.confirmed,
            recaption_stale=request.recaption_stale,
            recaption_fewer=request.recaption_fewer,
            dedupe=request.dedupe,
            within=self._settings.roots,
            addresses=self._settings.sources,
            progress=progress,
        )
        return {
            "complete": report.complete,
            "captioned": report.captioned,
            "stored": report.stored,
            "quarantined": report.quarantined,
            "waiting": report.without_caption,
            "unreadable": len(report.files.unreadable),
            "unreadable_files": dict(sorted(report.files.unreadable.items())[:_TOLD]),
            "pruned": report.pruned,
        }

    def _captioner(self, archive: Archive, run: _Run) -> Captioner | None:
        """The captioner that an index job names."""
        from trsllava.captioners.named import load_captioner

        assert isinstance(run.job.request, IndexRequest)
        if run.job.request.captioner is None:
            return None
        captioner = load_captioner(run.job.request.captioner, archive.settings)
        if isinstance(captioner, VllmCaptioner):
            run.asking = captioner
            run.check()  # it may have been stopped before there was anybody to tell
        return captioner


class _Progress:
    """Notes a job's progress now and then, and stops it where it is to stop."""

    def __init__(self, jobs: Jobs, run: _Run) -> None:
        self._jobs, self._run = jobs, run
        self._noted: dict[str, float] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        if not (stage == "caption" and self._run.asking):  # which ends once all that is answered is kept
            self._run.check()
        now = monotonic()
        if stage not in self._noted or done == total or now - self._noted[stage] >= _LEAST_SECONDS:
            self._noted[stage] = now
            self._jobs.advance(self._run.job.id, stage, done, total)


def source_of(request: IndexRequest, settings: ServiceSettings) -> Path | str:
    """What a job is to index. Raises Problem: 403 for what jobs may not read, 404 where nothing is at a path."""
    if not is_address(request.folder):
        return below_roots(request.folder, settings)
    if public(request.folder) != request.folder:
        raise Problem(
            403, "credentials-in-address", "A job is written down; its address must not hold credentials.",
            "The server takes them from its environment and ~/.netrc.",
        )  # fmt: skip
    try:
        Reach(addresses=settings.sources).check(request.folder)
    except ImageError as error:
        raise Problem(
            403, "outside-sources", "This address lies outside of those that the service may read.",
            "Give one below an address that it was started with.",
        ) from error  # fmt: skip
    return request.folder


def below_roots(path: str, settings: ServiceSettings) -> Path:
    """A path with its links resolved. Raises Problem: 403 where it lies outside of all roots, 404 where nothing is."""
    try:
        found = Path(path).resolve()
        if Path(path).is_absolute() and any(found.is_relative_to(root) for root in settings.roots):
            if not found.exists():
                raise Problem(404, "no-such-path", "There is nothing at this path.")
            return found
    except (OSError, ValueError):  # a loop of links, a null character, a name that is too long
        pass
    raise Problem(
        403, "outside-roots", "This path lies outside of the folders that the service may index.",
        "Give an absolute path below one that it was started with.",
    )  # fmt: skip
