"""Scores of every query with every image, each branch for itself, by the real store in exact mode."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from eval.task import RetrievalTask
from indexer.points import tile_points
from indexer.progress import Progress
from trsllava.encoders.bm25 import Bm25Encoder
from trsllava.encoders.protocol import TextEncoder
from trsllava.errors import InputError
from trsllava.records import Branch, Tile, TileRecord, Window
from trsllava.store.embedded import EmbeddedStore
from trsllava.store.protocol import FloatArray, QueryVector, StoreSchema, VectorStore

TEXT_BRANCHES: tuple[Branch, ...] = ("dense", "bm25")

_CHUNK = 256


def branch_scores(
    task: RetrievalTask,
    encoder: TextEncoder,
    branches: Sequence[Branch],
    average_length: float,
    progress: Progress = lambda stage, done, total: None,
) -> FloatArray:
    """Score all queries against all images through an embedded store in a temporary folder.

    Each distinct text is encoded and scored once, so that equal texts have equal scores.

    Args:
        task: n images and q queries.
        encoder: of queries and documents, for the dense branch.
        branches: b of `TEXT_BRANCHES`.
        average_length: BM25's mean document length in terms.
        progress: is told the stage, how much of it is done, and how much there is.

    Returns:
        `(b, q, n)` float32. Dense: the largest cosine over an image's distinct variants; bm25: 0 where no word is
        shared.

    Raises:
        InputError: for a branch that texts alone cannot serve.
    """
    for branch in branches:
        if branch not in TEXT_BRANCHES:
            raise InputError(f"Branch {branch!r} cannot be measured on texts; choose from {', '.join(TEXT_BRANCHES)}.")
    bm25 = Bm25Encoder(average_length)
    distinct = list(dict.fromkeys(task.queries))
    records = _records(task)
    column = {str(record.tile.id): position for position, record in enumerate(records)}

    with TemporaryDirectory(prefix="trsllava-eval-") as folder:
        store = EmbeddedStore(Path(folder) / "store")
        store.create(StoreSchema(dense_dim=encoder.dim))
        with store.session():
            progress("encode documents", 0, len(records))
            store.upsert(tile_points(records, encoder, bm25, {}))
            progress("encode documents", len(records), len(records))
            matrices = []
            for branch in branches:
                vectors = _query_vectors(branch, distinct, encoder, bm25, progress)
                matrices.append(_matrix(store, branch, vectors, column, progress))
        store.close()

    row = {text: number for number, text in enumerate(distinct)}
    return np.stack(matrices)[:, [row[text] for text in task.queries]]


def text_scores(task: RetrievalTask, vectors: Mapping[str, FloatArray]) -> FloatArray:
    """Cosine of each query with the best variant of each document, `(q, n)` float32, from the texts' vectors `(d,)`:
    the dense branch without a store."""
    queries = np.stack([vectors[text] for text in task.queries])
    columns = [
        (queries @ np.stack([vectors[text] for text in document.texts()]).T).max(1) for document in task.documents
    ]
    return np.stack(columns, 1)


def _records(task: RetrievalTask) -> list[TileRecord]:
    """Images as tiles known by their path: the pixels are not needed here."""
    return [
        TileRecord(
            tile=Tile(id=uuid.uuid5(uuid.NAMESPACE_URL, image), sha256="", window=Window(0, 0, 0, 0)),
            paths=(image,),
            state="captioned",
            text=document,
        )
        for image, document in zip(task.images, task.documents, strict=True)
    ]


def _query_vectors(
    branch: Branch, texts: list[str], encoder: TextEncoder, bm25: Bm25Encoder, progress: Progress
) -> list[QueryVector]:
    if branch == "bm25":
        return [bm25.query(text) for text in texts]
    progress("encode queries", 0, len(texts))
    vectors = encoder.encode(texts)
    progress("encode queries", len(texts), len(texts))
    return list(vectors)


def _matrix(
    store: VectorStore, branch: Branch, vectors: Sequence[QueryVector], column: dict[str, int], progress: Progress
) -> FloatArray:
    """`(len(vectors), n)` scores of one branch."""
    matrix = np.zeros((len(vectors), len(column)), np.float32)
    stage = f"score {branch}"
    for start in range(0, len(vectors), _CHUNK):
        progress(stage, start, len(vectors))
        for number, scored in enumerate(store.exact(branch, vectors[start : start + _CHUNK]), start):
            matrix[number, [column[tile] for tile in scored.ids]] = scored.scores
    progress(stage, len(vectors), len(vectors))
    return matrix
