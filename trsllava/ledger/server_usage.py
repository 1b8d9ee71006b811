"""What model servers did for a collection: tokens, latencies and pace, as the ledger's rows tell."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass

from trsllava.completion import NO_USAGE, Usage

_RECENT = 1000
ADD_USAGE = (
    "seconds = seconds + ?, requests = requests + ?, prompt_tokens = prompt_tokens + ?,"
    " cached_tokens = cached_tokens + ?, completion_tokens = completion_tokens + ?, answered = coalesce(?, answered)"
)
"""SQL that books a usage on a tile, with the values of `usage_values`."""


@dataclass(frozen=True)
class ServerUsage:
    """What model servers did for a number of tiles."""

    usage: Usage = NO_USAGE
    p50: float = 0.0
    """Seconds from request to reply: the middle tile's mean."""
    p95: float = 0.0
    captions_per_second: float = 0.0
    """Over the last 1,000 tiles answered."""


NO_SERVER_USAGE = ServerUsage()


def usage_values(usage: Usage) -> tuple[float | None, ...]:
    """The values that `ADD_USAGE` books, stamped with the time of now where a model was asked."""
    return (
        usage.seconds,
        usage.requests,
        usage.prompt_tokens,
        usage.cached_tokens,
        usage.completion_tokens,
        time.time() if usage.requests else None,
    )


def read_server_usage(db: sqlite3.Connection, since: float) -> ServerUsage:
    """The figures over all tiles answered since then (Unix time)."""
    count, *sums = db.execute(
        "SELECT count(*), total(requests), total(prompt_tokens), total(cached_tokens), total(completion_tokens),"
        " total(seconds) FROM tiles WHERE answered >= ?",
        (since,),
    ).fetchone()
    if not count:
        return ServerUsage()
    first, last, recent = db.execute(
        "SELECT min(answered), max(answered), count(*) FROM"
        f" (SELECT answered FROM tiles WHERE answered >= ? ORDER BY answered DESC LIMIT {_RECENT})",
        (since,),
    ).fetchone()
    return ServerUsage(
        Usage(int(sums[0]), int(sums[1]), int(sums[2]), int(sums[3]), seconds=sums[4]),
        p50=_latency(db, since, count // 2),
        p95=_latency(db, since, count * 95 // 100),
        captions_per_second=(recent - 1) / (last - first) if last > first else 0.0,
    )


def _latency(db: sqlite3.Connection, since: float, rank: int) -> float:
    (seconds,) = db.execute(
        "SELECT seconds / requests AS mean FROM tiles WHERE answered >= ? ORDER BY mean LIMIT 1 OFFSET ?",
        (since, rank),
    ).fetchone()
    return float(seconds)
