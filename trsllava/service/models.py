"""What requests of the REST interface say."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from trsllava.config import COLLECTION_PATTERN
from trsllava.records import Branch, Filters, FusionName, Reason, SideBranch, Sort, Term
from trsllava.remote.address import is_address
from trsllava.search.conditions import as_filters, as_weights
from trsllava.service.problems import Problem
from trsllava.service.settings import ServiceSettings

Collection = Annotated[
    str | None,
    Field(
        description="A collection; left out: the server's default.",
        pattern=COLLECTION_PATTERN,
        examples=["default"],
    ),
]
Id = Annotated[str, StringConstraints(pattern="^[0-9a-f-]{1,36}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
Weight = Annotated[float, Field(strict=True, ge=0, le=1000)]
Degrees = Annotated[float, Field(strict=True, ge=-180, le=180)]
Names = Annotated[tuple[Name, ...], Field(max_length=64)]
Format = Literal["json", "geojson", "csv"]


class Body(BaseModel):
    """Base of what clients send: a misspelt field is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


_BOX = r"^-?\d{1,3}(\.\d{1,20})?(,-?\d{1,3}(\.\d{1,20})?){3}$"
_WEIGHTS = r"^(dense|bm25|image|rerank)=\d{1,4}(\.\d{1,9})?(,(dense|bm25|image|rerank)=\d{1,4}(\.\d{1,9})?)*$"
_SWITCHES = ("edit", "all_tiles", "exact_words", "places", "times")
_NUMBERS = ("k", "weight", "min_relevance", "min_score", "diversity", "rerank_top")


class Conditions(Body):
    """Conditions that an item must meet, all of them together."""

    time: str | None = Field(
        default=None,
        max_length=200,
        description="When it was acquired: a time or an interval.",
        examples=["2019-06/2020", "2021-03-01/.."],
    )
    labels: Names = Field(default=(), description="Labels that it has.", examples=[["harbor"]])
    without_labels: Names = Field(default=(), description="Labels that it has not.")
    source: Names = Field(default=(), description="Files or folders that it comes from, absolute; one of them.")
    properties: Names = Field(
        default=(),
        description="What must be said of its scene.",
        examples=[["cloud_cover<20", "platform=sentinel-2a"]],
    )

    def filters(self, settings: ServiceSettings, bbox: object = None) -> Filters:
        """As the library takes them. Raises InputError, and Problem for more names than are allowed."""
        for name in ("labels", "without_labels", "source", "properties"):
            within(len(getattr(self, name)), settings.filter_limit, f"names in {name}")
        if any(not path.startswith("/") or is_address(path) for path in self.source):
            raise Problem(400, "bad-request", "source: must be absolute paths.")
        return as_filters(
            Filters(),
            bbox=bbox,  # type: ignore[arg-type]  # as_filters says what is wrong with it
            time=self.time,
            labels=self.labels or None,
            without_labels=self.without_labels or None,
            source=self.source or None,
            properties=self.properties or None,
        )


class BoxParameter(Conditions):
    """Conditions as they stand in an address."""

    bbox: str | None = Field(
        default=None,
        max_length=200,
        pattern=_BOX,
        description="West, south, east, north in degrees; west > east crosses the dateline.",
        examples=["3.9,51.8,4.6,52.1"],
    )
    collection: Collection = None


