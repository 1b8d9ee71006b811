"""What the layout benchmark measures on, prepared once: vectors in tile order, payload, queries and true answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.benchmarks.sentence_vectors import CAPTIONS_A_TILE, load_corpus, load_queries
from trsllava.encoders.protocol import FloatArray
from trsllava.records import Filters, Footprint
from trsllava.store.payload import to_payload
from trsllava.store.protocol import SparseVector, TilePoint

QUERIES = 200
BEST = 10
FILTERS: dict[str, Filters] = {
    "none": Filters(),
    "bbox 10 %": Filters(bbox=Footprint(west=0, east=36, south=-60, north=60)),
    "bbox 1 %": Filters(bbox=Footprint(west=0, east=36, south=0, north=12)),
    "label 2 %": Filters(labels=("harbor",)),
}

_BLOCK = 2000


@dataclass(frozen=True)
class Data:
    """Files in `folder` about `tiles` tiles."""

    folder: Path
    tiles: int

    @cached_property
    def _arrays(self) -> dict[str, NDArray[Any]]:
        with np.load(self.folder / "arrays.npz") as arrays:
            return {name: arrays[name] for name in arrays.files}

    @property
    def queries(self) -> FloatArray:
        """`(QUERIES, d)` float32, L2-normalised: sentences that no tile has."""
        return np.asarray(self._arrays["queries"], np.float32)

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self.queries.shape[1])

    @property
    def extent(self) -> int:
        """The class of all tiles' boxes."""
        return int(to_payload(next(self.points())[0])["extent"])

    def best(self, name: str) -> NDArray[np.int64]:
        """`(QUERIES, BEST)` numbers of the truly best tiles under a filter."""
        return np.asarray(self._arrays[f"best {name}"], np.int64)

    def sparse_queries(self) -> list[SparseVector]:
        """BM25 vectors of the queries."""
        arrays = self._arrays
        return _split(arrays["query_nnz"], arrays["query_indices"], arrays["query_values"])

    def points(self) -> Iterator[list[TilePoint]]:
        """All tiles in batches; vectors are read from the disk as they are needed."""
        arrays = self._arrays
        sparse = _split(arrays["nnz"], arrays["indices"], arrays["values"])
        for start in range(0, self.tiles, 500):
            stop = min(start + 500, self.tiles)
            vectors = self.vectors(start, stop)
            yield [
                TilePoint(
                    id=tile_id(number),
                    dense=vectors[number - start],
                    sparse=sparse[number],
                    labels=(str(arrays["kinds"][number]),),
                    sources=("/", "/archive", f"/archive/{number % 20:02}", f"/archive/{number % 20:02}/{number}.tif"),
                    box=tuple(arrays["boxes"][number].tolist()),
                    acquired=1.5e9 + number,
                )
                for number in range(start, stop)
            ]

    def vectors(self, start: int, stop: int) -> FloatArray:
        """`(stop - start, 5, d)` float32."""
        row = CAPTIONS_A_TILE * self.dim
        values = np.fromfile(
            self.folder / "vectors.f32", np.float32, count=(stop - start) * row, offset=4 * start * row
        )
        return values.reshape(stop - start, CAPTIONS_A_TILE, self.dim)


def tile_id(number: int) -> str:
    """A tile's UUID."""
    return f"00000000-0000-4000-8000-{number:012x}"


def tile_number(tile: str) -> int:
    """What `tile_id` made the id of."""
    return int(tile[-12:], 16)


def prepare(tiles: int, cache: Path) -> Data:
    """Make the files where they are not there yet; encodes 5 sentences a tile."""
    folder = cache / f"layout-{tiles}"
    if not (folder / "arrays.npz").exists():
        folder.mkdir(parents=True, exist_ok=True)
        _write(tiles, cache, folder)
    return Data(folder, tiles)


def _write(tiles: int, cache: Path, folder: Path) -> None:
    from trsllava.encoders.bm25 import Bm25Encoder, mean_length
    from trsllava.encoders.text import load_text_encoder

    encoder = load_text_encoder()
    corpus = load_corpus(tiles, cache, encoder)
    texts, queries = load_queries(QUERIES, corpus, encoder)
    documents = [" ".join(corpus.sentences[row] for row in rows) for rows in corpus.tiles]
    bm25 = Bm25Encoder(mean_length(documents[:2000]))
    rng = np.random.default_rng(1)
    west, south = rng.uniform(-180, 179.9, tiles), rng.uniform(-60, 59.9, tiles)
    boxes = np.stack([west, south, west + 0.02, south + 0.02], axis=1)
    scores = np.empty((QUERIES, tiles), np.float32)
    with (folder / "vectors.f32").open("wb") as stream:
        for start in range(0, tiles, _BLOCK):
            block = corpus.vectors[corpus.tiles[start : start + _BLOCK]]
            stream.write(np.ascontiguousarray(block, np.float32).tobytes())
            similarity = queries @ block.reshape(-1, block.shape[-1]).T
            scores[:, start : start + len(block)] = similarity.reshape(QUERIES, -1, CAPTIONS_A_TILE).max(axis=2)
    kinds = np.array(corpus.kinds)
    inside = (boxes[:, 0] <= 36) & (boxes[:, 2] >= 0)
    passing = {
        "none": np.ones(tiles, bool),
        "bbox 10 %": inside,
        "bbox 1 %": inside & (boxes[:, 1] <= 12) & (boxes[:, 3] >= 0),
        "label 2 %": kinds == "harbor",
    }
    best = {f"best {name}": _best(scores, mask) for name, mask in passing.items()}
    arrays: dict[str, Any] = {"queries": queries, "kinds": kinds, "boxes": boxes, **best}
    arrays |= _joined("", [bm25.document(text) for text in documents])
    arrays |= _joined("query_", [bm25.query(text) for text in texts])
    np.savez(folder / "arrays.npz", **arrays)


def _best(scores: FloatArray, passing: NDArray[np.bool_]) -> NDArray[np.int64]:
    masked = np.where(passing, scores, -2)
    return np.argsort(-masked, axis=1)[:, :BEST]


def _joined(prefix: str, vectors: list[SparseVector]) -> dict[str, NDArray[Any]]:
    return {
        f"{prefix}nnz": np.array([len(vector.indices) for vector in vectors]),
        f"{prefix}indices": np.concatenate([vector.indices for vector in vectors]),
        f"{prefix}values": np.concatenate([vector.values for vector in vectors]),
    }


def _split(nnz: NDArray[Any], indices: NDArray[Any], values: NDArray[Any]) -> list[SparseVector]:
    ends = np.cumsum(nnz)[:-1]
    return [SparseVector(*pair) for pair in zip(np.split(indices, ends), np.split(values, ends), strict=True)]
