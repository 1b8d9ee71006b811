"""Tiles that lie over each other, taken at different times: a stack shows one place through the years."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from trsllava.ledger.ledger import Ledger
from trsllava.records import Filters, Footprint, Tile, TileRecord

LEAST_OVERLAP = 0.5
"""Of what two tiles cover together, the share that both cover: less, and they show different places."""

_Size = tuple[int, int]
_Cell = tuple[int, int]


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
    by_size: dict[_Size, dict[_Cell, list[Tile]]] = defaultdict(lambda: defaultdict(list))
    for tile in before:
        if tile.footprint is not None and tile.acquired is not None:
            size = _size(tile.footprint)
            by_size[size][_cell(tile.footprint, size)].append(tile)
    for tile in after:
        if tile.footprint is None or tile.acquired is None:
            continue
        best: tuple[float, str, str] | None = None
        chosen: Tile | None = None
        for other in _near(tile.footprint, by_size):
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


def _near(box: Footprint, by_size: Mapping[_Size, Mapping[_Cell, Sequence[Tile]]]) -> Iterator[Tile]:
    """The tiles that may overlap a box by half: none is more than twice as wide or high, or half as much, and the
    middles lie in the same cell or in neighbours."""
    wide, high = _size(box)
    for size in ((wide + x, high + y) for x in (-1, 0, 1) for y in (-1, 0, 1)):
        if cells := by_size.get(size):
            column, row = _cell(box, size)
            columns = _columns(size)
            beside = {((column + x) % columns, row + y) for x in (-1, 0, 1) for y in (-1, 0, 1)}
            yield from (tile for cell in beside for tile in cells.get(cell, ()))


def _size(box: Footprint) -> _Size:
    """Exponents of the powers of two, in degrees, that a box's width and height are just below."""
    return math.frexp(box.unwrapped_east - box.west)[1], math.frexp(box.north - box.south)[1]


def _columns(size: _Size) -> int:
    """How many cells at least as wide as boxes of a size there are around the Earth."""
    return max(1, math.floor(360 / 2.0 ** size[0]))


def _cell(box: Footprint, size: _Size) -> _Cell:
    """Where a box's middle lies among cells of a size: column and row."""
    columns = _columns(size)
    column = math.floor((_middle(box) % 360) / 360 * columns) % columns
    return column, math.floor((box.north + box.south) / 2 / 2.0 ** size[1])


def _middle(box: Footprint) -> float:
    return (box.west + box.unwrapped_east) / 2


def _area(box: Footprint) -> float:
    return (box.unwrapped_east - box.west) * (box.north - box.south)