class Ranking(Conditions):
    """How hits are found and ordered."""

    k: int = Field(default=10, ge=1, le=1000, description="Number of hits.")
    weight: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Of the text beside a picture: 0 the picture alone, 1 the text alone.",
        examples=[0.2],
    )
    edit: bool = Field(default=False, description="The text is an instruction to rewrite the picture's caption by.")
    exact_words: bool = Field(
        default=False, description="The text is searched as typed: nothing repaired or excluded."
    )
    places: bool = Field(default=True, description="Place names in the text become a filter.")
    times: bool = Field(default=True, description="Times in the text become a filter.")
    fusion: FusionName | None = None
    all_tiles: bool = Field(default=False, description="Overlapping tiles of one scene count each by itself.")
    min_relevance: float = Field(default=0.0, ge=0, le=1, description="Hits less likely to be right are left out.")
    min_score: float | None = Field(default=None, ge=-1e9, le=1e9, description="Hits that score less are left out.")
    diversity: float = Field(
        default=0.0, ge=0, le=1, description="How much likeness to better hits counts against one."
    )
    sort: Sort = Field(default="score", description="The order in which the hits come.")
    rerank: str | None = Field(
        default=None,
        max_length=200,
        description="An image-text encoder that looks at the best hits again: the collection's own, or one that the "
        "server allows.",
    )
    rerank_top: int | None = Field(default=None, ge=1, le=1000, description="How many of them.")


class SearchParameters(Ranking, BoxParameter):
    """A search as it stands in an address."""

    text: str = Field(default="", max_length=2000, description="What to look for.", examples=["harbor with cranes"])
    item: str | None = Field(default=None, max_length=36, description="An item to look for the like of.")
    branches: tuple[Branch, ...] = Field(default=(), description="What is compared; left out: all there is.")
    weights: str | None = Field(
        default=None,
        max_length=200,
        pattern=_WEIGHTS,
        description="Of the branches and of `rerank`.",
        examples=["dense=1,bm25=0.5"],
    )
    format: Format | None = Field(default=None, description="In place of the Accept header.")

    def body(self) -> SearchBody:
        """The same search as it is posted."""
        told = self.model_dump(exclude={"format", "weights", "branches"}, exclude_unset=True)
        weights = as_weights(self.weights) if self.weights else None
        return SearchBody.model_construct(**told, weights=weights, branches=self.branches or None)


class SearchBody(Ranking):
    """A search by a text, by a picture, or by both together."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"text": "harbor with cranes", "k": 5, "labels": ["harbor"], "bbox": [-180, -60, 180, 75]},
                {"text": "airport without planes", "sort": "newest", "diversity": 0.3},
            ]
        }
    )

    text: str = Field(default="", max_length=2000, description="What to look for.")
    image: str | None = Field(default=None, description="A picture to look for the like of: an image file in base64.")
    item: str | None = Field(default=None, max_length=36, description="An item to look for the like of, in its place.")
    pair: tuple[SideBranch, SideBranch] | None = Field(
        default=None,
        description="What the picture and the text are compared with: captions (dense) or pictures (image).",
    )
    unwanted: Names = Field(default=(), description="Things that hits should not show.")
    bbox: tuple[Degrees, Degrees, Degrees, Degrees] | None = Field(
        default=None, description="West, south, east, north in degrees; west > east crosses the dateline."
    )
    branches: Annotated[tuple[Branch, ...] | None, Field(min_length=1, max_length=3)] = Field(
        default=None, description="What is compared; left out: all there is."
    )
    weights: dict[Term, Weight] | None = Field(default=None, description="Of the branches and of `rerank`.")
    collection: Collection = None

    @model_validator(mode="before")
    @classmethod
    def _not_out_of_text(cls, told: object) -> object:
        """In JSON a number is a number, and `"3"` or `true` is none; in an address everything is text."""
        if isinstance(told, dict):
            for name in _NUMBERS:
                if isinstance(told.get(name), str | bool):
                    raise ValueError(f"{name} must be a number, not {told[name]!r:.60}")
            for name in _SWITCHES:
                if not isinstance(told.get(name, False), bool):
                    raise ValueError(f"{name} must be true or false, not {told[name]!r:.60}")
        return told

    def picture(self) -> bytes | None:
        """The picture's file. Raises Problem (400) for what is no base64."""
        if self.image is None:
            return None
        try:
            return base64.b64decode(self.image, validate=True)
        except (binascii.Error, ValueError):
            raise Problem(400, "bad-picture", "image: must be base64.") from None


