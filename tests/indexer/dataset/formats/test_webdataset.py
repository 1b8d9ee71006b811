"""Tar files, read back by `webdataset`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from webdataset.tariterators import group_by_keys, tar_file_expander

from indexer.dataset.formats import webdataset as writing
from tests.indexer.dataset.formats.conftest import SmallSet


def _read(shards: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """What `webdataset.WebDataset` does with its files, which it never closes."""
    for shard in shards:
        with shard.open("rb") as stream:
            yield from group_by_keys(tar_file_expander([{"url": str(shard), "stream": stream}]))


@pytest.mark.parametrize("limit", [1, 2**20])
def test_samples_come_back_in_order(data_set: SmallSet, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr(writing, "SHARD_BYTES", limit)

    shards = writing.write_webdataset(data_set.folder, data_set.about, data_set.images)
    samples = list(_read(shards))

    assert [json.loads(sample["json"])["id"] for sample in samples] == [image.id for image in data_set.images]
    for sample, image in zip(samples, data_set.images, strict=True):
        assert sample["png"] == (data_set.folder / image.image).read_bytes()
        assert sample.get("txt") == (None if image.text is None else image.text.texts()[0].encode())
        assert json.loads(sample["json"])["third_level"] == list(image.labels)


def test_shards_are_named_by_data_set_and_split(data_set: SmallSet) -> None:
    shards = writing.write_webdataset(data_set.folder, data_set.about, data_set.images)

    assert [path.name for path in shards] == [
        "K-ste-1-train-000000.tar",
        "K-ste-1-validation-000000.tar",
        "K-ste-1-test-000000.tar",
    ]
