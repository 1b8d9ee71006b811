"""Properties of scenes: which there are, and what values they have."""

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
    return {name: PropertyRange(texts, least, greatest) for name, texts, least, greatest in db.execute(_RANGES)}


def values(db: sqlite3.Connection, name: str, limit: int) -> list[str]:
    """The texts that a property has most often, the most frequent first."""
    return [row[0] for row in db.execute(_VALUES, (name, limit))]
