"""`/v1/jobs`: index and reindex, followed as they go."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Body, Depends, Header, Path, Query, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, Field

from trsllava.config import COLLECTION_PATTERN
from trsllava.service.access import Reads, Writes
from trsllava.service.jobs import OPEN_STATES, IndexRequest, Job, JobState, ReindexRequest
from trsllava.service.problems import described
from trsllava.service.state import ServiceOf

router = APIRouter(tags=["jobs"])

_LOOK_SECONDS = 0.25
"""How often a stream looks for new events."""
_EXAMPLES: dict[str, Any] = {
    "index": {"summary": "Index a folder", "value": {"kind": "index", "folder": "/data/images", "captioner": "nano"}},
    "reindex": {"summary": "Encode captions anew", "value": {"kind": "reindex", "collection": "default"}},
}
JobId = Annotated[
    str, Path(pattern="^[0-9a-f]{32}$", description="A job's id.", examples=["6f1c0f6c2a1b4f0f9d3f6f0a4a8c7e55"])
]


class JobList(BaseModel):
    """Jobs, the newest first."""

    jobs: list[Job]


class JobFilter(BaseModel):
    """Which jobs are listed."""

    model_config = ConfigDict(extra="forbid")

    collection: str | None = Field(
        default=None, pattern=COLLECTION_PATTERN, description="Of this collection alone.", examples=["default"]
    )
    state: JobState | None = Field(default=None, description="In this state alone.")
    limit: int = Field(default=100, ge=1, le=1000, description="The most jobs.")


def job_of(job_id: JobId, service: ServiceOf) -> Job:
    """The job that an address names. Raises Problem (404)."""
    return service.jobs.get(job_id)


async def place(found: Annotated[Job, Depends(job_of)], service: ServiceOf) -> AsyncIterator[Job]:
    """The job that an address names, and a place among the open streams. Raises Problem (404, 429)."""
    with service.streaming():
        yield found


@router.post(
    "/jobs", status_code=202, dependencies=[Writes], responses=described(400, 403, 404, 429), response_model=Job
)
def create(
    request: Annotated[IndexRequest | ReindexRequest, Body(discriminator="kind", openapi_examples=_EXAMPLES)],
    service: ServiceOf,
    response: Response,
) -> Job:
    """Queue a job. A collection has one writer: its jobs run one after the other."""
    job = service.queue.submit(request)
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return job


@router.get("/jobs", dependencies=[Reads], responses=described(400))
def jobs(given: Annotated[JobFilter, Query()], service: ServiceOf) -> JobList:
    """The newest jobs first."""
    states = {} if given.state is None else {"states": (given.state,)}
    return JobList(jobs=service.jobs.all(given.collection, limit=given.limit, **states))


@router.get("/jobs/{job_id}", dependencies=[Reads], responses=described(400, 404))
def job(found: Annotated[Job, Depends(job_of)]) -> Job:
    """A job, and how far it is."""
    return found


@router.get(
    "/jobs/{job_id}/events",
    dependencies=[Reads],
    responses=described(400, 404, 429),
    response_class=EventSourceResponse,
)
async def events(
    found: Annotated[Job, Depends(place)],
    service: ServiceOf,
    last_event_id: Annotated[
        int, Header(ge=0, le=2**53, description="The number of the last event that was seen.")
    ] = 0,
) -> AsyncIterator[ServerSentEvent]:
    """What happens to a job, as server-sent events, until it ends. A client that comes back with `Last-Event-ID` goes
    on where it was; the last 1,000 events of a job are kept."""
    seen = last_event_id
    while True:
        # The state first: what is noted before a job ends is then among the events.
        state = (await anyio.to_thread.run_sync(service.jobs.get, found.id)).state
        for event in await anyio.to_thread.run_sync(service.jobs.events, found.id, seen):
            seen = event.number
            yield ServerSentEvent(id=str(event.number), event=event.event, data=event.data)
        if state not in OPEN_STATES or service.closing:
            return
        await anyio.sleep(_LOOK_SECONDS)


@router.post("/jobs/{job_id}/cancel", dependencies=[Writes], responses=described(400, 404, 409))
def cancel(found: Annotated[Job, Depends(job_of)], service: ServiceOf) -> Job:
    """End a job; what it did so far is kept."""
    return service.queue.cancel(found.id)


@router.post("/jobs/{job_id}/resume", dependencies=[Writes], responses=described(400, 404, 409))
def resume(found: Annotated[Job, Depends(job_of)], service: ServiceOf) -> Job:
    """Queue a failed or cancelled job once more; it goes on where it was."""
    return service.queue.resume(found.id)