class RankingBody(SearchBody):
    """A search all of whose hits are wanted, without their reasons."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "harbor with cranes", "k": 10_000}]})

    k: int = Field(default=1000, ge=1, le=10_000, description="Number of hits.")


class BatchBody(Body):
    """Several searches at once."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"searches": [{"text": "harbor with cranes"}, {"text": "a golf course", "k": 3}]}]
        }
    )

    searches: tuple[SearchBody, ...] = Field(min_length=1, max_length=64)


class SimilarParameters(BoxParameter):
    """How many of an item's like, and which."""

    k: int = Field(default=10, ge=1, le=1000, description="Number of hits.")
    all_tiles: bool = Field(default=False, description="Overlapping tiles of one scene count each by itself.")
    diversity: float = Field(
        default=0.0, ge=0, le=1, description="How much likeness to better hits counts against one."
    )
    sort: Sort = Field(default="score", description="The order in which the hits come.")
    format: Format | None = Field(default=None, description="In place of the Accept header.")


class FacetParameters(BoxParameter):
    """Which items are counted."""

    limit: int = Field(default=100, ge=1, le=1000, description="The most labels.")


class SuggestParameters(Body):
    """What somebody has typed so far."""

    text: str = Field(max_length=1000, description="What was typed.", examples=["harb"])
    limit: int = Field(default=10, ge=1, le=100, description="The most completions.")
    collection: Collection = None


class OfCollection(Body):
    """A collection."""

    collection: Collection = None


class LabelTreeFile(OfCollection):
    """A tree of labels."""

    file: str = Field(
        min_length=1,
        max_length=1_000_000,
        description="The text of a tree's file (YAML); `trsllava labels schema` prints its schema.",
        examples=["format: 1\nname: land\nlabels:\n  water:\n    labels:\n      inland water: {}\n"],
    )


class QuarantineParameters(OfCollection):
    """Which items in quarantine are listed."""

    check: Reason | None = Field(default=None, description="Only what this check refused.", examples=["compass"])
    limit: int = Field(default=100, ge=1, le=1000, description="The most items.")
    after: str = Field(default="", pattern="^[0-9a-f-]{0,36}$", description="The `after` of the page before.")


class RetryBody(Body):
    """Which items are asked about again: some, those that a check refused, or all."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"check": "compass"}, {"all": True}]})

    ids: tuple[Id, ...] = Field(default=(), max_length=1000, description="Ids, or the beginnings of them.")
    check: Reason | None = None
    all: bool = Field(default=False, strict=True)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.ids) + (self.check is not None) + self.all != 1:
            raise ValueError("Name ids, or a check, or all: one of the three")
        return self


class AcceptBody(Body):
    """The text that is taken."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{}, {"answer": "A harbor with cranes.\nShips at a quay."}]}
    )

    answer: str | None = Field(
        default=None,
        max_length=100_000,
        description="In place of the last answer: an object like RSRT's, or sentences, one a line.",
    )


class ThumbnailParameters(OfCollection):
    """How large a thumbnail is."""

    size: int = Field(default=256, ge=16, le=1024, description="Longest side in pixels; never more than the item has.")


class RenderParameters(OfCollection):
    """How a picture is rendered."""

    size: int | None = Field(default=None, ge=16, le=4096, description="Longest side in pixels; left out: as it is.")
    part: str | None = Field(
        default=None,
        pattern=r"^\d{1,7}(,\d{1,7}){3}$",
        description="A rectangle of it: column, row, width and height in the source's pixels, from the item's corner.",
        examples=["0,0,64,64"],
    )
    format: Literal["png", "webp", "jpeg"] | None = Field(default=None, description="In place of the Accept header.")


def within(count: int, limit: int, what: str) -> None:
    """Raises Problem (400) where there are more of something than the server allows."""
    if count > limit:
        raise Problem(400, "limit", f"The server allows {limit:,} {what} at most; here are {count:,}.")
