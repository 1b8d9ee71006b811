"""Does it help to add to a query what the collection says beside it?

    python -m eval.benchmarks.expansion --captions captions.jsonl

On the validation proxy (docs/evaluation.md), T2I, by the default branches and weights, each against the query as it is
with a paired bootstrap over images. Words to add come from the documents: by normalised pointwise mutual information
with the query's words (Bouma, "Normalized (Pointwise) Mutual Information in Collocation Extraction", GSCL 2009), by
nearness of word vectors, or from the best documents of a first search. They count with a weight in the bm25 branch, or
move the dense vector (Rocchio, 1971) together with the best documents.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from eval.benchmarks.typos import STOP_WORDS
from eval.datasets.captions import read_captions
from eval.metrics.t2i import chances_t2i
from eval.proxy import proxy_task
from eval.report import KS
from eval.retrieval import Scoring, fused
from eval.scores import TEXT_BRANCHES, Gallery, branch_scores
from eval.significance import Hits, bootstrap_gain
from eval.task import RetrievalTask
from trsllava.encoders.protocol import TextEncoder
from trsllava.encoders.text import load_text_encoder
from trsllava.ledger.words import words, words_of
from trsllava.search.fusion import DEFAULT_WEIGHTS
from trsllava.store.protocol import FloatArray

ADDED = (2, 5)
"""Words a query."""
BEST = (3, 10)
"""Documents of the first search."""
BM25_WEIGHTS = (0.1, 0.3)
ROCCHIO_WEIGHTS = (0.1, 0.3, 0.5)
_LEAST = 3
"""Documents a word stands in, to be added."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m eval.benchmarks.expansion", description=__doc__)
    parser.add_argument("--captions", type=Path, required=True, help="human captions, JSON lines")
    parser.add_argument("--split", default="val")
    parser.add_argument("--limit", type=int, default=2_000, help="images, drawn by a seed where there are more")
    given = parser.parse_args(arguments)
    images = read_captions(given.captions, given.split)
    if len(images) > given.limit:
        images = random.Random(0).sample(images, given.limit)
    task = proxy_task(images)
    encoder = load_text_encoder()
    collection = Collection(task, encoder)
    print(f"{len(task.images)} images, {len(task.queries)} queries, {len(collection.words)} words to add\n")
    print("| added | mean T2I | gain | 95 % |\n|---|---|---|---|")
    ways = _ways(task, collection, encoder)
    _, scores = next(ways)
    before = _hits(scores, task)
    print(f"| nothing | {100 * before['t2i'].values.mean():.2f} | | |")
    for name, expanded in ways:
        after = _hits(expanded, task)
        gain = bootstrap_gain(before, after)
        print(f"| {name} | {100 * after['t2i'].values.mean():.2f} | {gain.mean:+.2f} | "
              f"{gain.low:+.2f} to {gain.high:+.2f} |")  # fmt: skip


