"""The images of a data set as dialogues see them, with the scores of many captions at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np

from eval.pictures import Pictures
from eval.retrieval import Scoring, fused
from indexer.points import bm25_document
from trsllava.dialogue.gallery import Presence
from trsllava.encoders.bm25 import Bm25Encoder, mean_length
from trsllava.encoders.protocol import FloatArray, TextEncoder
from trsllava.records import Branch, RichText
from trsllava.search.composed import unit_mean
from trsllava.store.protocol import QueryVector, SparseVector, TilePoint
from trsllava.store.scoring import StoredVectors

_CHUNK = 256


class ArrayGallery:
    """n images in memory, with a document and a picture each.

    `prepare` scores many captions together; a caption that comes without notice is scored by itself.
    """

    def __init__(
        self,
        names: Sequence[str],
        documents: Sequence[RichText],
        pictures: Pictures,
        encoder: TextEncoder,
        scoring: Scoring,
        presence: Presence | None = None,
    ) -> None:
        """`encoder`: of documents and captions; `scoring`: as a search fuses."""
        self.ids = tuple(names)
        self.texts = tuple(tuple(document.texts()) for document in documents)
        self.vectors = pictures.vectors
        self.presence = presence
        self._pictures, self._encoder, self._scoring = pictures, encoder, scoring
        self._documents = [bm25_document(document) for document in documents]
        self._rows: dict[str, FloatArray] = {}

    def scores(self, text: str) -> FloatArray:
        """As in `Gallery.scores`."""
        self.prepare([text])
        return self._rows[text]

    def prepare(self, texts: Iterable[str]) -> None:
        """Score captions that will be asked for, each distinct one once."""
        new = [text for text in dict.fromkeys(texts) if text not in self._rows]
        for start in range(0, len(new), _CHUNK):
            part = new[start : start + _CHUNK]
            scores = fused(np.stack([self._branch(branch, part) for branch in self._scoring.branches]), self._scoring)
            self._rows |= dict(zip(part, scores, strict=True))

    def forget(self) -> None:
        """Let go of the scores of all captions."""
        self._rows.clear()

    def together(self, captions: Sequence[Sequence[str]]) -> FloatArray:
        """`(q, n)` scores of q images' captions, each own at once: mean vector and all words."""
        branches = [self._together(branch, captions) for branch in self._scoring.branches]
        return fused(np.stack(branches), self._scoring)

    def _branch(self, branch: Branch, texts: Sequence[str]) -> FloatArray:
        """`(len(texts), n)` of one branch, as the store scores."""
        if branch == "bm25":
            return self._by_words(texts)
        return self._by_vectors(branch, self._encoded(branch, texts))

    def _together(self, branch: Branch, captions: Sequence[Sequence[str]]) -> FloatArray:
        if branch == "bm25":
            return self._by_words([" ".join(texts) for texts in captions])
        rows = self._encoded(branch, [text for texts in captions for text in texts])
        parts = np.split(rows, np.cumsum([len(texts) for texts in captions])[:-1])
        return self._by_vectors(branch, np.stack([unit_mean(part) for part in parts]))

    def _encoded(self, branch: Branch, texts: Sequence[str]) -> FloatArray:
        return self._pictures.encoder.encode_texts(texts) if branch == "image" else self._encoder.encode(texts)

    def _by_words(self, texts: Sequence[str]) -> FloatArray:
        return self._stored("bm25", [self._bm25.query(text) for text in texts])

    def _by_vectors(self, branch: Branch, rows: FloatArray) -> FloatArray:
        if branch == "image":
            return np.asarray(rows @ self.vectors.T, np.float32)
        return self._stored("dense", list(rows))

    def _stored(self, branch: Branch, vectors: Sequence[QueryVector]) -> FloatArray:
        scores = np.zeros((len(vectors), len(self.ids)), np.float32)
        for row, scored in zip(scores, self._stored_vectors.scored(branch, vectors), strict=True):
            row[[int(tile) for tile in scored.ids]] = scored.scores
        return scores

    @cached_property
    def _bm25(self) -> Bm25Encoder:
        return Bm25Encoder(mean_length(self._documents))

    @cached_property
    def _stored_vectors(self) -> StoredVectors:
        """Of images known by their number."""
        dense = self._encoder.encode([text for own in self.texts for text in own])
        ends = np.cumsum([len(own) for own in self.texts])[:-1]
        sparse: list[SparseVector] = [self._bm25.document(document) for document in self._documents]
        points = [
            TilePoint(id=f"{number:09}", dense=rows, sparse=words)
            for number, (rows, words) in enumerate(zip(np.split(dense, ends), sparse, strict=True))
        ]
        return StoredVectors.of(points)
