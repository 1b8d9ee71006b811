"""A page of items: listed by id, or ranked by how well they fit a text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from trsllava.archive import Archive
from trsllava.errors import UnknownCollectionError, UnsearchableError
from trsllava.ledger.listing import passes
from trsllava.records import Filters, Hit, TileRecord
from trsllava.service.stac.parameters import Asked, Start
from trsllava.service.state import Service

RANKED = 200
"""Items that a search in words finds at most: it ranks all there are, and a client pages on while there is a page."""
_DEEPEST = 10_000
"""Hits that are looked through for those with certain ids, or within a geometry."""
_CHUNK = 500


@dataclass(frozen=True)
class Found:
    """An item of a page."""

    collection: str
    record: TileRecord
    hit: Hit | None = None
    """What a search in words says of it."""


@dataclass(frozen=True)
class Page:
    """Some of the items that were asked for."""

    found: Sequence[Found]
    following: Start | None
    """Where the next page begins; None after the last."""
    matched: int | None
    """Items on all pages; None where that was not counted."""


def page_of(service: Service, asked: Asked) -> Page:
    """The page that is asked for. Raises what `Archive.search` raises."""
    names = [name for name in service.archives.names() if asked.collections is None or name in asked.collections]
    return _ranked(service, names, asked) if asked.terms else _listed(service, names, asked)


def hits_of(archive: Archive, terms: Sequence[str], *, filters: Filters, k: int, all_tiles: bool = False) -> list[Hit]:
    """The best tiles for one of several texts: a tile's score is the best of its scores."""
    results = [archive.search(term, k=k, filters=filters, all_tiles=all_tiles) for term in terms]
    if len(results) == 1:
        return list(results[0])
    best: dict[str, Hit] = {}
    for hit in (hit for result in results for hit in result):
        known = best.get(str(hit.tile.id))
        if known is None or hit.score > known.score:
            best[str(hit.tile.id)] = hit
    return sorted(best.values(), key=lambda hit: (-hit.score, str(hit.tile.id)))[:k]


def _ranked(service: Service, names: Sequence[str], asked: Asked) -> Page:
    picked = asked.ids is not None or asked.geometry is not None
    found: list[tuple[str, Hit]] = []
    for name in names:
        archive = service.archives.get(name)
        try:
            hits = hits_of(
                archive, asked.terms, filters=asked.filters, k=_DEEPEST if picked else RANKED, all_tiles=picked
            )
        except (UnknownCollectionError, UnsearchableError):  # nothing of it can be found yet
            continue
        found += [(name, hit) for hit in hits if _wanted(asked, str(hit.tile.id), hit)]
    if len(names) > 1:
        found.sort(key=lambda one: -one[1].score)
    found = found[:RANKED]
    begin, end = asked.start.rank, asked.start.rank + asked.limit
    return Page(
        found=list(_with_records(service, found[begin:end])),
        following=Start(rank=end) if end < len(found) else None,
        matched=len(found),
    )


def _wanted(asked: Asked, tile_id: str, one: Hit | TileRecord) -> bool:
    if asked.ids is not None and tile_id not in asked.ids:
        return False
    return asked.geometry is None or asked.geometry.meets(one.tile)


def _with_records(service: Service, found: Sequence[tuple[str, Hit]]) -> Iterator[Found]:
    records: dict[str, dict[str, TileRecord]] = {}
    for name in dict.fromkeys(name for name, _ in found):
        ids = [str(hit.tile.id) for one, hit in found if one == name]
        records[name] = service.archives.get(name).ledger.records(ids)
    for name, hit in found:
        record = records[name].get(str(hit.tile.id))
        if record is not None:  # else it was removed meanwhile
            yield Found(name, record, hit)


def _listed(service: Service, names: Sequence[str], asked: Asked) -> Page:
    found = list(islice(_tiles(service, names, asked), asked.limit + 1))
    more = len(found) > asked.limit
    found = found[: asked.limit]
    following = Start(found[-1].collection, str(found[-1].record.tile.id)) if more else None
    return Page(found, following, _count(service, names, asked))


def _tiles(service: Service, names: Sequence[str], asked: Asked) -> Iterator[Found]:
    """The tiles that are asked for, from where the page begins, by collection and id."""
    start = asked.start
    for name in names:
        if name < start.collection:
            continue
        after = start.after if name == start.collection else ""
        for record in _records(service.archives.get(name), asked, after):
            if _wanted(asked, str(record.tile.id), record):
                yield Found(name, record)


def _records(archive: Archive, asked: Asked, after: str) -> Iterator[TileRecord]:
    if asked.ids is None:
        chunk = _CHUNK if asked.geometry else min(asked.limit + 1, _CHUNK)
        yield from archive.ledger.captioned(asked.filters, after, chunk=chunk)
        return
    for tile_id, record in sorted(archive.ledger.records(sorted(asked.ids)).items()):
        if tile_id > after and record.text is not None and passes(record.tile, asked.filters):
            yield record


def _count(service: Service, names: Sequence[str], asked: Asked) -> int | None:
    if asked.ids is not None:
        whole = Asked(**{**vars(asked), "start": Start()})
        return sum(1 for _ in _tiles(service, names, whole))
    if asked.geometry is not None:
        return None
    return sum(service.archives.get(name).ledger.count_captioned(asked.filters) for name in names)
