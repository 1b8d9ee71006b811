"""Image retrieval, measured: queries rank images by their rich texts and their pictures, images rank queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from eval.bank import Bank
from eval.metrics.recall import ScoreMatrix
from eval.pictures import Pictures
from eval.report import Protocol, RetrievalReport, measure
from eval.rescoring import BankRescoring, Rescoring, Resort
from eval.scores import TEXT_BRANCHES, Gallery, branch_scores
from eval.task import RetrievalTask, models_of, queries_in_documents
from eval.trained_on import NOT_STATED, documents_trained_on, image_encoder_trained_on, text_encoder_trained_on
from indexer.points import bm25_document
from indexer.progress import Progress, no_progress
from trsllava.config import Settings
from trsllava.encoders.bm25 import mean_length
from trsllava.encoders.protocol import TextEncoder
from trsllava.errors import InputError, Parameter
from trsllava.records import Branch, FusionName, Term
from trsllava.search.fusion import DEFAULT_FUSION, DEFAULT_WEIGHTS, FUSIONS, TIE
from trsllava.store.protocol import FloatArray

_CHUNK = 512


@dataclass(frozen=True)
class Scoring:
    """Which branches are fused, and how. A single branch is not fused: its own scores count."""

    branches: tuple[Branch, ...]
    fusion: FusionName
    weights: Mapping[Term, float]
    """Of the branches; one left out counts 1."""
    rescoring: Rescoring | None = None
    """Against hubs; with a bank of each branch of cosines before they are fused, transductive of the fused scores."""

    def __post_init__(self) -> None:
        """Raises InputError where a rescoring would change nothing."""
        if not isinstance(self.rescoring, Resort | None) and set(self.branches) == {"bm25"}:
            raise InputError(
                f"{self.rescoring} rescores cosines, and bm25 has none. Ask for the branch dense or image too, or "
                "leave out ",
                Parameter("rescoring"),
                ".",
            )

    def weight(self, branch: Branch) -> float:
        """Weight of a branch."""
        return self.weights.get(branch, 1.0)


def scoring_of(settings: Settings, rescoring: Rescoring | None = None) -> Scoring:
    """How settings score; by the defaults where they name none. Raises InputError as `Scoring` does."""
    return Scoring(
        settings.branches or TEXT_BRANCHES,
        settings.fusion or DEFAULT_FUSION,
        DEFAULT_WEIGHTS if settings.weights is None else settings.weights,
        rescoring,
    )


@dataclass(frozen=True)
class Measurement:
    """A report, and the scores that it was made of."""

    report: RetrievalReport
    by_text: ScoreMatrix
    """`(q, n)`, comparable along each row."""
    by_image: ScoreMatrix
    """`(q, n)`, comparable along each column."""


def evaluate_retrieval(
    task: RetrievalTask,
    encoder: TextEncoder | None,
    scoring: Scoring,
    *,
    split: str,
    pictures: Pictures | None = None,
    bank: Bank | None = None,
    captioner_trained_on: str = NOT_STATED,
    progress: Progress = no_progress,
) -> Measurement:
    """Measure a task: recall at 1, 5 and 10 in both directions, from the same matrix of each branch.

    A fusion's statistics run, for each query by itself, over what it ranks: images for a text, texts for an image.
    Raises InputError for a branch that documents and pictures cannot serve, for weights that cannot be, and for a
    rescoring without the bank that it needs.

    Args:
        task: what is measured.
        encoder: of the branches of texts; None where there are none.
        scoring: how scores are made.
        split: of the data set, to be reported.
        pictures: of the task's images, in their order, for the branch `image`.
        bank: of a `BankRescoring`.
        captioner_trained_on: to be reported.
        progress: is told the stage, how much of it is done, and how much there is.
    """
    gallery = Gallery(task.documents, pictures)
    known = bank_scores(task, gallery, bank, scoring.branches, encoder, progress) if bank else None
    scores = branch_scores(task.queries, gallery, scoring.branches, encoder, progress)
    by_text, by_image = both_ways(scores, scoring, known)
    expected, bounds = measure(by_text, by_image, task.owner)
    single = len(scoring.branches) == 1
    report = RetrievalReport(
        t2i=expected.t2i,
        i2t=expected.i2t,
        mR=expected.mR,
        bounds=bounds,
        encoder=encoder.name if encoder else None,
        image_encoder=pictures.encoder.name if pictures else None,
        branches=scoring.branches,
        fusion=None if single else scoring.fusion,
        weights={branch: scoring.weight(branch) for branch in scoring.branches},
        rescoring=str(scoring.rescoring) if scoring.rescoring else None,
        bm25_average_length=mean_length(map(bm25_document, task.documents)) if task.documents else None,
        protocol=_protocol(task, scoring, split, captioner_trained_on, encoder, pictures, bank),
    )
    return Measurement(report, by_text, by_image)


@dataclass(frozen=True)
class BankScores:
    """What a bank of m texts and l images scores in b branches."""

    asking: FloatArray
    """`(b, m, n)` float32: its texts with the n images that are measured."""
    asked: FloatArray
    """`(b, q, l)` float32: the q texts that are measured with its images."""


def bank_scores(
    task: RetrievalTask,
    gallery: Gallery,
    bank: Bank,
    branches: tuple[Branch, ...],
    encoder: TextEncoder | None,
    progress: Progress = no_progress,
) -> BankScores:
    """A bank's scores with a task's images and texts, as in `branch_scores`."""
    return BankScores(
        asking=branch_scores(bank.texts, gallery, branches, encoder, progress),
        asked=branch_scores(task.queries, bank.images, branches, encoder, progress),
    )


def both_ways(
    scores: FloatArray, scoring: Scoring, known: BankScores | None = None
) -> tuple[ScoreMatrix, ScoreMatrix]:
    """Final scores `(q, n)` float32: as texts rank images, comparable along each row, and as images rank texts,
    comparable along each column. Raises InputError for a rescoring that lacks its bank.

    Args:
        scores: `(b, q, n)` float32 of the branches (`branch_scores`).
        scoring: how they are rescored and fused.
        known: the bank's scores of the same branches.
    """
    turned = scores.transpose(0, 2, 1)
    match scoring.rescoring:
        case None:
            return fused(scores, scoring), fused(turned, scoring).T
        case Resort() as resort:
            return resort(fused(scores, scoring)), resort(fused(turned, scoring)).T
        case rescoring if known is not None:
            by_text = _against_hubs(scores, known.asking, scoring.branches, rescoring)
            by_image = _against_hubs(turned, known.asked.transpose(0, 2, 1), scoring.branches, rescoring)
            return fused(by_text, scoring), fused(by_image, scoring).T
    raise InputError(
        f"{scoring.rescoring} recognises hubs by a bank of texts and images; name one with ", Parameter("bank"), "."
    )


def _against_hubs(
    scores: FloatArray, bank: FloatArray, branches: tuple[Branch, ...], rescoring: BankRescoring
) -> FloatArray:
    """Each branch of cosines rescored, `(b, q, n)` float32, by its bank's scores `(b, m, n)`. BM25 is left alone: its
    inverse document frequencies and lengths do what a bank would."""
    rescored = [
        own if branch == "bm25" else rescoring(own, its)
        for branch, own, its in zip(branches, scores, bank, strict=True)
    ]
    return np.stack(rescored)


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


def _protocol(
    task: RetrievalTask,
    scoring: Scoring,
    split: str,
    stated: str,
    encoder: TextEncoder | None,
    pictures: Pictures | None,
    bank: Bank | None,
) -> Protocol:
    texts = [len(document.texts()) for document in task.documents]
    return Protocol(
        split=split,
        n_images=len(task.images),
        n_queries=len(task.queries),
        n_distinct_queries=len(set(task.queries)),
        queries=task.query_kind,
        query_source=task.query_source,
        queries_in_documents=queries_in_documents(task),
        documents=models_of(task.documents) or "none: pictures alone",
        texts_per_image=float(np.mean(texts)) if texts else 0.0,
        oracle=False,
        transductive="bm25" in scoring.branches or isinstance(scoring.rescoring, Resort),
        statistics="; ".join(_statistics(scoring)) or "none: a score depends on its query and its document alone",
        ties=f"random in expectation within {TIE:g} (McSherry & Najork, ECIR 2008)",
        scoring="exact: every query with every image, texts in the embedded store",
        bank=bank.source if bank else "none",
        captioner_trained_on=documents_trained_on(stated, models_of(task.documents))
        if task.documents
        else "no captioner",
        encoder_trained_on=text_encoder_trained_on(encoder.name) if encoder else "no text-to-text encoder",
        image_encoder_trained_on=image_encoder_trained_on(pictures.encoder.name) if pictures else "no image encoder",
    )


def _statistics(scoring: Scoring) -> list[str]:
    """What a score depends on besides its query and its document."""
    found = []
    if "bm25" in scoring.branches:
        found.append("bm25: document frequencies and mean length over all images (for I2T they are the queries)")
    if len(scoring.branches) > 1:
        found.append(f"{scoring.fusion}: a query's scores in a branch over all that it ranks")
    match scoring.rescoring:
        case None:
            pass
        case Resort():
            found.append("resort: the scores of all other queries with a query's best candidates")
        case _:
            found.append("rescoring: what a bank of other texts and images scores with a candidate")
    return found
