"""What all requests share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from trsllava.service.admission import Admission
from trsllava.service.archives import Archives
from trsllava.service.keys import Keys
from trsllava.service.metrics import Metrics
from trsllava.service.settings import ServiceSettings


@dataclass
class Service:
    """A running service: `app.state.service`."""

    settings: ServiceSettings
    metrics: Metrics
    archives: Archives
    keys: Keys
    admission: Admission

    @classmethod
    def of(cls, settings: ServiceSettings) -> Service:
        """A service with nothing open yet."""
        metrics = Metrics()
        admission = Admission(
            workers=settings.workers, queue=settings.queue, seconds=settings.request_seconds, metrics=metrics
        )
        return cls(settings, metrics, Archives(settings, metrics), Keys(settings.home), admission)

    def close(self) -> None:
        """Let what runs end, and let go of files and connections."""
        self.admission.close()
        self.archives.close()


def service_of(request: Request) -> Service:
    """The service that a request came to."""
    service = request.app.state.service
    assert isinstance(service, Service)
    return service


ServiceOf = Annotated[Service, Depends(service_of)]
