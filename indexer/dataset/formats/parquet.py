"""Parquet with the pictures inside, as the Hugging Face hub keeps data sets: `data/SPLIT-00000-of-00001.parquet`.

The schema's metadata names the `datasets` features, so that `image` is decoded to a picture when read.
Source: https://huggingface.co/docs/hub/datasets-file-names-and-splits
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.dataset.formats.draft import new_folder
from indexer.dataset.formats.rows import by_split, row_of
from indexer.dataset.formats.shards import shards_of
from indexer.dataset.records import DataSetImage
from trsllava.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

DATA = "data"
SHARD_BYTES = 500 * 2**20
"""Of pictures in one file."""
_ROWS = 100
"""In a row group: few, so that one picture can be looked at without reading many."""

_TYPES = {
    "id": "string",
    "split": "string",
    "captions": "string",
    "first_level": "string",
    "second_level": "string",
    "third_level": "string",
    "west": "float64",
    "south": "float64",
    "east": "float64",
    "north": "float64",
    "acquired": "timestamp[us, tz=UTC]",
    "width": "int32",
    "height": "int32",
    "source": "string",
    "captioner": "string",
    "prompt": "string",
    "properties": "string",
}
"""Of the columns of `row_of`, as `datasets` calls them."""
_LISTS = ("captions", "first_level", "second_level", "third_level")


def write_parquet(folder: Path, images: Sequence[DataSetImage]) -> list[Path]:
    """One file a split, or more where a split's pictures pass `SHARD_BYTES`. Raises InputError without pyarrow."""
    try:
        import pyarrow  # noqa: F401
    except ModuleNotFoundError as error:
        raise InputError("Parquet is an extra: `pip install 'trsllava[dataset]'`.") from error
    names: list[str] = []
    with new_folder(folder / DATA) as draft:
        for split, members in by_split(images).items():
            shards = list(shards_of(folder, members, SHARD_BYTES))
            for number, shard in enumerate(shards):
                names.append(f"{split}-{number:05}-of-{len(shards):05}.parquet")
                _write_shard(draft / names[-1], folder, shard)
    return [folder / DATA / name for name in names]


def _write_shard(path: Path, folder: Path, images: Sequence[DataSetImage]) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    schema = _schema()
    with parquet.ParquetWriter(path, schema) as writer:
        for start in range(0, len(images), _ROWS):
            rows = [_row(folder, image) for image in images[start : start + _ROWS]]
            writer.write_batch(pa.RecordBatch.from_pylist(rows, schema), row_group_size=_ROWS)


def _row(folder: Path, image: DataSetImage) -> dict[str, Any]:
    path = folder / image.image
    return {"image": {"bytes": path.read_bytes(), "path": path.name}, **row_of(image), "acquired": image.acquired}


def _schema() -> pa.Schema:
    import pyarrow as pa

    types = {
        "string": pa.string(),
        "float64": pa.float64(),
        "int32": pa.int32(),
        "timestamp[us, tz=UTC]": pa.timestamp("us", "UTC"),
    }
    picture = pa.struct({"bytes": pa.binary(), "path": pa.string()})
    columns = [(name, pa.list_(types[kind]) if name in _LISTS else types[kind]) for name, kind in _TYPES.items()]
    return pa.schema([("image", picture), *columns], {"huggingface": json.dumps({"info": {"features": _features()}})})


def _features() -> dict[str, Any]:
    """The features of Hugging Face's `datasets`; all its versions know lists by the name `Sequence`."""
    values = {name: {"dtype": kind, "_type": "Value"} for name, kind in _TYPES.items()}
    lists = {name: {"feature": values[name], "_type": "Sequence"} for name in _LISTS}
    return {"image": {"_type": "Image"}, **values, **lists}
