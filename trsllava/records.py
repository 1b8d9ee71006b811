"""The types everything speaks. Pydantic models, because they cross borders: files, wire, ledger, command line."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]
    FloatArray = NDArray[np.float32]
else:
    Picture = FloatArray = Any
"""A picture is `(h, w, 3)` uint8, RGB. Shapes are checked where they are used: `trsllava --help` must not wait for
numpy."""

Branch = Literal["dense", "bm25", "image"]
"""What a store can be searched by."""
Term = Literal["dense", "bm25", "image", "rerank"]
"""What a fused score adds up from: the branches' terms, and the re-ranker's where one was asked."""
Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]
"""Of a term in the fused score."""
Side = Literal["by_image", "by_text", "without"]
"""What a composed query's score adds up from: likeness to its picture, to what its text wants, and unlikeness to what
the text does not want. A query in words alone has `without` beside its branches."""
Part = Term | Side
"""What a hit's score can be made up of."""
SideBranch = Literal["dense", "image"]
"""What a side of a composed query can be compared with: captions or pictures."""
FusionName = Literal["rrf", "zscore", "cdf"]
Sort = Literal["score", "newest", "oldest"]
"""The order of hits; those without a time come last by time."""
CaptionField = Literal["one_sentence", "feature", "caption"]
TileState = Literal["pending", "captioned", "stored", "quarantined"]
CheckName = Literal[
    "unreadable",
    "boilerplate",
    "figures",
    "schema",
    "empty",
    "length",
    "refusal",
    "repetition",
    "language",
    "compass",
    "directions",
    "variants",
]
"""What a model's answer is checked for (docs/quality.md)."""
Wrapping = Literal["field", "fences", "prose", "syntax", "nesting", "shape", "fewer variants"]
"""What was undone to read a model's answer (docs/quality.md); `fewer variants`: only what was good of it was kept."""
Repair = CheckName | Wrapping
Reason = CheckName | Literal["picture", "server"]
"""Why an answer was no use: a check refused it, the picture cannot be read, or the server failed on it."""


class Record(BaseModel):
    """Base of all records: immutable, and a misspelt field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Footprint(Record):
    """Where a tile lies: a WGS84 bounding box in degrees, and its outline where it is not that box.

    `west > east` means the box crosses the dateline (RFC 7946, section 5.2).
    """

    west: float = Field(ge=-180, le=180)
    south: float = Field(ge=-90, le=90)
    east: float = Field(ge=-180, le=180)
    north: float = Field(ge=-90, le=90)
    polygon: tuple[tuple[float, float], ...] | None = None
    """Closed ring of (longitude, latitude) where the image is rotated; longitudes run on past ±180 at the dateline."""

    @model_validator(mode="after")
    def _south_below_north(self) -> Self:
        if self.south > self.north:
            raise ValueError(f"south ({self.south}) lies above north ({self.north})")
        return self

    @property
    def unwrapped_east(self) -> float:
        """East in degrees, never smaller than west: 360 is added where the box crosses the dateline."""
        return self.east + 360 if self.east < self.west else self.east


class Window(NamedTuple):
    """A rectangle of pixels of the source image."""

    col: int
    row: int
    width: int
    height: int


class Rendering(Record):
    """How pixels of the source become the 8-bit RGB picture that is captioned; part of a tile's identity."""

    bands: tuple[int, ...] | None = None
    """1-based source bands for red, green, blue, or one for grey; None: the file's own RGB or grey."""
    stretch: str = "none"
    """`none` (8-bit samples as they are) or `range:low,high` with one range, or one a channel divided by `|`:
    always numbers, taken from the whole scene, so that its tiles look alike."""
    size: int | None = None
    """Longest side in pixels after resampling; None: as in the source."""

    def key(self) -> str:
        """One line that is equal exactly when two renderings are."""
        bands = "auto" if self.bands is None else ",".join(map(str, self.bands))
        return f"bands={bands};stretch={self.stretch};size={self.size or 'native'}"


