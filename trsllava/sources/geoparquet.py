"""Items in a GeoParquet file (stac-geoparquet)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from trsllava.errors import InputError
from trsllava.remote.address import is_address
from trsllava.sources.stac import Found

_MOST = 1 << 30
"""Bytes of a file behind an address, which is read whole."""


def items_of_parquet(place: str) -> Iterator[Found]:
    """The items of a file at an absolute path or an address, some rows in memory at a time.

    Raises InputError where it is none, or the extra `geoparquet` is missing; OutOfReachError, ImageError.
    """
    try:
        import pyarrow as arrow
        from pyarrow import parquet
        from stac_geoparquet.arrow import stac_table_to_items
    except ImportError as error:
        raise InputError(
            "Items in GeoParquet need the extra `geoparquet`: pip install 'trsllava[geoparquet]'."
        ) from error
    content: Any = Path(place)
    if is_address(place):
        from trsllava.remote.requests import read_whole

        content = io.BytesIO(read_whole(place, _MOST))
    try:
        with parquet.ParquetFile(content) as file:
            for batch in file.iter_batches(batch_size=1000):
                for item in stac_table_to_items(arrow.Table.from_batches([batch], schema=file.schema_arrow)):
                    yield Found(item, place)
    except (OSError, arrow.ArrowException, KeyError, ValueError, TypeError) as error:
        raise InputError(f"{place} is no GeoParquet of STAC items.") from error
