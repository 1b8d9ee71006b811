"""What requests and answers of the REST interface look like."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from trsllava.records import Hit
from trsllava.search.coverage import Coverage
from trsllava.search.result import SearchResult
from trsllava.search.timings import Timings
from trsllava.search.understood import Understood


class Body(BaseModel):
    """Base of what clients send: a misspelt field is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Links(BaseModel):
    """Where to find more about an item; relative to the service's root."""

    self: str
    thumbnail: str
    render: str
    similar: str


class FoundItem(Hit):
    """A hit, its place in the list, and where to find more about it."""

    rank: int = Field(description="1-based.")
    collection: str
    links: Links


class SearchAnswer(BaseModel):
    """The hits, best first, and what to know about them."""

    collection: str
    hits: list[FoundItem]
    notices: list[str] = Field(description="What to say above the hits.")
    understood: Understood
    coverage: Coverage
    timings: Timings


def links_of(collection: str, tile_id: str) -> Links:
    """Where an item and its pictures are."""
    item, of = f"v1/items/{tile_id}", f"?collection={collection}"
    return Links(
        self=item + of, thumbnail=f"{item}/thumbnail{of}", render=f"{item}/render{of}", similar=f"{item}/similar{of}"
    )


def answer_of(collection: str, result: SearchResult) -> SearchAnswer:
    """A search's result as it is sent."""
    hits = [
        FoundItem(rank=rank, collection=collection, links=links_of(collection, str(hit.tile.id)), **dict(hit))
        for rank, hit in enumerate(result, start=1)
    ]
    return SearchAnswer(
        collection=collection,
        hits=hits,
        notices=result.notices(),
        understood=result.understood,
        coverage=result.coverage,
        timings=result.timings,
    )
