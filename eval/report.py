"""What a measurement says, and how it was made: a figure without its protocol cannot be put beside others."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from eval.metrics.i2t import recall_i2t
from eval.metrics.mean_recall import mean_recall
from eval.metrics.recall import Owner, ScoreMatrix
from eval.metrics.t2i import recall_t2i
from eval.task import QueryKind
from trsllava.records import Branch, FusionName

KS = (1, 5, 10)


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Figures(_Model):
    """Recalls of both directions, `{"R@1": …, "R@5": …, "R@10": …}`, and their mean; all in percent."""

    t2i: dict[str, float]
    i2t: dict[str, float]
    mR: float  # noqa: N815 - as the literature writes it

    @classmethod
    def of(cls, t2i: Mapping[int, float], i2t: Mapping[int, float]) -> Figures:
        """Figures of recalls by K, given as shares from 0 to 1."""
        return cls(
            t2i={f"R@{k}": 100 * share for k, share in t2i.items()},
            i2t={f"R@{k}": 100 * share for k, share in i2t.items()},
            mR=100 * mean_recall(t2i.values(), i2t.values()),
        )


class Bounds(_Model):
    """The figures with every tie broken for the right answer, and against it."""

    optimistic: Figures
    pessimistic: Figures


class Protocol(_Model):
    """What a reader must know of a figure."""

    split: str
    n_images: int
    n_queries: int
    n_distinct_queries: int
    queries: QueryKind
    query_source: str
    queries_in_documents: float | None = None
    """Share, 0 to 1, of the queries that are letter for letter a text of their image's document; None: a run file
    from before it was counted."""
    documents: str
    texts_per_image: float
    """Mean number of distinct texts of an image's document."""
    oracle: bool
    """True where someone who sees the image that is searched for answers during the search."""
    transductive: bool
    """True where a query's scores depend on the other queries of its direction."""
    statistics: str
    """What the scores of a query depend on besides the query and the document."""
    ties: str
    scoring: str
    bank: str
    """Whose texts and images hubs were known by: none of them is measured."""
    captioner_trained_on: str
    encoder_trained_on: str
    image_encoder_trained_on: str


class RetrievalReport(_Model):
    """One measurement, with ties broken at random in expectation, and its protocol."""

    t2i: dict[str, float]
    i2t: dict[str, float]
    mR: float  # noqa: N815 - as the literature writes it
    bounds: Bounds
    encoder: str | None
    """Of texts with texts; None where only pictures were compared."""
    image_encoder: str | None
    """Of texts with pictures; None where only texts were compared."""
    branches: tuple[Branch, ...]
    fusion: FusionName | None
    """None: a single branch, its own scores."""
    weights: dict[Branch, float]
    rescoring: str | None
    """What was done against hubs (`eval.rescoring`)."""
    bm25_average_length: float | None
    """Mean number of terms of a document; None where there are no documents."""
    protocol: Protocol


def measure(by_text: ScoreMatrix, by_image: ScoreMatrix, owner: Owner) -> tuple[Figures, Bounds]:
    """Both directions: each text ranks the images of its row, each image the texts of its column.

    Args:
        by_text: `(q, n)` float32, comparable along each row.
        by_image: `(q, n)` float32, comparable along each column; the same matrix where nothing was fused.
        owner: `(q,)` the image that each text belongs to.
    """
    t2i, i2t = recall_t2i(by_text, owner, KS), recall_i2t(by_image, owner, KS)
    expected = Figures.of({k: t2i[k].expected for k in KS}, {k: i2t[k].expected for k in KS})
    optimistic = Figures.of({k: t2i[k].optimistic for k in KS}, {k: i2t[k].optimistic for k in KS})
    pessimistic = Figures.of({k: t2i[k].pessimistic for k in KS}, {k: i2t[k].pessimistic for k in KS})
    return expected, Bounds(optimistic=optimistic, pessimistic=pessimistic)
