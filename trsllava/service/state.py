"""What all requests share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from trsllava.service.admission import Admission
from trsllava.service.archives import Archives
from trsllava.service.dialogues import Dialogues
from trsllava.service.job_queue import JobQueue
from trsllava.service.jobs import Jobs
from trsllava.service.keys import Keys
from trsllava.service.metrics import Metrics
from trsllava.service.pictures import PixelBudget
from trsllava.service.problems import Problem
from trsllava.service.settings import ServiceSettings


@dataclass
class Service:
    """A running service: `app.state.service`."""

    settings: ServiceSettings
    metrics: Metrics
    archives: Archives
    keys: Keys
    dialogues: Dialogues
    jobs: Jobs
    queue: JobQueue
    admission: Admission
    pixels: PixelBudget
    streams: int = 0
    """Streams of events that are open."""
    closing: bool = False
    """True from when it is told to end: streams of events end then."""

    @classmethod
    def of(cls, settings: ServiceSettings) -> Service:
        """A service with nothing open yet."""
        metrics = Metrics()
        admission = Admission(
            workers=settings.workers, queue=settings.queue, seconds=settings.request_seconds, metrics=metrics
        )
        jobs = Jobs(settings.home)
        return cls(
            settings=settings,
            metrics=metrics,
            archives=Archives(settings, metrics),
            keys=Keys(settings.home),
            dialogues=Dialogues(settings.home, most=settings.dialogue_limit, hours=settings.dialogue_hours),
            jobs=jobs,
            queue=JobQueue(jobs, settings),
            admission=admission,
            pixels=PixelBudget(settings.pixel_limit),
        )

    @contextmanager
    def streaming(self) -> Iterator[None]:
        """A place among the open streams. Raises Problem (429) where all are taken."""
        if self.streams >= self.settings.stream_limit:
            raise Problem(
                429, "too-many-streams", "Too many streams are open.", "Ask again in a moment.", {"Retry-After": "5"}
            )
        self.streams += 1
        try:
            yield
        finally:
            self.streams -= 1

    def close(self) -> None:
        """Let requests end, park jobs, and let go of files and connections."""
        self.queue.close()
        self.admission.close()
        self.archives.close()
        self.jobs.close()
        self.dialogues.close()


def service_of(request: Request) -> Service:
    """The service that a request came to."""
    service = request.app.state.service
    assert isinstance(service, Service)
    return service


ServiceOf = Annotated[Service, Depends(service_of)]
