"""A collection as files that either store can read: `schema.json` and numbered `.npz` files of some thousand tiles.

Arrays of a file: `ids` (n,), `rows` (n,) captions a tile, `dense` (sum of rows, d), `nnz` (n,), `indices` and `values`
(sum of nnz,), `pictured` (n,) bool, `image` (pictured tiles, d_image), `payload` (n,) JSON texts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from trsllava.errors import HomeError, InputError
from trsllava.store.payload import box_of, to_payload
from trsllava.store.protocol import SparseVector, StoreSchema, TilePoint, VectorStore

_FORMAT = 1
_POINTS_A_FILE = 2000
_BATCH = 500


def write(target: Path, schema: StoreSchema, points: Iterable[TilePoint]) -> None:
    """Write a new folder. Raises InputError where `target` exists, HomeError where it cannot be written."""
    if target.exists():
        raise InputError(f"{target} exists already. Name a new folder for the backup.")
    try:
        target.mkdir(parents=True)
        _write(target, schema, iter(points))
    except OSError as error:
        raise HomeError(f"{target} cannot be written ({error.strerror or error}). Name another folder.") from error


def _write(target: Path, schema: StoreSchema, points: Iterator[TilePoint]) -> None:
    number = 0
    while chunk := list(islice(points, _POINTS_A_FILE)):
        with (target / f"points-{number:06d}.npz").open("wb") as file:
            _write_chunk(file, chunk)
        number += 1
    # Written last: a backup that was cut short has no schema and is none.
    (target / "schema.json").write_text(
        json.dumps({"format": _FORMAT, "files": number, "schema": asdict(schema)}), encoding="utf-8"
    )


def read_schema(source: Path) -> StoreSchema:
    """Raises InputError where `source` is not a whole backup."""
    return StoreSchema(**_header(source)["schema"])


def read_points(source: Path) -> Iterator[list[TilePoint]]:
    """The tiles in batches. Raises InputError where `source` is not a whole backup."""
    for number in range(_header(source)["files"]):
        with np.load(source / f"points-{number:06d}.npz", allow_pickle=False) as arrays:
            points = _points({name: arrays[name] for name in arrays.files})
        for start in range(0, len(points), _BATCH):
            yield points[start : start + _BATCH]


def _header(source: Path) -> dict[str, Any]:
    try:
        header: dict[str, Any] = json.loads((source / "schema.json").read_text(encoding="utf-8"))
        if header["format"] == _FORMAT:
            return header
        reason = f"its format is {header['format']}, this version reads {_FORMAT}"
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = str(error)
    raise InputError(f"{source} is not a whole backup ({reason}). Name a folder that a backup wrote.")


def _write_chunk(file: BinaryIO, points: Sequence[TilePoint]) -> None:
    images = [point.image for point in points if point.image is not None]
    np.savez(
        file,
        ids=np.array([point.id for point in points]),
        rows=np.array([len(point.dense) for point in points]),
        dense=np.concatenate([point.dense for point in points]),
        nnz=np.array([point.sparse.indices.size for point in points]),
        indices=np.concatenate([point.sparse.indices for point in points]),
        values=np.concatenate([point.sparse.values for point in points]),
        pictured=np.array([point.image is not None for point in points]),
        image=np.array(images, np.float32),
        payload=np.array([json.dumps(to_payload(point)) for point in points]),
    )


def _points(arrays: dict[str, NDArray[Any]]) -> list[TilePoint]:
    row_ends, term_ends = np.cumsum(arrays["rows"]), np.cumsum(arrays["nnz"])
    dense = np.split(arrays["dense"], row_ends[:-1])
    indices, values = np.split(arrays["indices"], term_ends[:-1]), np.split(arrays["values"], term_ends[:-1])
    images = iter(arrays["image"])
    points = []
    for place, tile in enumerate(arrays["ids"].tolist()):
        payload = json.loads(str(arrays["payload"][place]))
        points.append(
            TilePoint(
                id=tile,
                dense=dense[place],
                sparse=SparseVector(indices[place], values[place]),
                image=next(images) if arrays["pictured"][place] else None,
                labels=tuple(payload["labels"]),
                sources=tuple(payload["sources"]),
                box=box_of(payload),
                acquired=payload.get("acquired"),
                acquired_end=payload.get("acquired_end"),
                properties=payload.get("properties", {}),
            )
        )
    return points


def restore(store: VectorStore, source: Path) -> None:
    """Replace what a store holds by what `write` wrote. Raises InputError where `source` is no backup."""
    schema = read_schema(source)
    store.drop()
    store.create(schema)
    for points in read_points(source):
        store.upsert(points)
