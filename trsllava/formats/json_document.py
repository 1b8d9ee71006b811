"""Hits as one JSON document."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from trsllava.formats.flat import timestamp
from trsllava.raster.geometry import bbox_of
from trsllava.records import Hit
from trsllava.search.coverage import Coverage


def json_document(
    query: str,
    hits: Sequence[Hit],
    searched: str = "",
    notices: Sequence[str] = (),
    coverage: Coverage | None = None,
) -> str:
    """`{"query": …, "searched": …, "notices": […], "coverage": …, "hits": […]}`, best hit first; `searched`, the query
    with its slips repaired, only where it is given. `notices`: sentences about how the query was understood and what
    was not searched. `coverage`: how many tiles can be found (`searchable`), have captions (`captioned`) and have none
    yet (`pending`).

    A hit: `rank`, `score`, `relevance` (its chance to be right, 0 to 1, or null), `id`, `paths`, `labels`, `acquired`
    (ISO 8601 or null; of an interval the start, and then there is `acquired_end`), `window` (col, row, width, height),
    `merged` (overlapping tiles of the same scene that it stands for), `bbox` (west, south, east, north or null),
    `near` (the nearest town: name, country, km; or null), `polygon` (only where the footprint is not its box),
    `branches` (score, rank and share of each) and `why` (variant, field and text that matched best).
    """
    asked = {"query": query, "searched": searched} if searched else {"query": query}
    entries = [_entry(rank, hit) for rank, hit in enumerate(hits, start=1)]
    told: dict[str, Any] = {"notices": list(notices)}
    if coverage:
        told["coverage"] = {
            "searchable": coverage.searchable,
            "captioned": coverage.captioned,
            "pending": coverage.pending,
        }
    return json.dumps({**asked, **told, "hits": entries}, ensure_ascii=False, indent=2)


def _entry(rank: int, hit: Hit) -> dict[str, Any]:
    footprint = hit.tile.footprint
    entry: dict[str, Any] = {
        "rank": rank,
        "score": hit.score,
        "relevance": hit.relevance,
        "id": str(hit.tile.id),
        "paths": list(hit.paths),
        "labels": list(hit.labels),
        "acquired": timestamp(hit.tile.acquired),
        "window": list(hit.tile.window),
        "merged": hit.merged,
        "bbox": bbox_of(footprint) if footprint else None,
        "near": hit.near.model_dump() if hit.near else None,
    }
    if hit.tile.acquired_end:
        entry["acquired_end"] = timestamp(hit.tile.acquired_end)
    if footprint and footprint.polygon:
        entry["polygon"] = footprint.polygon
    entry["branches"] = {branch: said.model_dump() for branch, said in hit.branches.items()}
    entry["why"] = hit.why.model_dump()
    return entry