class Collection:
    """n documents and their w words that may be added to a query."""

    def __init__(self, task: RetrievalTask, encoder: TextEncoder) -> None:
        said = [words_of(document) for document in task.documents]
        count: dict[str, int] = {}
        for word in (word for own in said for word in own):
            count[word] = count.get(word, 0) + 1
        self.words = sorted(word for word, n in count.items() if n >= _LEAST and word not in STOP_WORDS)
        self.has = np.array([[word in own for word in self.words] for own in said], np.float32)
        self.documents = encoder.encode([document.texts()[0] for document in task.documents])
        self.queries = encoder.encode(task.queries)
        asked = [set(words(text)) for text in task.queries]
        self.asked = np.array([[word in own for word in self.words] for own in asked], np.float32)

    def by_association(self) -> FloatArray:
        """`(q, w)` mean normalised pointwise mutual information of a query's words with each word."""
        share = self.has.mean(0)
        both = self.has.T @ self.has / len(self.has)
        with np.errstate(divide="ignore", invalid="ignore"):
            npmi = np.where(both > 0, np.log(both / np.outer(share, share)) / -np.log(both), -1.0)
        return self._mean_over_asked(npmi)

    def by_vectors(self, encoder: TextEncoder) -> FloatArray:
        """`(q, w)` largest cosine of a query's words with each word."""
        vectors = encoder.encode(self.words)
        cosines = vectors @ vectors.T
        return np.stack([cosines[row > 0].max(0) if row.any() else np.zeros(len(row)) for row in self.asked])

    def by_feedback(self, first: FloatArray, best: int) -> FloatArray:
        """`(q, w)` weight of each word in the best documents of a search, by how rare it is."""
        rare = np.log(len(self.has) / self.has.sum(0))
        top = np.argsort(-first, axis=1)[:, :best]
        return np.asarray(self.has[top].mean(1) * rare)

    def _mean_over_asked(self, of_words: FloatArray) -> FloatArray:
        return np.asarray(self.asked @ of_words / np.maximum(1, self.asked.sum(1, keepdims=True)))

    def added(self, liking: FloatArray, count: int) -> list[str]:
        """For each query the best-liked words that it lacks."""
        liked = np.where(self.asked > 0, -np.inf, liking)
        top = np.argsort(-liked, axis=1, kind="stable")[:, :count]
        return [" ".join(self.words[place] for place in row) for row in top]


def _ways(task: RetrievalTask, collection: Collection, encoder: TextEncoder) -> Iterator[tuple[str, FloatArray]]:
    """What is added, at first nothing, and the scores `(2, q, n)` of dense and bm25 that it gives."""
    dense = collection.queries @ collection.documents.T
    (bm25,) = _bm25_scores(task, [task.queries], encoder)
    plain = np.stack([dense, bm25])
    yield "nothing", plain
    first = _fused(plain)
    likings = {"association": collection.by_association(), "word vectors": collection.by_vectors(encoder)}
    likings |= {f"words of {best} best": collection.by_feedback(first, best) for best in BEST}
    added = {
        f"{count} by {name}": collection.added(liking, count) for name, liking in likings.items() for count in ADDED
    }
    for (name, texts), more in zip(added.items(), _bm25_scores(task, list(added.values()), encoder), strict=True):
        for weight in BM25_WEIGHTS:
            yield f"{name}, bm25 × {weight:g}", np.stack([dense, bm25 + weight * more])
        if name.startswith(f"{ADDED[0]} "):
            both = [f"{text} {extra}" for text, extra in zip(task.queries, texts, strict=True)]
            yield f"{name}, in the text", np.stack([encoder.encode(both) @ collection.documents.T, bm25 + more])
    for best in BEST:
        middle = collection.documents[np.argsort(-first, axis=1)[:, :best]].mean(1)
        for weight in ROCCHIO_WEIGHTS:
            moved = collection.queries + weight * middle
            moved /= np.linalg.norm(moved, axis=1, keepdims=True)
            yield f"Rocchio, {best} best × {weight:g}", np.stack([moved @ collection.documents.T, bm25])


def _bm25_scores(task: RetrievalTask, texts: Sequence[Sequence[str]], encoder: TextEncoder) -> list[FloatArray]:
    """`(q, n)` for each of several ways to write the q queries."""
    queries = [text for way in texts for text in way]
    (scores,) = branch_scores(queries, Gallery(task.documents), ("bm25",), encoder)
    return np.split(scores, len(texts))


def _fused(scores: FloatArray) -> FloatArray:
    return fused(scores, Scoring(TEXT_BRANCHES, "zscore", DEFAULT_WEIGHTS))


def _hits(scores: FloatArray, task: RetrievalTask) -> dict[str, Hits]:
    return {"t2i": Hits(chances_t2i(_fused(scores), task.owner, KS), task.owner)}


if __name__ == "__main__":
    main()
