"""From a tile's record to what the vector store holds of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

import numpy as np

from trsllava.encoders.bm25 import Bm25Encoder
from trsllava.encoders.protocol import FloatArray, TextEncoder
from trsllava.ledger.properties import CAPTIONED_BY
from trsllava.records import RichText, TileRecord
from trsllava.remote.address import is_address
from trsllava.store.protocol import TilePoint


def bm25_document(text: RichText) -> str:
    """A tile's distinct texts as one BM25 document."""
    return "\n".join(text.texts())


def tile_points(
    records: Sequence[TileRecord], encoder: TextEncoder, bm25: Bm25Encoder, images: Mapping[str, FloatArray]
) -> list[TilePoint]:
    """Encode the rich texts of captioned tiles; every distinct text of the batch is encoded once.

    `images`: vectors `(d,)` float32 by tile id, where there are any.
    """
    texts = [_text_of(record) for record in records]
    dense = encoder.encode([variant for text in texts for variant in text.texts()])
    splits = np.cumsum([len(text.texts()) for text in texts])[:-1]
    return [
        TilePoint(
            id=str(record.tile.id),
            dense=vectors,
            sparse=bm25.document(bm25_document(text)),
            image=images.get(str(record.tile.id)),
            labels=text.labels,
            sources=_sources(record.paths),
            box=_box(record),
            acquired=record.tile.acquired.timestamp() if record.tile.acquired else None,
            acquired_end=record.tile.acquired_end.timestamp() if record.tile.acquired_end else None,
            properties=_properties(record, text),
        )
        for record, text, vectors in zip(records, texts, np.split(dense, splits), strict=True)
    ]


def _properties(record: TileRecord, text: RichText) -> dict[str, str | float]:
    """What is said of a tile's scene, and who captioned it."""
    said = {name: _plain(value) for name, value in record.tile.properties.items()}
    return said | ({CAPTIONED_BY: _plain(text.model)} if text.model else {})


def _plain(value: str | float) -> str | float:
    return value.casefold() if isinstance(value, str) else value


def _text_of(record: TileRecord) -> RichText:
    if record.text is None:
        raise ValueError(f"tile {record.tile.id} has no rich text yet")
    return record.text


def _sources(paths: Sequence[str]) -> tuple[str, ...]:
    """Every path and all folders above it, so that filtering by source is an exact match."""
    return tuple(sorted({name for path in paths for name in (path, *_folders(path))}))


def _folders(path: str) -> Iterator[str]:
    """All folders above a path or an address."""
    if not is_address(path):
        yield from map(str, PurePosixPath(path).parents)
        return
    scheme, _, rest = path.partition("://")
    yield from (f"{scheme}://{folder}" for folder in map(str, PurePosixPath(rest).parents) if folder != ".")


def _box(record: TileRecord) -> tuple[float, float, float, float] | None:
    footprint = record.tile.footprint
    if footprint is None:
        return None
    return footprint.west, footprint.south, footprint.unwrapped_east, footprint.north
