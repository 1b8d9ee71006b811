"""A vague query enriched at three levels from what the collection's likeliest tiles show (DiaRet, section 3.1).

Without a language model: the words are the collection's own, each with the chance that the picture has it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

import numpy as np

from trsllava.dialogue.attributes import AttributeTable, concepts
from trsllava.dialogue.material import Material
from trsllava.dialogue.state import Addition
from trsllava.encoders.protocol import FloatArray
from trsllava.lexicon import Level

LEVELS: tuple[Level, ...] = ("global", "large", "small")
"""Scene, large structures, small details."""


class Enricher(Protocol):
    """Says what the picture probably has besides: rules (`enriched_by_rules`) or a model (`enrichment_llm`)."""

    def __call__(self, query: str, p: FloatArray, material: Material, each: int, /) -> tuple[Addition, ...]:
        """Up to `each` additions a level to a query; `p`: `(n,)` float32 chances of the tiles."""
        ...


def enriched_by_rules(query: str, p: FloatArray, material: Material, each: int) -> tuple[Addition, ...]:
    """As in `Enricher`: from what the likeliest tiles show."""
    return enrich(query, p, material.table, each=each)


def enrich(
    query: str,
    p: FloatArray,
    table: AttributeTable,
    *,
    each: int = 2,
    least: float = 0.5,
    known: Collection[str] = (),
) -> tuple[Addition, ...]:
    """Up to `each` additions a level, the likeliest first, that the query does not name.

    Args:
        query: as it was put.
        p: `(n,)` float32 over the tiles.
        table: what the tiles have.
        each: additions a level at most.
        least: chance below which nothing is added.
        known: attributes that are not to be added, beside those that the query names.
    """
    chances = p @ table.chances
    told = concepts(query) | set(known)
    found: list[Addition] = []
    for level in LEVELS:
        columns = [
            column
            for column in np.argsort(-chances, kind="stable").tolist()
            if table.attributes[column].level == level
            and chances[column] >= least
            and " " not in table.attributes[column].name
            and table.attributes[column].name not in told
        ]
        for column in columns[:each]:
            found.append(Addition(phrase=table.attributes[column].name, level=level, chance=float(chances[column])))
    return tuple(found)
