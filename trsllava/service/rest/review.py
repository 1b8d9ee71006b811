"""`/v1/review`: people judge a sample of the captions."""

from __future__ import annotations

from functools import partial
from itertools import combinations
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from eval.metrics.agreement import agreement, by_reviewer, share_of
from indexer.review import drawn_ids
from trsllava.records import RichText, Verdict
from trsllava.service.access import Reads, Writes
from trsllava.service.answers import Links, links_of
from trsllava.service.models import Body, OfCollection
from trsllava.service.problems import described
from trsllava.service.state import Service, ServiceOf

router = APIRouter(tags=["review"])

Reviewer = Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S", examples=["anna"])]


class SampleParameters(OfCollection):
    """Which captions are judged."""

    share: float = Field(default=0.1, gt=0, le=1, description="How much of the collection is drawn.")
    seed: int = Field(default=0, ge=0, le=2**53, description="Another seed draws other items.")
    reviewer: str = Field(default="", max_length=100, description="Whose verdicts stand beside the items.")
    offset: int = Field(default=0, ge=0, le=2**31, description="How many of the drawn items are skipped.")
    limit: int = Field(default=50, ge=1, le=200, description="The most items.")


class SampledItem(BaseModel):
    """A text to judge."""

    id: str
    text: RichText
    text_digest: str = Field(description="Of this text: a verdict names it, so that it is known what was judged.")
    paths: tuple[str, ...]
    verdict: Literal["accept", "reject"] | None = Field(description="The reviewer's, if it is on this text.")
    note: str
    links: Links


class Sample(BaseModel):
    """A part of the items that were drawn, in the order of the draw."""

    collection: str
    drawn: int = Field(description="Items that were drawn in all.")
    judged: int = Field(description="Those of them that the reviewer has judged.")
    items: list[SampledItem]


class GivenVerdict(Body):
    """What somebody thinks of an item's text."""

    id: str = Field(pattern="^[0-9a-f-]{36}$")
    verdict: Literal["accept", "reject"]
    text_digest: str = Field(pattern="^[0-9a-f]{1,128}$")
    note: str = Field(default="", max_length=1000, description="What is wrong.")


class VerdictsBody(Body):
    """Verdicts of one reviewer."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "reviewer": "anna",
                    "verdicts": [
                        {
                            "id": "0f6c5a1e-2b0e-5c7d-9a42-1c9f6a1f7a11",
                            "verdict": "reject",
                            "text_digest": "9c1185a5c5e9fc54",
                            "note": "There is no crane.",
                        }
                    ],
                }
            ]
        }
    )

    reviewer: Reviewer
    verdicts: tuple[GivenVerdict, ...] = Field(min_length=1, max_length=1000)


class Kept(BaseModel):
    """How many verdicts were kept."""

    collection: str
    kept: int


class ReviewerShare(BaseModel):
    """What a reviewer accepts."""

    reviewer: str
    judged: int
    accepted: int
    interval: tuple[float, float] = Field(description="Of the share: Wilson's, at 95 %.")


class ReviewerPair(BaseModel):
    """How far two reviewers agree, where both judged."""

    reviewers: tuple[str, str]
    tiles: int
    observed: float
    kappa: float | None = Field(description="Cohen's; null where chance alone would agree on everything.")


class Report(BaseModel):
    """What the verdicts on the captions as they are now say."""

    collection: str
    reviewers: list[ReviewerShare]
    pairs: list[ReviewerPair]


@router.get("/review", dependencies=[Reads], responses=described(400, 404, 429, 503))
async def sample(given: Annotated[SampleParameters, Query()], service: ServiceOf) -> Sample:
    """A sample of the captioned items, to be judged; the same seed draws the same ones."""
    return await service.admission.run(partial(_sample, service, given))


@router.post("/review", dependencies=[Writes], responses=described(400, 404, 409, 413, 429, 503, 507))
async def judge(given: VerdictsBody, where: Annotated[OfCollection, Query()], service: ServiceOf) -> Kept:
    """Keep verdicts; a reviewer's later one on an item replaces the earlier."""
    return await service.admission.run(partial(_judge, service, where.collection, given))


@router.get("/review/report", dependencies=[Reads], responses=described(400, 404, 429, 503))
async def report(given: Annotated[OfCollection, Query()], service: ServiceOf) -> Report:
    """How much each reviewer accepts, and how far reviewers agree."""
    return await service.admission.run(partial(_report, service, given.collection))


def _sample(service: Service, given: SampleParameters) -> Sample:
    archive = service.archives.get(given.collection)
    name = archive.settings.collection
    drawn = drawn_ids(archive.ledger, share=given.share, count=None, seed=given.seed)
    shown = drawn[given.offset : given.offset + given.limit]
    records = archive.ledger.records(shown)  # of a whole archive that was drawn, no more than a page is in memory
    said = {one.tile_id: one for one in archive.verdicts() if one.reviewer == given.reviewer.strip()}
    items = [
        SampledItem(
            id=tile_id,
            text=record.text,
            text_digest=record.text.digest(),
            paths=record.paths,
            verdict=said[tile_id].verdict if tile_id in said else None,
            note=said[tile_id].note if tile_id in said else "",
            links=links_of(name, tile_id, original=service.settings.originals),
        )
        for tile_id in shown
        if (record := records.get(tile_id)) is not None and record.text is not None
    ]
    judged = sum(tile_id in said for tile_id in drawn)
    return Sample(collection=name, drawn=len(drawn), judged=judged, items=items)


def _judge(service: Service, collection: str | None, given: VerdictsBody) -> Kept:
    archive = service.archives.get(collection)
    archive.judge(
        [
            Verdict(
                tile_id=one.id,
                reviewer=given.reviewer.strip(),
                verdict=one.verdict,
                text_digest=one.text_digest,
                note=one.note,
            )
            for one in given.verdicts
        ]
    )
    return Kept(collection=archive.settings.collection, kept=len(given.verdicts))


def _report(service: Service, collection: str | None) -> Report:
    archive = service.archives.get(collection)
    said = by_reviewer(archive.verdicts())
    shares = [share_of(name, of) for name, of in said.items()]
    return Report(
        collection=archive.settings.collection,
        reviewers=[ReviewerShare(**vars(share)) for share in shares],
        pairs=[
            ReviewerPair(reviewers=(a, b), tiles=found.tiles, observed=found.observed, kappa=found.kappa)
            for a, b in combinations(said, 2)
            if (found := agreement(said[a], said[b]))
        ],
    )
