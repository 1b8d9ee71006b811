"""What answers of the REST interface look like."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from trsllava.archive import Archive
from trsllava.ledger.extent import Extent
from trsllava.records import CheckName, Hit, Nearby, Part, Reason, Recipe, RichText, TileRecord, TileState
from trsllava.search.coverage import Coverage
from trsllava.search.ranking import RankedTile
from trsllava.search.result import SearchResult
from trsllava.search.timings import Timings
from trsllava.search.understood import Understood
from trsllava.service.problems import ProblemDocument


class Links(BaseModel):
    """Where to find more about an item, from the service's root."""

    self: str
    thumbnail: str
    render: str
    similar: str
    original: str | None = Field(default=None, description="The item's file; only where the server hands it out.")


class FoundItem(Hit):
    """A hit with its reasons (`branches`, `why`), its place in the list, and where to find more about it."""

    rank: int = Field(description="1-based.")
    links: Links


class SearchAnswer(BaseModel):
    """The hits, best first, and what to know about them."""

    collection: str
    hits: list[FoundItem]
    notices: list[str] = Field(description="What to say above the hits.")
    understood: Understood
    coverage: Coverage
    timings: Timings


class RankingAnswer(BaseModel):
    """Hits in their order as columns, each of which has a value a hit."""

    collection: str
    ids: list[str]
    scores: list[float]
    shares: dict[Part, list[float]] = Field(description="What each branch adds to the scores.")
    boxes: list[Annotated[list[float], Field(min_length=4, max_length=4)] | None] = Field(
        description="West, south, east, north in degrees."
    )
    outlines: dict[str, list[Annotated[list[float], Field(min_length=2, max_length=2)]]] = Field(
        description="By id, for items whose footprint is not their box."
    )
    times: list[datetime | None] = Field(description="When they were acquired.")


class BatchAnswer(BaseModel):
    """An answer for each search, in their order; a problem where one could not be answered."""

    answers: list[SearchAnswer | ProblemDocument]


class Item(TileRecord):
    """All that is known of an item: the tile, its files, its captions and where they come from."""

    near: Nearby | None = Field(default=None, description="The nearest town; null where the item lies nowhere.")
    collection: str
    links: Links


class CollectionDocument(BaseModel):
    """A collection, what it holds and what it was made with."""

    id: str = Field(examples=["default"])
    tiles: dict[TileState, int] = Field(examples=[{"pending": 0, "captioned": 0, "stored": 60, "quarantined": 0}])
    coverage: Coverage
    captioned_by: dict[str, int] = Field(description="Number of tiles by model and prompt.")
    encoder: str | None
    image_encoder: str | None
    branches: tuple[str, ...] = Field(description="What it can be searched by.")
    recipe: Recipe | None = Field(description="How its tiles are made.")
    extent: Extent


class Collections(BaseModel):
    """The collections that are served."""

    default: str = Field(description="The one that requests without `collection` mean.")
    collections: list[CollectionDocument]


class FacetCounts(BaseModel):
    """How many of the items that pass the filters there are, by label, folder and time."""

    tiles: int
    labels: dict[str, int]
    sources: dict[str, int]
    times: list[TimeCount]
    extent: Extent = Field(description="Of the whole collection.")
    label_tree: dict[str, int] = Field(
        default_factory=dict,
        description="By label of the collection's tree, each with all labels below it; empty without a tree.",
    )
    properties: dict[str, dict[str, int]] = Field(
        default_factory=dict,
        description="Of each property of the scenes the items by value, or by range of numbers.",
        examples=[{"platform": {"sentinel-2a": 12}, "cloud_cover": {"0..10": 9, "10..20": 3}}],
    )


class TimeCount(BaseModel):
    """Items taken in a day, month, year, decade or century."""

    start: datetime
    end: datetime
    tiles: int


