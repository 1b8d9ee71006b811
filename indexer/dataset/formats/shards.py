"""Pictures shared out to files of a bounded size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from indexer.dataset.records import DataSetImage


def shards_of(folder: Path, images: Sequence[DataSetImage], limit: int) -> Iterator[list[DataSetImage]]:
    """The pictures in their order, cut where the next one would take a shard's pictures past `limit` bytes."""
    shard: list[DataSetImage] = []
    size = 0
    for image in images:
        more = (folder / image.image).stat().st_size
        if shard and size + more > limit:
            yield shard
            shard, size = [], 0
        shard.append(image)
        size += more
    if shard:
        yield shard
