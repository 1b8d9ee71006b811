"""A hit as one flat row: what tables, spreadsheets and GIS attribute tables can hold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from trsllava.records import CaptionField, Hit, Nearby, Part

BRANCHES: tuple[Part, ...] = ("dense", "bm25", "image", "by_image", "by_text", "without", "rerank")
"""In the order in which formats list them."""

FIELD_NAMES: dict[CaptionField, str] = {"one_sentence": "sentence", "feature": "features", "caption": "caption"}
"""The fields of a caption, for people."""

SIDES = ("west", "south", "east", "north")

_ABOUT = (
    "rank",
    "score",
    "relevance",
    "id",
    "path",
    "labels",
    "acquired",
    "near",
    "merged",
    "match_variant",
    "match_field",
    "match_text",
)

Cell = str | int | float | None


def branches_of(hits: Iterable[Hit]) -> list[Part]:
    """The branches that scored at least one of the hits."""
    seen = {branch for hit in hits for branch in hit.branches}
    return [branch for branch in BRANCHES if branch in seen]


def columns(branches: Iterable[Part]) -> list[str]:
    """The names of a flat row's cells, in order."""
    scores = [f"{branch}_{value}" for branch in branches for value in ("score", "rank", "share")]
    return [*_ABOUT, *scores, *SIDES]


def flat_row(rank: int, hit: Hit, branches: Iterable[Part]) -> dict[str, Cell]:
    """The values of `columns` by name, None where a hit has no such value.

    Several paths are joined by `|`, labels by `;`. A hit that no branch scored was chosen, not found: it has no score.
    """
    box = hit.tile.footprint
    row: dict[str, Cell] = {
        "rank": rank,
        "score": hit.score if hit.branches else None,
        "relevance": hit.relevance,
        "id": str(hit.tile.id),
        "path": "|".join(hit.paths),
        "labels": ";".join(hit.labels),
        "acquired": timestamp(hit.tile.acquired),
        "near": near_words(hit.near) if hit.near else None,
        "merged": hit.merged,
        "match_variant": hit.why.variant,
        "match_field": hit.why.field,
        "match_text": hit.why.text,
    }
    for branch in branches:
        said = hit.branches.get(branch)
        row[f"{branch}_score"] = said.score if said else None
        row[f"{branch}_rank"] = said.rank if said else None
        row[f"{branch}_share"] = said.share if said else None
    for side in SIDES:
        row[side] = getattr(box, side) if box else None
    return row


def timestamp(time: datetime | None) -> str | None:
    """ISO 8601, `2024-05-17T10:31:05Z` where it is UTC."""
    return time.isoformat().replace("+00:00", "Z") if time else None


def near_words(near: Nearby) -> str:
    """`12 km from Rotterdam, NL`."""
    return f"{near.km:.0f} km from {near.name}, {near.country}"
