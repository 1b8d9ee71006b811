"""Parquet, read back by `datasets` and by pyarrow."""

from __future__ import annotations

from pathlib import Path

import datasets
import pyarrow.parquet as pq
import pytest
from PIL import Image

from indexer.dataset.formats import parquet, write_formats
from tests.indexer.dataset.formats.conftest import SmallSet


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")


def test_the_folder_loads_as_a_data_set_of_three_splits(data_set: SmallSet, tmp_path: Path) -> None:
    write_formats(data_set.folder, data_set.about, data_set.images, ["parquet", "card"])

    loaded = datasets.load_dataset(str(data_set.folder), cache_dir=str(tmp_path / "cache"))

    assert {split: len(rows) for split, rows in loaded.items()} == {"train": 2, "validation": 2, "test": 2}
    assert [row["id"] for split in loaded for row in loaded[split]] == [image.id for image in data_set.images]
    first, image = loaded["train"][0], data_set.images[0]
    assert isinstance(first["image"], Image.Image)
    assert first["image"].size == (8, 6)
    assert image.text is not None
    assert first["captions"] == image.text.texts()
    assert first["acquired"] == image.acquired
    assert (first["first_level"], first["third_level"]) == (["water"], ["marina"])
    last = loaded["test"][1]
    assert (last["captions"], last["third_level"], last["acquired"]) == ([], [], None)


def test_pixels_are_those_of_the_pictures(data_set: SmallSet) -> None:
    (path, *_) = parquet.write_parquet(data_set.folder, data_set.images)

    stored = pq.read_table(path).column("image").to_pylist()

    assert stored == [
        {"bytes": (data_set.folder / image.image).read_bytes(), "path": image.image.name}
        for image in data_set.images[:2]
    ]


def test_a_split_is_cut_where_its_pictures_pass_the_limit(data_set: SmallSet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "SHARD_BYTES", 1)

    written = parquet.write_parquet(data_set.folder, data_set.images)

    assert [path.name for path in written[:2]] == ["train-00000-of-00002.parquet", "train-00001-of-00002.parquet"]
    ids = [value for path in written for value in pq.read_table(path).column("id").to_pylist()]
    assert ids == [image.id for image in data_set.images]
