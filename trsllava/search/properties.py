"""Conditions on the properties of scenes, and how tiles divide by them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from rapidfuzz import process

from trsllava.errors import InputError, Parameter
from trsllava.ledger.ledger import Ledger
from trsllava.ledger.properties import CAPTIONED_BY, PropertyRange
from trsllava.records import Comparison, Filters, PropertyCondition
from trsllava.store.protocol import VectorStore

_NAMES = 24
_VALUES = 50
"""A property of more distinct texts (an id, a grid square) divides tiles into too many parts to be looked through."""
_STEPS = 10


def check_properties(filters: Filters, ledger: Ledger) -> None:
    """Raises InputError for a condition on a property that no tile has, with the nearest that there is."""
    if not filters.properties:
        return
    known = ledger.properties()
    for condition in filters.properties:
        if condition.name in known:
            continue
        if not known.keys() - {CAPTIONED_BY}:
            raise InputError(
                Parameter("properties"),
                f" {condition}: nothing is known of the scenes of this collection but labels and sources; properties "
                "come with STAC items.",
            )
        near = [name for name, _, _ in process.extract(condition.name, list(known), limit=5)]
        raise InputError(
            Parameter("properties"),
            f" {condition}: no scene has the property {condition.name!r}. There are {', '.join(near)}.",
        )


def property_counts(store: VectorStore, ledger: Ledger, filters: Filters) -> dict[str, dict[str, int]]:
    """How the tiles that pass divide by each property: by value, and by range of numbers. Empty parts are left out."""
    found: dict[str, dict[str, int]] = {}
    for name, told in list(ledger.properties().items())[:_NAMES]:
        counts = _by_value(store, ledger, filters, name) if 0 < told.texts <= _VALUES else {}
        counts |= _by_range(store, filters, name, told)
        if counts:
            found[name] = counts
    return found


def _by_value(store: VectorStore, ledger: Ledger, filters: Filters, name: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    seen: set[str] = set()
    for value in ledger.property_values(name, _VALUES):
        if value.casefold() not in seen and (count := store.count(_with(filters, name, ("=", value)))):
            counts[value] = count
        seen.add(value.casefold())
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _by_range(store: VectorStore, filters: Filters, name: str, told: PropertyRange) -> dict[str, int]:
    if told.least is None or told.greatest is None:
        return {}
    if told.least == told.greatest:
        count = store.count(_with(filters, name, ("=", _written(told.least))))
        return {_written(told.least): count} if count else {}
    counts: dict[str, int] = {}
    ends = list(steps(told.least, told.greatest))
    for lower, upper in pairwise(ends):
        below: Comparison = "<=" if upper == ends[-1] else "<"
        count = store.count(_with(filters, name, (">=", _written(lower)), (below, _written(upper))))
        if count:
            counts[f"{_written(lower)}..{_written(upper)}"] = count
    return counts


def steps(least: float, greatest: float) -> Iterator[float]:
    """Round numbers from one at or below `least` to one at or above `greatest`, at most eleven or so."""
    rough = (greatest - least) / _STEPS
    scale = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * scale for factor in (1, 2, 5, 10) if factor * scale >= rough * 0.999)
    first, last = math.floor(least / step), math.ceil(greatest / step)
    for number in range(first, last + 1):
        yield number * step


def _with(filters: Filters, name: str, *conditions: tuple[Comparison, str]) -> Filters:
    added = (PropertyCondition(name=name, comparison=comparison, value=value) for comparison, value in conditions)
    return filters.model_copy(update={"properties": (*filters.properties, *added)})


def _written(number: float) -> str:
    return f"{number:.12g}"
