"""`/v1/about`: what this server allows and offers."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import APIRouter
from pydantic import BaseModel, Field

from trsllava.service.access import Reads
from trsllava.service.state import ServiceOf

router = APIRouter(tags=["about"], dependencies=[Reads])


class About(BaseModel):
    """What this server allows and offers."""

    version: str = Field(examples=["0.2.0"])
    map_tiles: str = Field(description="Address of map tiles with {z}, {x} and {y}; empty: there are none.")
    map_attribution: str
    originals: bool = Field(description="Files are handed out.")
    roots: list[str] = Field(description="Folders that jobs may index.", examples=[["/data/images"]])
    k_limit: int = Field(description="Hits of one search.")
    ranking_limit: int = Field(description="Hits of one ranking.")
    text_limit: int = Field(description="Characters of a query's text.")
    body_limit: int = Field(description="Bytes of a request's body.")


@router.get("/about")
async def about(service: ServiceOf) -> About:
    """What this server allows and offers: its limits, folders and map tiles."""
    settings = service.settings
    return About(
        version=version("trsllava"),
        map_tiles=settings.map_tiles,
        map_attribution=settings.map_attribution,
        originals=settings.originals,
        roots=[str(root) for root in settings.roots],
        k_limit=settings.k_limit,
        ranking_limit=settings.ranking_limit,
        text_limit=settings.text_limit,
        body_limit=settings.body_limit,
    )
