"""Tiles that lie over each other, taken at different times: a stack shows one place through the years."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from trsllava.ledger.ledger import Ledger
from trsllava.records import Filters, Footprint, Tile, TileRecord

LEAST_OVERLAP = 0.5
"""Of what two tiles cover together, the share that both cover: less, and they show different places."""


def other_dates(record: TileRecord, ledger: Ledger) -> list[TileRecord]:
    """The captioned tiles of the same ground that were taken at other times, by time."""
    tile = record.tile
    if tile.footprint is None or tile.acquired is None:
        return []
    found = [
        other
        for other in ledger.captioned(Filters(bbox=tile.footprint))
        if other.tile.acquired not in (None, tile.acquired)
        and other.tile.footprint is not None
        and overlap(tile.footprint, other.tile.footprint) >= LEAST_OVERLAP
    ]
    return sorted(found, key=lambda other: (str(other.tile.acquired), str(other.tile.id)))


def pairs(before: Sequence[Tile], after: Iterable[Tile]) -> Iterator[tuple[Tile, Tile]]:
    """Each later tile with the earlier one that covers the same ground best, if any does; of equals the latest."""
    dated = [(tile, tile.footprint, tile.acquired) for tile in before if tile.footprint and tile.acquired]
    wide = max((box.unwrapped_east - box.west for _, box, _ in dated), default=0) or 1e-9
    high = max((box.north - box.south for _, box, _ in dated), default=0) or 1e-9
    columns = max(1, math.floor(360 / wide))
    by_cell: dict[tuple[int, int], list[Tile]] = defaultdict(list)
    for tile, box, _ in dated:
        by_cell[_cell(box, columns, high)].append(tile)
    for tile in after:
        if tile.footprint is None or tile.acquired is None:
            continue
        column, row = _cell(tile.footprint, columns, high)
        beside = {((column + x) % columns, row + y) for x in (-1, 0, 1) for y in (-1, 0, 1)}
        best: tuple[float, str, str] | None = None
        chosen: Tile | None = None
        for other in (other for cell in beside for other in by_cell.get(cell, ())):
            if other.footprint is None or other.acquired is None or other.acquired >= tile.acquired:
                continue
            rank = (overlap(tile.footprint, other.footprint), other.acquired.isoformat(), str(other.id))
            if rank[0] >= LEAST_OVERLAP and (best is None or rank > best):
                best, chosen = rank, other
        if chosen is not None:
            yield chosen, tile


def overlap(one: Footprint, other: Footprint) -> float:
    """Intersection over union of two boxes, 0 to 1, in degrees."""
    turn = min((-360.0, 0.0, 360.0), key=lambda turn: abs(_middle(one) - _middle(other) - turn))
    wide = min(one.unwrapped_east, other.unwrapped_east + turn) - max(one.west, other.west + turn)
    high = min(one.north, other.north) - max(one.south, other.south)
    if wide <= 0 or high <= 0:
        return 0.0
    return wide * high / (_area(one) + _area(other) - wide * high)


def _cell(box: Footprint, columns: int, high: float) -> tuple[int, int]:
    """Boxes that overlap by half have their middles in the same cell or in neighbours."""
    column = math.floor((_middle(box) % 360) / 360 * columns) % columns
    return column, math.floor((box.north + box.south) / 2 / high)


def _middle(box: Footprint) -> float:
    return (box.west + box.unwrapped_east) / 2


def _area(box: Footprint) -> float:
    return (box.unwrapped_east - box.west) * (box.north - box.south)