class Recipe(Record):
    """How a collection makes tiles of files: chosen at its first run and kept, so that its tiles stay the same."""

    bands: str = "auto"
    """`auto`, one or three 1-based band numbers divided by commas, or the name of a sensor."""
    stretch: str = "auto"
    """`auto` (none for 8-bit samples, else percentile:2,98), `none`, `percentile:a,b` or `range:a,b`."""
    tile: int | None = Field(default=None, ge=0)
    """Images with a longer side are cut to tiles of this side, in pixels; 0: never; None: above 1,024 to 512."""
    overlap: int | None = Field(default=None, ge=0)
    """Pixels that neighbouring tiles share; None: an eighth of a tile's side."""
    nodata_limit: float = Field(default=0.9, ge=0, le=1)
    """Tiles with a larger share of pixels without data are skipped; 1: none is, not even one that shows one value."""

    def key(self) -> str:
        """One line that is equal exactly when two recipes are."""
        return ";".join(f"{name}={value}" for name, value in self.model_dump().items())


@dataclass(frozen=True)
class Asset:
    """A raster file of a scene, and which of its bands are wanted."""

    href: str
    """Absolute path, or an http(s) or s3 URL without credentials."""
    bands: tuple[int, ...] = ()
    """1-based; empty: the reader's own choice."""
    version: str = ""
    """Of a remote file, as its server named it when it was indexed; empty: it names none, or was not asked."""


Comparison = Literal["=", "!=", "<", "<=", ">", ">="]


class PropertyCondition(Record):
    """What a property of a scene must be, as in `cloud_cover<20`; a tile without the property passes `!=` alone."""

    name: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_:.-]{0,99}$")
    comparison: Comparison = "="
    value: str = Field(min_length=1, max_length=200)
    """As it is written; texts are compared whatever their case."""

    @model_validator(mode="after")
    def _numbers_are_ordered(self) -> Self:
        if self.number is None and self.comparison not in ("=", "!="):
            raise ValueError(f"{self.name}{self.comparison} needs a number, not {self.value!r}")
        return self

    @property
    def number(self) -> float | None:
        """The value as a finite number; None where it is none."""
        try:
            number = float(self.value)
        except ValueError:
            return None
        return number if abs(number) < float("inf") else None  # nan is not

    def __str__(self) -> str:
        return f"{self.name}{self.comparison}{self.value}"


class Tile(Record):
    """One picture of the archive: a whole image, or a window of a large scene."""

    id: uuid.UUID
    sha256: str
    """Of the source file's content, hexadecimal."""
    window: Window
    rendering: Rendering = Rendering()
    footprint: Footprint | None = None
    north_up: bool = False
    """True where the picture is georeferenced and its rows run from north to south: compass words are then allowed."""
    acquired: datetime | None = None
    """When it was taken; of an interval, its start."""
    acquired_end: datetime | None = None
    """Where an interval ends; None for an instant."""
    assets: tuple[Asset, ...] = ()
    """The files of a scene that is more than the file at its path: a STAC item's, wherever they lie."""
    properties: Mapping[str, str | float] = {}
    """What is said of the scene besides: cloud_cover, platform, gsd, provider …"""


