"""The images of a data set as dialogues see them, with the scores of many captions at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np

from eval.pictures import Pictures
from eval.retrieval import Scoring, fused
from indexer.points import bm25_document
from trsllava.dialogue.gallery import Presence
from trsllava.encoders.bm25 import Bm25Encoder, mean_length
from trsllava.encoders.protocol import FloatArray, TextEncoder
from trsllava.records import Branch, RichText
from trsllava.store.protocol import SparseVector, TilePoint
from trsllava.store.scoring import score_everything

_CHUNK = 256


class ArrayGallery:
    """n images in memory: their documents, their pictures, or both.

    `prepare` scores many captions together; a caption that comes without notice is scored by itself.
    """

    def __init__(
        self,
        names: Sequence[str],
        documents: Sequence[RichText],
        pictures: Pictures | None,
        encoder: TextEncoder | None,
        scoring: Scoring,
        presence: Presence | None = None,
    ) -> None:
        """`encoder`: of documents and captions, None where there are no documents; `scoring`: as a search fuses."""
        self.ids = tuple(names)
        self.texts = tuple(tuple(document.texts()) for document in documents) or ((),) * len(self.ids)
        self.presence = presence
        self._documents, self._pictures, self._encoder = tuple(documents), pictures, encoder
        self._scoring = scoring
        self._rows: dict[str, FloatArray] = {}

    @property
    def vectors(self) -> FloatArray | None:
        """As in `Gallery.vectors`."""
        return self._pictures.vectors if self._pictures else None

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

    def forget(self, kept: Iterable[str] = ()) -> None:
        """Let go of the scores of all captions but these."""
        self._rows = {text: self._rows[text] for text in kept if text in self._rows}

    def branch_vectors(self, branch: Branch, texts: Sequence[str]) -> Sequence[FloatArray] | Sequence[SparseVector]:
        """What texts ask of a branch."""
        if branch == "bm25":
            return [self._bm25.query(text) for text in texts]
        if branch == "image":
            assert self._pictures is not None
            return list(self._pictures.encoder.encode_texts(texts))
        assert self._encoder is not None
        return list(self._encoder.encode(texts))

    def branch_scores(self, branch: Branch, vectors: Sequence[FloatArray] | Sequence[SparseVector]) -> FloatArray:
        """`(len(vectors), n)` of one branch, as the store scores."""
        if branch == "image":
            assert self._pictures is not None
            return np.asarray(np.stack(vectors) @ self._pictures.vectors.T, np.float32)
        scores = np.zeros((len(vectors), len(self.ids)), np.float32)
        for row, scored in zip(scores, score_everything(self._points, branch, vectors), strict=True):
            row[[self._column[tile] for tile in scored.ids]] = scored.scores
        return scores

    def _branch(self, branch: Branch, texts: Sequence[str]) -> FloatArray:
        return self.branch_scores(branch, self.branch_vectors(branch, texts))

    @cached_property
    def _bm25(self) -> Bm25Encoder:
        return Bm25Encoder(mean_length(map(bm25_document, self._documents)))

    @cached_property
    def _column(self) -> Mapping[str, int]:
        return {point.id: number for number, point in enumerate(self._points)}

    @cached_property
    def _points(self) -> Sequence[TilePoint]:
        assert self._encoder is not None
        texts = [document.texts() for document in self._documents]
        dense = self._encoder.encode([text for own in texts for text in own])
        ends = np.cumsum([len(own) for own in texts])[:-1]
        return [
            TilePoint(id=f"{number:09}", dense=rows, sparse=self._bm25.document(bm25_document(document)))
            for number, (rows, document) in enumerate(zip(np.split(dense, ends), self._documents, strict=True))
        ]
