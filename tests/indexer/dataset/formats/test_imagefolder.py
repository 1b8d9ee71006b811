"""`imagefolder`, read back by `datasets`."""

from __future__ import annotations

import os
from pathlib import Path

import datasets
import pytest

from indexer.dataset.formats.imagefolder import write_imagefolder
from tests.indexer.dataset.formats.conftest import SmallSet


@pytest.mark.parametrize("links", [True, False])
def test_datasets_reads_pictures_with_their_captions(
    data_set: SmallSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", _no_links)
    write_imagefolder(data_set.folder, data_set.images)

    loaded = datasets.load_dataset(
        "imagefolder", data_dir=str(data_set.folder / "imagefolder"), cache_dir=str(tmp_path / "cache")
    )

    assert {split: len(rows) for split, rows in loaded.items()} == {"train": 2, "validation": 2, "test": 2}
    for split, rows in loaded.items():
        for row, image in zip(rows, [one for one in data_set.images if one.split == split], strict=True):
            assert row["id"] == image.id
            assert row["image"].getpixel((0, 0))[0] == 40 * int(image.id[-1])
            assert row["captions"] == ([] if image.text is None else image.text.texts())
            assert row["third_level"] == list(image.labels)


def test_pictures_take_no_room_where_the_disk_can_link(data_set: SmallSet) -> None:
    write_imagefolder(data_set.folder, data_set.images)

    first = data_set.images[0]
    assert (data_set.folder / "imagefolder" / "train" / first.image.name).samefile(data_set.folder / first.image)


def _no_links(*_: object) -> None:
    raise OSError(1, "Operation not permitted")
