"""How to lay out captions in the store, and how fast the store is: build time, memory, disk, latency, recall@10.

    python -m eval.benchmarks.store_layout --tiles 100000

Vectors are those of distinct sentences by the default encoder, five a tile (`sentence_vectors`). Each row of the table
is measured in a process of its own. The research code's way, a matrix product over all captions, and qdrant-client's
local mode are measured beside, local mode on fewer tiles.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from eval.benchmarks.layout_data import BEST, FILTERS, QUERIES, Data, prepare, tile_number
from eval.benchmarks.sentence_vectors import CAPTIONS_A_TILE
from trsllava.encoders.protocol import FloatArray
from trsllava.records import Branch, Filters
from trsllava.store.protocol import QueryVector, SparseVector, VectorStore

_WARM_UP = 20
_BATCH = 500
_CANDIDATES = 200
_FEW = 40
"""Queries to local mode."""

Answer = list[int]
Row = dict[str, Any]
Question = tuple[FloatArray, SparseVector]
Cell = tuple[float, float, float, float]
Q = TypeVar("Q")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.benchmarks.store_layout",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--tiles", type=int, default=100_000)
    parser.add_argument("--local-tiles", type=int, default=5_000, help="tiles for qdrant-client's local mode")
    parser.add_argument("--cache", type=Path, default=Path("bench-cache"))
    parser.add_argument("--only", nargs="*", choices=[*_PARTS], default=[*_PARTS], help="rows to measure")
    parser.add_argument("--part", choices=[*_PARTS], help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.part:
        data = prepare(given.local_tiles if given.part == "local" else given.tiles, given.cache)
        print(json.dumps(_PARTS[given.part](data, given.cache / f"shard-{given.part}")))
        return
    prepare(given.tiles, given.cache)
    if "local" in given.only:
        prepare(given.local_tiles, given.cache)
    print(_heading(given.tiles), flush=True)
    print("| layout | build s | memory MB | disk MB |", " | ".join(FILTERS), "|")
    print("|---" * (4 + len(FILTERS)) + "|", flush=True)
    for part in given.only:
        for row in _measured(part, given):
            print(_line(row), flush=True)


def _measured(part: str, given: argparse.Namespace) -> list[Row]:
    command = [sys.executable, "-m", "eval.benchmarks.store_layout", "--part", part]
    command += ["--tiles", str(given.tiles), "--local-tiles", str(given.local_tiles), "--cache", str(given.cache)]
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    rows: list[Row] = json.loads(output.splitlines()[-1])
    return rows


def _heading(tiles: int) -> str:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{tiles:,} tiles x {CAPTIONS_A_TILE} captions, {QUERIES} queries, {cores} cores ({_processor()}), "
        f"load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}\n"
        f"Cells: p50 / p95 ms of a query (processor ms), recall@{BEST} of the dense branch\n"
    )


def _processor() -> str:
    with Path("/proc/cpuinfo").open() as stream:
        return next((line.split(":")[1].strip() for line in stream if line.startswith("model name")), "unknown")


def _line(row: Row) -> str:
    cells = []
    for name in FILTERS:
        if name in row:
            p50, p95, processor, found = row[name]
            cells.append(f"{p50:.1f} / {p95:.1f} ({processor:.1f}), {found:.3f}")
        else:
            cells.append("")
    numbers = [f"{row[key]:,.0f}" if key in row else "" for key in ("build", "memory", "disk")]
    return f"| {row['layout']} | " + " | ".join(numbers + cells) + " |"


def _cell(queries: Iterable[Q], answer: Callable[[Q], Answer], best: NDArray[np.int64]) -> Cell:
    """Ask all queries: p50, p95 and mean processor time of an answer in ms, recall."""
    questions = list(queries)
    for query in questions[:_WARM_UP]:
        answer(query)
    answers, times = [], []
    processor = time.process_time()
    for query in questions:
        start = time.perf_counter()
        answers.append(answer(query))
        times.append(1e3 * (time.perf_counter() - start))
    processor = 1e3 * (time.process_time() - processor) / len(questions)
    return float(np.median(times)), float(np.quantile(times, 0.95)), processor, _recall(answers, best)


def _recall(answers: Sequence[Answer], best: NDArray[np.int64]) -> float:
    return float(
        np.mean([len(set(answer[:BEST]) & set(row)) / BEST for answer, row in zip(answers, best, strict=True)])
    )


def _layout(data: Data, folder: Path, name: str, variants: dict[str, Any]) -> list[Row]:
    """Build the first variant's shard with the bare engine and query it in every variant's way."""
    import qdrant_edge as engine

    from eval.benchmarks import layouts
    from trsllava.store import edge
    from trsllava.store.payload import to_payload

    shutil.rmtree(folder, ignore_errors=True)
    layout = next(iter(variants.values()))
    start = time.perf_counter()
    shard = layouts.create(str(folder), layout)
    for batch in data.points():
        tiles = ((tile_number(point.id), point.dense, to_payload(point)) for point in batch)
        shard.update(engine.UpdateOperation.upsert_points(list(layout.points(tiles))))
    shard.flush()
    written = time.perf_counter()
    shard.optimize()
    shard.flush()
    built = time.perf_counter()
    peak = _peak_memory()
    print(f"{name}: written in {written - start:.0f} s, indexed in {built - written:.0f} s", file=sys.stderr)
    rows = []
    for variant, way in variants.items():
        row: Row = {"layout": f"{name} {variant}", "build": built - start, "memory": peak, "disk": _disk(folder)}
        for filter_name, filters in FILTERS.items():
            where = edge.conditions(filters, extents=[data.extent])
            row[filter_name] = _cell(
                data.queries, partial(way.search, shard, k=BEST, where=where), data.best(filter_name)
            )
        rows.append(row)
    shard.close()
    shutil.rmtree(folder)
    return rows


def _multivector(data: Data, folder: Path) -> list[Row]:
    from eval.benchmarks.layouts import Multivector

    ways = {f"ef={ef}": Multivector(data.dim, ef) for ef in (64, 128, 256)}
    return _layout(data, folder, "(a) multivector, HNSW", ways)


def _multivector_int8(data: Data, folder: Path) -> list[Row]:
    from eval.benchmarks.layouts import Multivector

    ways = {f"ef={ef}": Multivector(data.dim, ef, int8=True) for ef in (64, 128, 256)}
    return _layout(data, folder, "(a) multivector, HNSW, int8", ways)


def _pooled(data: Data, folder: Path) -> list[Row]:
    from eval.benchmarks.layouts import Pooled

    ways = {f"{candidates} candidates": Pooled(data.dim, candidates) for candidates in (200, 500, 1000, 2000, 4000)}
    return _layout(data, folder, "(b) pooled, HNSW; MaxSim over", ways)


def _pooled_int8(data: Data, folder: Path) -> list[Row]:
    from eval.benchmarks.layouts import Pooled

    ways = {f"{candidates} candidates": Pooled(data.dim, candidates, int8=True) for candidates in (500, 1000, 2000)}
    return _layout(data, folder, "(b) pooled, HNSW, int8; MaxSim over", ways)


def _captions(data: Data, folder: Path) -> list[Row]:
    from eval.benchmarks.layouts import CaptionPoints

    ways = {f"ef={ef}": CaptionPoints(data.dim, ef) for ef in (64, 128, 256)}
    return _layout(data, folder, "(c) point a caption, HNSW", ways)


def _product(data: Data, folder: Path) -> list[Row]:
    """The embedded store itself, called as the search engine calls it: in a session a query."""
    import resource

    from trsllava.store.embedded import EmbeddedStore
    from trsllava.store.protocol import StoreSchema

    shutil.rmtree(folder, ignore_errors=True)
    store = EmbeddedStore(folder, wait_seconds=600)
    store.create(StoreSchema(data.dim))
    start = time.perf_counter()
    for points in data.points():
        store.upsert(points)
    written = time.perf_counter()
    store.optimize()
    built = time.perf_counter()
    print(f"store: written in {written - start:.0f} s, indexed in {built - written:.0f} s", file=sys.stderr)
    peak = max(_peak_memory(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3)
    base: Row = {"build": built - start, "memory": peak, "disk": _disk(folder)}
    queries = list(zip(data.queries, data.sparse_queries(), strict=True))
    rows = []
    for layout, answer in _ways_to_ask(store):
        row = {"layout": layout, **base}
        for name, filters in FILTERS.items():
            row[name] = _cell(queries, partial(answer, filters), data.best(name))
        rows.append(row)
    store.close()
    shutil.rmtree(folder)
    return rows


def _ways_to_ask(store: VectorStore) -> list[tuple[str, Callable[[Filters, Question], Answer]]]:
    def dense(filters: Filters, query: Question) -> Answer:
        with store.session():
            return [tile_number(tile) for tile in store.search("dense", query[0], BEST, filters).ids]

    def hybrid(filters: Filters, query: Question) -> Answer:
        with store.session():
            store.count()
            vectors: dict[Branch, QueryVector] = {"dense": query[0], "bm25": query[1]}
            proposed = {
                tile
                for branch, vector in vectors.items()
                for tile in store.search(branch, vector, _CANDIDATES, filters).ids
            }
            ids = sorted(proposed)
            scored = [store.exact(branch, [vector], ids=ids)[0] for branch, vector in vectors.items()]
        return [tile_number(tile) for tile in scored[0].ids[:BEST]]

    return [("store: search, dense", dense), ("store: hybrid candidates, then exact dense and bm25", hybrid)]


def _numpy(data: Data, _folder: Path) -> list[Row]:
    """All captions times the query, the maximum a tile, the best ten."""
    start = time.perf_counter()
    captions = data.vectors(0, data.tiles).reshape(-1, data.dim)
    built = time.perf_counter() - start

    def answer(query: FloatArray) -> Answer:
        scores = (captions @ query).reshape(-1, CAPTIONS_A_TILE).max(axis=1)
        best = np.argpartition(-scores, BEST)[:BEST]
        return [int(tile) for tile in best[np.argsort(-scores[best])]]

    row = {"layout": "numpy matrix product", "build": built, "memory": _peak_memory(), "disk": captions.nbytes / 1e6}
    return [{**row, "none": _cell(data.queries, answer, data.best("none"))}]


def _local(data: Data, _folder: Path) -> list[Row]:
    """qdrant-client's local mode, which keeps everything in Python's memory."""
    import warnings

    from qdrant_client import QdrantClient

    from trsllava.store.protocol import StoreSchema
    from trsllava.store.server import ServerStore

    warnings.simplefilter("ignore")
    store = ServerStore(":memory:", "benchmark", client=QdrantClient(":memory:"))
    store.create(StoreSchema(data.dim))
    start = time.perf_counter()
    for points in data.points():
        store.upsert([replace(point, sources=()) for point in points])
    row: Row = {
        "layout": f"qdrant-client local mode, {data.tiles:,} tiles",
        "build": time.perf_counter() - start,
        "memory": _peak_memory(),
    }

    def answer(query: FloatArray, filters: Filters) -> Answer:
        return [tile_number(tile) for tile in store.search("dense", query, BEST, filters).ids]

    for name, filters in FILTERS.items():
        row[name] = _cell(data.queries[:_FEW], partial(answer, filters=filters), data.best(name)[:_FEW])
    return [row]


def _peak_memory() -> float:
    """Peak resident memory of this process in MB, its memory maps included."""
    with Path("/proc/self/status").open() as stream:
        return next(int(line.split()[1]) for line in stream if line.startswith("VmHWM")) / 1e3


def _disk(folder: Path) -> float:
    from trsllava.store.copying import occupied_bytes

    return occupied_bytes(folder) / 1e6


_PARTS: dict[str, Callable[[Data, Path], list[Row]]] = {
    "product": _product,
    "pooled": _pooled,
    "pooled-int8": _pooled_int8,
    "multivector": _multivector,
    "multivector-int8": _multivector_int8,
    "captions": _captions,
    "numpy": _numpy,
    "local": _local,
}

if __name__ == "__main__":
    main()