class RichCaption(Record):
    """One variant of a rich text (RSRT's three fields); at least one is filled."""

    one_sentence: str = ""
    feature: tuple[str, ...] = ()
    caption: str = ""

    @field_validator("one_sentence", "caption")
    @classmethod
    def _strip(cls, text: str) -> str:
        return " ".join(text.split())

    @field_validator("feature")
    @classmethod
    def _drop_blank(cls, features: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(text for text in (" ".join(feature.split()) for feature in features) if text)

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not (self.one_sentence or self.feature or self.caption):
            raise ValueError("a caption needs one_sentence, feature or caption")
        return self

    def fields(self) -> dict[CaptionField, str]:
        """The filled fields as texts, features joined by commas."""
        texts: dict[CaptionField, str] = {
            "one_sentence": self.one_sentence,
            "feature": ", ".join(self.feature),
            "caption": self.caption,
        }
        return {name: text for name, text in texts.items() if text}

    def text(self) -> str:
        """All fields as one text: what is embedded (RSRT joins a variant's three texts)."""
        texts = list(self.fields().values())
        return texts[0] if len(texts) == 1 else " ".join(map(_as_sentence, texts))


def _as_sentence(text: str) -> str:
    return text if text[-1] in ".!?" else text + "."


class RichText(Record):
    """What is known of a tile in words: one or more variants, labels, and where they came from."""

    variants: tuple[RichCaption, ...] = Field(min_length=1)
    labels: tuple[str, ...] = ()
    model: str = ""
    prompt: str = ""
    """Prompt id and version, `rsrt@1`; empty for imported captions."""
    created: datetime | None = None
    confidence: float | None = Field(default=None, ge=0, le=1)
    """The captioner's own estimate of the chance that it has named the kind of place; None where it gives none."""
    repairs: tuple[Repair, ...] = ()
    """What was mended in the model's answer: by a check, or to read it at all."""
    copied_from: uuid.UUID | None = None
    """The near-duplicate tile that was captioned in this one's place."""

    def texts(self) -> list[str]:
        """The distinct variant texts, in order."""
        return list(dict.fromkeys(variant.text() for variant in self.variants))

    def digest(self) -> str:
        """Sixteen hexadecimal digits that change when the words or labels do."""
        words = "\n".join([*(variant.model_dump_json() for variant in self.variants), *self.labels])
        return hashlib.sha256(words.encode()).hexdigest()[:16]


class TileRecord(Record):
    """What the ledger knows of one tile."""

    tile: Tile
    paths: tuple[str, ...]
    """Absolute POSIX paths of all files that hold the tile."""
    state: TileState
    text: RichText | None = None
    attempts: int = 0
    error: str = ""
    raw_answer: str = ""
    refusals: tuple[Reason, ...] = ()
    """Why each answer so far was refused, in order; of a quarantined tile the last one is the reason."""


class Verdict(Record):
    """What a person thinks of a tile's rich text."""

    tile_id: str
    reviewer: str = Field(min_length=1)
    verdict: Literal["accept", "reject"]
    text_digest: str
    """Of the rich text that was judged (`RichText.digest`)."""
    note: str = ""


Ring = tuple[tuple[float, float], ...]
"""Corners as (longitude, latitude); longitudes run on past ±180 at the dateline."""


class Area(Record):
    """A part of the Earth of any outline: all that lies within so many kilometres of its rings and lines."""

    boxes: tuple[Footprint, ...]
    """Boxes that hold the area together, and little else: where a store looks before the outline is tested."""
    rings: tuple[Ring, ...] = ()
    """Closed rings; what lies in an even number of them is a hole."""
    lines: tuple[Ring, ...] = ()
    """Lines of two corners and more, and points, which are lines of one."""
    km: float = Field(default=0.0, ge=0)


def _aware(moment: datetime) -> datetime:
    """A time without a zone is UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


class Filters(Record):
    """Conditions that a tile must meet before it is scored; all of them together."""

    bbox: Footprint | None = None
    """Tiles whose footprint meets this box."""
    area: Area | None = Field(default=None, exclude=True)
    """Tiles whose footprint meets this area. Not told in answers: an outline has thousands of corners."""
    start: datetime | None = None
    end: datetime | None = None
    """Tiles acquired at some time in [start, end], UTC where it has no zone; a tile without a time matches no time
    filter."""
    spans: tuple[tuple[datetime, datetime], ...] = ()
    """Tiles acquired at some time in one of these, both ends included."""
    labels: tuple[str, ...] = ()
    """Labels a tile must all have."""
    label_spellings: tuple[tuple[str, ...], ...] = ()
    """Spellings of one label each: of every group a tile must have one."""
    without_labels: tuple[str, ...] = ()
    """Labels a tile must not have."""
    sources: tuple[str, ...] = ()
    """Absolute paths of files or folders; a tile must come from one of them."""
    properties: tuple[PropertyCondition, ...] = ()
    """What properties of its scene must be."""

    @field_validator("start", "end")
    @classmethod
    def _with_zone(cls, moment: datetime | None) -> datetime | None:
        return None if moment is None else _aware(moment)

    @field_validator("spans")
    @classmethod
    def _with_zones(cls, spans: tuple[tuple[datetime, datetime], ...]) -> tuple[tuple[datetime, datetime], ...]:
        return tuple((_aware(start), _aware(end)) for start, end in spans)

    def is_empty(self) -> bool:
        """True where every tile passes."""
        return self == Filters()


class Query(Record):
    """A question to a collection: in words, by a picture that hits should look like, or composed of both."""

    text: str = ""
    unwanted: tuple[str, ...] = ()
    """Things that hits of a query in words should not show; a composed query's text says so itself."""
    exact_words: bool = False
    """True: the text is searched as it stands, as what `Archive.understand` returns may be: nothing in it is
    translated, corrected or left out."""
    places: bool = True
    """False: place names in the text are searched as words."""
    times: bool = True
    """False: times in the text are searched as words."""
    image: Picture | None = None
    caption: RichText | None = None
    """What is known of the picture in words; None: nano describes it where that is needed."""
    weight: float | None = None
    """Of the text in a composed query, 0 (the picture alone) to 1 (the text alone): WEICOM's lambda."""
    pair: tuple[SideBranch, SideBranch] | None = None
    """What a composed query's picture and its text are compared with."""
    edit: bool = False
    """True: the text of a composed query is an instruction to rewrite the picture's caption by."""
    filters: Filters = Filters()
    k: int = Field(default=10, ge=1, le=10_000)
    min_relevance: float = Field(default=0.0, ge=0, le=1)
    """Hits whose chance to be right is known and smaller are left out."""
    min_score: float | None = None
    """Hits with a smaller fused score are left out."""
    diversity: float = Field(default=0.0, ge=0, le=1)
    """0: the best hits; towards 1, hits that are more and more unlike each other (maximal marginal relevance)."""
    sort: Sort = "score"
    """The order in which the k hits come; which ones they are it does not change."""
    all_tiles: bool = False
    """False: overlapping tiles of one scene count as one hit."""
    branches: tuple[Branch, ...] | None = None
    """None: the collection's default."""
    fusion: FusionName | None = None
    weights: dict[Term, Weight] | None = None

    @property
    def composed(self) -> bool:
        """True where a picture and a text ask together."""
        return self.image is not None and bool(self.text.strip())


class Match(Record):
    """The words that made a hit: which variant and which of its fields lies nearest to the query; of a hit that a
    picture found, its first sentence."""

    variant: int
    field: CaptionField
    text: str


class BranchScore(Record):
    """What one branch, the re-ranker or a side of a composed query said of a hit."""

    score: float | None
    """None: it knows nothing of the tile, which then counts as its mean."""
    rank: int | None
    """1-based, among the tiles that were scored; None where this one was not, or shares no word with the query."""
    share: float
    """Its term in the fused score; the terms add up to it."""


class Nearby(Record):
    """The town that a tile's middle lies nearest to; of several within 10 km the largest."""

    name: str
    country: str
    """ISO code of two letters."""
    km: float


class Hit(Record):
    """An answer: a tile, its score, and why."""

    tile: Tile
    paths: tuple[str, ...]
    labels: tuple[str, ...]
    score: float
    relevance: float | None = None
    """The chance that a person calls it right, 0 to 1; None for queries by a picture, by words alone (BM25), and where
    the models are not those that chances were learnt for."""
    branches: dict[Part, BranchScore]
    why: Match
    near: Nearby | None = None
    """None where it is not known where the tile lies."""
    merged: int = 0
    """Tiles of the same scene that overlap this one, were ranked between it and the last hit, and are left out."""
