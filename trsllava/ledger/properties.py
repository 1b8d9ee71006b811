"""Properties of scenes, and who captioned them: which there are, and what values they have."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

_RANGES = """
    SELECT key, count(DISTINCT CASE type WHEN 'text' THEN value END),
           min(CASE WHEN type != 'text' THEN value END), max(CASE WHEN type != 'text' THEN value END)
    FROM tiles, json_each(tile, '$.properties')
    WHERE text IS NOT NULL AND type IN ('text', 'integer', 'real') GROUP BY key ORDER BY key
"""
_VALUES = """
    SELECT value FROM tiles, json_each(tile, '$.properties')
    WHERE text IS NOT NULL AND key = ? AND type = 'text' GROUP BY value ORDER BY count(*) DESC, value LIMIT ?
"""
CAPTIONED_BY = "captioned_by"
"""The model that wrote a tile's captions, as a property beside those of its scene."""
_MODELS = """
    SELECT text ->> 'model' AS model FROM tiles WHERE text IS NOT NULL AND text ->> 'model' != ''
    GROUP BY model ORDER BY count(*) DESC, model LIMIT ?
"""
_MANY = 1000
"""Models: a property of so many values is none to choose from."""


@dataclass(frozen=True)
class PropertyRange:
    """What values a property has over all captioned tiles."""

    texts: int
    """Distinct ones."""
    least: float | None
    """Of its numbers; None where it has none."""
    greatest: float | None


def ranges(db: sqlite3.Connection) -> dict[str, PropertyRange]:
    """All properties by name."""
    models = len(values(db, CAPTIONED_BY, _MANY))
    written = {CAPTIONED_BY: PropertyRange(models, None, None)} if models else {}
    return written | {
        name: PropertyRange(texts, least, greatest) for name, texts, least, greatest in db.execute(_RANGES)
    }


def values(db: sqlite3.Connection, name: str, limit: int) -> list[str]:
    """The texts that a property has most often, the most frequent first."""
    if name == CAPTIONED_BY:
        return [row[0] for row in db.execute(_MODELS, (limit,))]
    return [row[0] for row in db.execute(_VALUES, (name, limit))]
