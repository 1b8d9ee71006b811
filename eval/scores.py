"""Scores of every query with every image, each branch for itself, by the real store in exact mode."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from eval.pictures import Pictures
from indexer.points import bm25_document, tile_points
from indexer.progress import Progress, no_progress
from trsllava.encoders.bm25 import Bm25Encoder, mean_length
from trsllava.encoders.protocol import TextEncoder
from trsllava.errors import InputError, Parameter
from trsllava.records import Branch, RichText, Tile, TileRecord, Window
from trsllava.store.embedded import EmbeddedStore
from trsllava.store.protocol import FloatArray, QueryVector, StoreSchema, VectorStore

TEXT_BRANCHES: tuple[Branch, ...] = ("dense", "bm25")

_CHUNK = 256


@dataclass(frozen=True)
class Gallery:
    """n images as texts are compared with them: by documents, by pictures, or by both."""

    documents: tuple[RichText, ...] = ()
    """Empty: there are none."""
    pictures: Pictures | None = None

    def __len__(self) -> int:
        return len(self.documents) if self.pictures is None else len(self.pictures.vectors)


def branch_scores(
    queries: Sequence[str],
    gallery: Gallery,
    branches: Sequence[Branch],
    encoder: TextEncoder | None,
    progress: Progress = no_progress,
) -> FloatArray:
    """Score q texts against n images: documents through an embedded store in a temporary folder, pictures by their
    vectors' product.

    Each distinct text is encoded and scored once, so that equal texts have equal scores.

    Args:
        queries: q texts.
        gallery: n images.
        branches: b, each served by the gallery's documents or pictures.
        encoder: of queries and documents; None where no branch of texts is asked for.
        progress: is told the stage, how much of it is done, and how much there is.

    Returns:
        `(b, q, n)` float32. Dense: the largest cosine over an image's distinct variants; bm25: 0 where no word is
        shared; image: cosine.

    Raises:
        InputError: for a branch that the gallery cannot serve.
    """
    distinct = list(dict.fromkeys(queries))
    matrices = dict(_document_scores(distinct, gallery, branches, encoder, progress))
    if "image" in branches:
        matrices["image"] = _picture_scores(distinct, gallery.pictures, progress)
    row = {text: number for number, text in enumerate(distinct)}
    places = [row[text] for text in queries]
    return np.stack([matrices[branch][places] for branch in branches])


def _picture_scores(texts: list[str], pictures: Pictures | None, progress: Progress) -> FloatArray:
    if pictures is None:
        raise InputError(
            "The branch 'image' compares texts with pictures; say where they are with ", Parameter("images"), "."
        )
    progress("encode queries for pictures", 0, len(texts))
    scores: FloatArray = pictures.encoder.encode_texts(texts) @ pictures.vectors.T
    progress("encode queries for pictures", len(texts), len(texts))
    return scores


def _document_scores(
    texts: list[str], gallery: Gallery, branches: Sequence[Branch], encoder: TextEncoder | None, progress: Progress
) -> Iterator[tuple[Branch, FloatArray]]:
    """`(len(texts), n)` of each branch of texts."""
    wanted = [branch for branch in branches if branch in TEXT_BRANCHES]
    if not wanted:
        return
    if not gallery.documents or encoder is None:
        raise InputError(
            f"The branch {wanted[0]!r} compares texts with texts; give the images' with ", Parameter("documents"), "."
        )
    bm25 = Bm25Encoder(mean_length(map(bm25_document, gallery.documents)))
    records = _records(gallery.documents)
    column = {str(record.tile.id): position for position, record in enumerate(records)}
    with TemporaryDirectory(prefix="trsllava-eval-") as folder:
        store = EmbeddedStore(Path(folder) / "store")
        store.create(StoreSchema(dense_dim=encoder.dim))
        with store.session():
            progress("encode documents", 0, len(records))
            store.upsert(tile_points(records, encoder, bm25, {}))
            progress("encode documents", len(records), len(records))
            for branch in wanted:
                yield (
                    branch,
                    _matrix(store, branch, _query_vectors(branch, texts, encoder, bm25, progress), column, progress),
                )
        store.close()


def _records(documents: Sequence[RichText]) -> list[TileRecord]:
    """Documents as tiles known by their number: the pixels are not needed here."""
    return [
        TileRecord(
            tile=Tile(id=uuid.UUID(int=number), sha256="", window=Window(0, 0, 0, 0)),
            paths=(f"{number}",),
            state="captioned",
            text=document,
        )
        for number, document in enumerate(documents)
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
