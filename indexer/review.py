"""People's verdicts on captions: which tiles are shown, and what comes back."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from trsllava.errors import InputError
from trsllava.ledger.ledger import Ledger
from trsllava.records import TileRecord, Verdict


def drawn_ids(ledger: Ledger, *, share: float | None, count: int | None, seed: int) -> list[str]:
    """Ids of a share (0 to 1) or a number of the tiles that have a text, in the order of a hash of seed and id.

    The same seed draws the same tiles, and a larger sample holds the smaller one.
    """
    ids = ledger.captioned_ids()
    size = count if count is not None else math.ceil((share or 0.0) * len(ids))
    return sorted(ids, key=lambda tile_id: hashlib.sha256(f"{seed}/{tile_id}".encode()).digest())[:size]


def review_sample(ledger: Ledger, *, share: float | None, count: int | None, seed: int) -> list[TileRecord]:
    """The tiles of `drawn_ids`, in their order."""
    drawn = drawn_ids(ledger, share=share, count=count, seed=seed)
    records = ledger.records(drawn)
    return [records[tile_id] for tile_id in drawn if tile_id in records]


def read_verdicts(path: Path, reviewer: str, ledger: Ledger) -> list[Verdict]:
    """The verdicts of a file that a review page saved. Raises InputError for another file or unknown tiles."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["verdicts"]
        verdicts = [
            Verdict(
                tile_id=row["tile"],
                reviewer=reviewer,
                verdict=row["verdict"],
                text_digest=row["text"],
                note=row.get("note", ""),
            )
            for row in rows
        ]
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, TypeError, KeyError, AttributeError, ValidationError) as error:
        raise InputError(f"{path} is not a file of verdicts. Save it with the button of a review page.") from error
    check_known(verdicts, ledger, str(path))
    return verdicts


def check_known(verdicts: Sequence[Verdict], ledger: Ledger, source: str) -> None:
    """Raises InputError where `source` judges tiles that the collection does not have."""
    known = ledger.records([verdict.tile_id for verdict in verdicts])
    unknown = [verdict.tile_id for verdict in verdicts if verdict.tile_id not in known]
    if unknown:
        raise InputError(
            f"{source} judges {len(unknown)} tiles that this collection does not have, such as {unknown[0]}."
        )


def current_verdicts(ledger: Ledger) -> list[Verdict]:
    """All verdicts whose text is still the one that the tile has."""
    verdicts = ledger.verdicts()
    records = ledger.records(sorted({verdict.tile_id for verdict in verdicts}))
    return [
        verdict
        for verdict in verdicts
        if (record := records.get(verdict.tile_id)) and record.text and record.text.digest() == verdict.text_digest
    ]