class LineAnswer(BaseModel):
    """What became of a line."""

    line: int = Field(description="1-based.")
    outcome: Literal["taken", "unchanged", "refused"] = Field(description="`unchanged`: the item has this text.")
    image: str = Field(description="What the line names; empty where it cannot be read.")
    tile_id: str | None = Field(description="The item.")
    reason: str = Field(description="Why it was refused.")
    faults: tuple[CheckName, ...] = Field(description="Checks that would have refused it as a model's answer.")


class CaptionsAnswer(BaseModel):
    """What became of captions that were pushed."""

    collection: str
    taken: int
    unchanged: int
    refused: int
    lines: list[LineAnswer]


class LabelTreeAnswer(BaseModel):
    """The tree that a collection looks its labels up in."""

    collection: str
    name: str | None = Field(description="Null: labels stand for themselves.", examples=["overhead"])
    version: str
    labels: int = Field(description="Of all levels.")


class QuarantinedItem(BaseModel):
    """An item whose answers could not be used."""

    id: str
    check: Reason | None = Field(description="What refused the last answer.")
    error: str = Field(description="Why, in words.")
    attempts: int
    raw_answer: str = Field(description="The last answer, as the model gave it.")
    paths: tuple[str, ...]
    links: Links


class Quarantine(BaseModel):
    """Items in quarantine, by id."""

    collection: str
    items: list[QuarantinedItem]
    after: str | None = Field(description="Asks for the next page; null on the last.")


class Released(BaseModel):
    """Items that wait to be asked about again."""

    collection: str
    waiting: int


class Accepted(BaseModel):
    """An item that has left quarantine, and the text that was taken."""

    id: str
    text: RichText
    links: Links


def links_of(collection: str, tile_id: str, *, original: bool) -> Links:
    """Where an item and its pictures are."""
    item, of = f"/v1/items/{tile_id}", f"?collection={collection}"
    return Links(
        self=item + of,
        thumbnail=f"{item}/thumbnail{of}",
        render=f"{item}/render{of}",
        similar=f"{item}/similar{of}",
        original=f"{item}/original{of}" if original else None,
    )


def answer_of(archive: Archive, result: SearchResult, *, originals: bool) -> SearchAnswer:
    """A search's result as it is sent."""
    name = archive.settings.collection
    hits = [
        FoundItem.model_construct(**dict(hit), rank=rank, links=links_of(name, str(hit.tile.id), original=originals))
        for rank, hit in enumerate(result, start=1)
    ]
    return SearchAnswer.model_construct(
        collection=name,
        hits=hits,
        notices=result.notices(),
        understood=result.understood,
        coverage=result.coverage,
        timings=result.timings,
    )


def ranking_of(archive: Archive, tiles: Sequence[RankedTile]) -> RankingAnswer:
    """A ranking in columns."""
    placed = [one.tile.footprint for one in tiles]
    return RankingAnswer.model_construct(
        collection=archive.settings.collection,
        ids=[str(one.tile.id) for one in tiles],
        scores=[one.score for one in tiles],
        shares={part: [one.shares[part] for one in tiles] for part in (tiles[0].shares if tiles else ())},
        boxes=[[one.west, one.south, one.east, one.north] if one else None for one in placed],
        outlines={
            str(one.tile.id): [list(corner) for corner in place.polygon]
            for one, place in zip(tiles, placed, strict=True)
            if place is not None and place.polygon
        },
        times=[one.tile.acquired for one in tiles],
    )


def document_of(archive: Archive) -> CollectionDocument:
    """A collection as it is told of."""
    ledger = archive.ledger
    schema = ledger.schema()
    pictures = bool(schema and schema.image_encoder)
    return CollectionDocument(
        id=archive.settings.collection,
        tiles=ledger.counts(),
        coverage=archive.coverage(),
        captioned_by=ledger.models(),
        encoder=schema.encoder if schema else None,
        image_encoder=(schema.image_encoder or None) if schema else None,
        branches=("dense", "bm25", "image") if pictures else ("dense", "bm25"),
        recipe=ledger.recipe(),
        extent=ledger.extent(),
    )
