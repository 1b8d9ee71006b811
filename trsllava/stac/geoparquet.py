"""A collection as one stac-geoparquet file, with the vectors."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from trsllava.archive import Archive
from trsllava.errors import InputError, UnsearchableError
from trsllava.records import Filters, TileRecord
from trsllava.stac.collections import collection_of
from trsllava.stac.items import Document, item_of

_ROWS = 2000
"""A row group: the vectors of so many tiles are held at once."""
_NOWHERE = {"type": "Polygon", "coordinates": list[Any]()}
"""The file format's readers want a geometry: a tile without a footprint has an empty one, and no box."""


def write_geoparquet(archive: Archive, path: Path, ids: Sequence[str] | None = None) -> int:
    """Write a collection's Items, or those of `ids` in their order, as one row each, with their vectors; returns the
    number of rows.

    `trsllava:vectors` is a list of float32 vectors, one a distinct caption in the order of `trsllava:captions`, and
    `trsllava:image_vector` one vector, null where the tile has none; null vectors too where a tile is not in the
    vector store yet. The file appears whole or not at all. Raises InputError where the extra `geoparquet` is missing
    or the place cannot be written, UnknownCollectionError, UnsearchableError where there is no captioned tile.
    """
    try:
        import pyarrow
        from stac_geoparquet.arrow import parse_stac_items_to_arrow, to_parquet
    except ImportError as error:
        raise InputError("GeoParquet is an extra: `pip install 'trsllava[geoparquet]'`.") from error

    name, ledger = archive.settings.collection, archive.ledger
    records = ledger.captioned(Filters()) if ids is None else _captioned_of(archive, ids)
    items = [_placed(item_of(record, name)) for record in records]
    if not items:
        raise UnsearchableError(f"Collection {name!r} has no captioned image to export. Run `trsllava index` first.")
    table = parse_stac_items_to_arrow(items).read_all()
    schema = table.schema
    vectors = pyarrow.list_(pyarrow.float32())
    schema = schema.append(pyarrow.field("trsllava:vectors", pyarrow.list_(vectors)))
    schema = schema.append(pyarrow.field("trsllava:image_vector", vectors))

    def batches() -> Iterator[Any]:
        for batch in table.to_batches(max_chunksize=_ROWS):
            dense, image = _vectors(archive, batch["id"].to_pylist())
            columns = [*batch.columns, pyarrow.array(dense, schema.field(-2).type), pyarrow.array(image, vectors)]
            yield pyarrow.record_batch(columns, schema=schema)

    document = collection_of(name, ledger.extent(), tiles=len(items), models=ledger.models())
    try:
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(handle)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.") from error
    try:
        reader = pyarrow.RecordBatchReader.from_batches(schema, batches())
        to_parquet(reader, draft, collections={name: document})
        os.chmod(draft, 0o644)
        os.replace(draft, path)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        Path(draft).unlink(missing_ok=True)
    return len(items)


def _captioned_of(archive: Archive, ids: Sequence[str]) -> list[TileRecord]:
    known = archive.ledger.records(ids)
    return [known[one] for one in ids if one in known and known[one].text is not None]


def _placed(item: Document) -> Document:
    if item["geometry"] is not None:
        return item
    return {**item, "geometry": _NOWHERE, "bbox": [float("nan")] * 4}


def _vectors(archive: Archive, ids: list[str]) -> tuple[list[Any], list[Any]]:
    """The caption vectors and the image vector of each tile, None where it has none."""
    schema = archive.schema()
    dense = archive.store.dense_vectors(ids) if schema is not None and archive.store.exists() else {}
    image = archive.ledger.image_vectors(ids, schema.image_encoder) if schema is not None else {}
    return (
        [None if one not in dense else list(dense[one]) for one in ids],
        [image.get(one) for one in ids],
    )
