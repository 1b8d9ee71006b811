"""Text-to-text image retrieval, measured: queries rank images by their rich texts, images rank queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from eval.report import Protocol, RetrievalReport, measure
from eval.scores import branch_scores
from eval.task import RetrievalTask, models_of
from indexer.points import bm25_document
from indexer.progress import Progress
from trsllava.encoders.bm25 import mean_length
from trsllava.encoders.protocol import TextEncoder
from trsllava.records import Branch, FusionName, Term
from trsllava.search.fusion import FUSIONS, TIE
from trsllava.store.protocol import FloatArray

_CHUNK = 512

_MINILM = "1.17 billion general sentence pairs, COCO and Flickr30k captions among them; no remote-sensing captions"
_TRAINED_ON = {
    "sentence-transformers/all-MiniLM-L6-v2": _MINILM,
    "sentence-transformers/all-MiniLM-L6-v2+calibrated": f"{_MINILM}; calibrated on RSICD's training split",
}
_NOT_STATED = "not stated"


@dataclass(frozen=True)
class Scoring:
    """Which branches are fused, and how. A single branch is not fused: its own scores count."""

    branches: tuple[Branch, ...]
    fusion: FusionName
    weights: Mapping[Term, float]
    """Of the branches; one left out counts 1."""

    def weight(self, branch: Branch) -> float:
        """Weight of a branch."""
        return self.weights.get(branch, 1.0)


@dataclass(frozen=True)
class Measurement:
    """A report, and the scores that it was made of."""

    report: RetrievalReport
    by_text: FloatArray
    """`(q, n)`, comparable along each row."""
    by_image: FloatArray
    """`(q, n)`, comparable along each column."""


def evaluate_retrieval(
    task: RetrievalTask,
    encoder: TextEncoder,
    scoring: Scoring,
    *,
    split: str,
    captioner_trained_on: str = _NOT_STATED,
    progress: Progress = lambda stage, done, total: None,
) -> Measurement:
    """Measure a task: recall at 1, 5 and 10 in both directions, from the same matrix of each branch.

    A fusion's statistics run, for each query by itself, over what it ranks: images for a text, texts for an image.
    Raises InputError for a branch that texts cannot serve, and for weights that cannot be.
    """
    average_length = mean_length(bm25_document(document) for document in task.documents)
    scores = branch_scores(task, encoder, scoring.branches, average_length, progress)
    by_image = fused(scores.transpose(0, 2, 1), scoring).T
    by_text = fused(scores, scoring)
    expected, bounds = measure(by_text, by_image, task.owner)
    single = len(scoring.branches) == 1
    report = RetrievalReport(
        t2i=expected.t2i,
        i2t=expected.i2t,
        mR=expected.mR,
        bounds=bounds,
        encoder=encoder.name,
        branches=scoring.branches,
        fusion=None if single else scoring.fusion,
        weights={branch: scoring.weight(branch) for branch in scoring.branches},
        bm25_average_length=average_length,
        protocol=_protocol(task, scoring, split, captioner_trained_on, encoder.name),
    )
    return Measurement(report, by_text, by_image)


def fused(scores: FloatArray, scoring: Scoring) -> FloatArray:
    """The branches `(b, q, n)` as one matrix `(q, n)`, float32; each row is a query, fused for itself."""
    if len(scoring.branches) == 1:
        single: FloatArray = scores[0]
        return single
    weights = np.array([scoring.weight(branch) for branch in scoring.branches], np.float32)
    fusion = FUSIONS[scoring.fusion]
    matrix: FloatArray = np.empty(scores.shape[1:], np.float32)
    for start in range(0, len(matrix), _CHUNK):
        rows = slice(start, start + _CHUNK)
        fusion.terms(scores[:, rows], None, weights).sum(axis=0, out=matrix[rows])
    return matrix


def _protocol(task: RetrievalTask, scoring: Scoring, split: str, captioner_trained_on: str, encoder: str) -> Protocol:
    statistics = _statistics(scoring)
    return Protocol(
        split=split,
        n_images=len(task.images),
        n_queries=len(task.queries),
        n_distinct_queries=len(set(task.queries)),
        queries=task.query_kind,
        query_source=task.query_source,
        documents=models_of(task.documents),
        texts_per_image=float(np.mean([len(document.texts()) for document in task.documents])),
        oracle=False,
        transductive="bm25" in scoring.branches,
        statistics="; ".join(statistics) or "none: a score depends on its query and its document alone",
        ties=f"random in expectation within {TIE:g} (McSherry & Najork, ECIR 2008)",
        scoring="exact: every query with every image, in the embedded store",
        captioner_trained_on=captioner_trained_on,
        encoder_trained_on=_TRAINED_ON.get(encoder, _NOT_STATED),
    )


def _statistics(scoring: Scoring) -> list[str]:
    """What a score depends on besides its query and its document."""
    found = []
    if "bm25" in scoring.branches:
        found.append("bm25: document frequencies and mean length over all images (for I2T they are the queries)")
    if len(scoring.branches) > 1:
        found.append(f"{scoring.fusion}: a query's scores in a branch over all that it ranks")
    return found
