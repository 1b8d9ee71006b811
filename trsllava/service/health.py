"""`/healthz`, `/readyz` and `/metrics`: how the service is, for those who run it."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field

from trsllava.errors import TrsllavaError, UnknownCollectionError, UnsearchableError
from trsllava.service.access import Reads
from trsllava.service.problems import Problem, described
from trsllava.service.state import ServiceOf

_FIGURES = 'trsllava_requests_total{method="GET",route="/v1/search",status="200"} 17.0\n'

router = APIRouter(tags=["operation"])


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"] = Field(default="ok", examples=["ok"])


@router.get("/healthz")
async def healthz() -> Health:
    """Answers while the process lives."""
    return Health()


@router.get("/readyz", responses=described(503))
def readyz(service: ServiceOf) -> Health:
    """Answers where encoders are loaded and every collection that is served can be opened."""
    for name in service.archives.names():
        try:
            service.archives.get(name).warm()
        except (UnknownCollectionError, UnsearchableError):
            continue  # its first index is under way
        except TrsllavaError:
            raise Problem(503, "not-ready", f"Collection {name!r} cannot be opened.") from None
    return Health()


@router.get(
    "/metrics",
    dependencies=[Reads],
    response_class=Response,
    responses={200: {"description": "Figures for Prometheus.", "content": {"text/plain": {"example": _FIGURES}}}},
)
def metrics(service: ServiceOf) -> Response:
    """Figures for Prometheus."""
    for state, count in service.jobs.counts().items():
        service.metrics.jobs.labels(state).set(count)
    return Response(generate_latest(service.metrics.registry), media_type=CONTENT_TYPE_LATEST)
