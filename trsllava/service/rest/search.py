"""`/v1/search`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from trsllava.service.access import Reads
from trsllava.service.models import Body, SearchAnswer, answer_of
from trsllava.service.problems import described
from trsllava.service.state import Service, ServiceOf

router = APIRouter(tags=["search"], dependencies=[Reads])


class SearchBody(Body):
    """A search."""

    text: str = Field(default="", description="What to look for.", examples=["harbor with cranes"])
    k: int = Field(default=10, ge=1, le=10_000, description="Number of hits.")
    collection: str | None = None


@router.get("/search", responses=described(400, 404))
def search_by_get(given: Annotated[SearchBody, Query()], service: ServiceOf) -> SearchAnswer:
    """Find the items that fit a text."""
    return _searched(given, service)


@router.post("/search", responses=described(400, 404))
def search(given: SearchBody, service: ServiceOf) -> SearchAnswer:
    """Find the items that fit a text."""
    return _searched(given, service)


def _searched(given: SearchBody, service: Service) -> SearchAnswer:
    archive = service.archives.get(given.collection)
    return answer_of(archive.settings.collection, archive.search(given.text, k=given.k))
