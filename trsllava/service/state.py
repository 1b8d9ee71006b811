"""What all requests share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from trsllava.service.archives import Archives
from trsllava.service.settings import ServiceSettings


@dataclass
class Service:
    """A running service: `app.state.service`."""

    settings: ServiceSettings
    archives: Archives

    def close(self) -> None:
        """Let go of files and connections."""
        self.archives.close()


def service_of(request: Request) -> Service:
    """The service that a request came to."""
    service = request.app.state.service
    assert isinstance(service, Service)
    return service


ServiceOf = Annotated[Service, Depends(service_of)]
