"""How a collection's tiles divide: by label, by folder, by time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice

from trsllava.labels.tree import LabelTree
from trsllava.ledger.extent import Extent
from trsllava.ledger.ledger import Ledger
from trsllava.records import Filters
from trsllava.search.properties import property_counts
from trsllava.store.protocol import VectorStore

_MOST_BINS = 60
_FOLDERS = 100
_LABELS = 10_000
_INSTANT = timedelta(microseconds=1)
_LAST = datetime.max.replace(tzinfo=UTC)
_YEARS = {"year": 1, "decade": 10, "century": 100}
"""Of the coarser steps of a calendar."""


@dataclass(frozen=True)
class TimeBin:
    """A day, month, year, decade or century, first and last instant, and the number of tiles taken in it."""

    start: datetime
    end: datetime
    tiles: int


@dataclass(frozen=True)
class Facets:
    """Numbers of tiles that pass some filters."""

    tiles: int
    labels: dict[str, int]
    """Most frequent first."""
    sources: dict[str, int]
    """By indexed folder and by folder directly in it."""
    times: list[TimeBin]
    """Without empty ones; a tile that was taken over an interval counts in each that it touches."""
    extent: Extent
    """Of the whole collection."""
    label_tree: dict[str, int] = field(default_factory=dict)
    """By label of the collection's tree, each with all labels below it, in the tree's order; empty without a tree."""
    properties: dict[str, dict[str, int]] = field(default_factory=dict)
    """Of each property the tiles by value, or by range of numbers, `0..10`: the lower end is in it, the upper is not
    except in the last."""


def facets(
    store: VectorStore, ledger: Ledger, filters: Filters, *, limit: int, tree: LabelTree | None = None
) -> Facets:
    """How the tiles that pass `filters` divide; at most `limit` labels."""
    extent = ledger.extent()
    with store.session():
        counted = [(folder, store.count(_within(filters, folder))) for folder in ledger.folders(_FOLDERS)]
        bins = [
            TimeBin(start, end, store.count(_between(filters, start, end)))
            for start, end in calendar(extent.start, extent.end)
        ]
        return Facets(
            tiles=store.count(filters),
            labels=store.facet("labels", filters, limit=limit),
            sources={folder: tiles for folder, tiles in counted if tiles},
            times=[one for one in bins if one.tiles],
            extent=extent,
            label_tree=_by_tree(store, filters, tree) if tree else {},
            properties=property_counts(store, ledger, filters),
        )


def _by_tree(store: VectorStore, filters: Filters, tree: LabelTree) -> dict[str, int]:
    """Numbers of tiles with a label of the tree or one below it."""
    there = store.facet("labels", filters, limit=_LABELS)
    groups: dict[str, list[str]] = {name: [] for name in tree.labels}
    for spelling in there:
        if label := tree.find(spelling):
            for name in label.path:
                groups[name].append(spelling)
    return {name: _count_any(store, filters, tuple(group), there) for name, group in groups.items() if group}


def _count_any(store: VectorStore, filters: Filters, group: tuple[str, ...], there: Mapping[str, int]) -> int:
    if len(group) == 1:
        return there[group[0]]
    return store.count(filters.model_copy(update={"label_spellings": (*filters.label_spellings, group)}))


def calendar(start: datetime | None, end: datetime | None) -> list[tuple[datetime, datetime]]:
    """The days, months, years, decades or centuries from one moment to another: the finest that are at most sixty."""
    if start is None or end is None:
        return []
    for step in ("day", "month", "year", "decade"):
        found = list(islice(_steps(start, end, step), _MOST_BINS + 1))
        if len(found) <= _MOST_BINS:
            return found
    return list(_steps(start, end, "century"))


def _steps(start: datetime, end: datetime, step: str) -> Iterator[tuple[datetime, datetime]]:
    at = start.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if step != "day":
        at = at.replace(day=1)
    if years := _YEARS.get(step):
        at = at.replace(year=max(1, at.year - at.year % years), month=1)
    while at <= end:
        following = _next(at, step)
        yield at, _LAST if following is None else following - _INSTANT
        if following is None:
            return
        at = following


def _next(at: datetime, step: str) -> datetime | None:
    """Where the next step begins; None after the last that there is a date for."""
    try:
        match step:
            case "day":
                return at + timedelta(days=1)
            case "month":
                return at.replace(year=at.year + at.month // 12, month=at.month % 12 + 1)
        years = _YEARS[step]
        return at.replace(year=at.year - at.year % years + years)
    except (ValueError, OverflowError):
        return None


def _between(filters: Filters, start: datetime, end: datetime) -> Filters:
    start = max(start, filters.start) if filters.start else start
    end = min(end, filters.end) if filters.end else end
    return filters.model_copy(update={"start": start, "end": end})


def _within(filters: Filters, folder: str) -> Filters:
    """The tiles that come from a folder, and from one of the filters' sources where there are any."""
    if not filters.sources:
        return filters.model_copy(update={"sources": (folder,)})
    inner = [source for source in filters.sources if _is_in(source, folder)]
    outer = any(_is_in(folder, source) for source in filters.sources)
    return filters.model_copy(update={"sources": (folder,) if outer else tuple(inner) or ("",)})


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
