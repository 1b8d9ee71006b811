"""Which branches, fusion and weights does the validation proxy prefer?

    python -m eval.benchmarks.fusion --captions captions.jsonl

Prints a table row for every combination, sorted by the mean of the text-to-image recalls, which are what the proxy is
for. Nothing of test is looked at.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from eval.datasets.captions import read_captions
from eval.metrics.mean_recall import mean_recall
from eval.metrics.recall import Owner
from eval.metrics.t2i import recall_t2i
from eval.proxy import proxy_task
from eval.report import KS
from eval.retrieval import Scoring, fused
from eval.scores import TEXT_BRANCHES, branch_scores
from indexer.points import bm25_document
from trsllava.encoders.bm25 import mean_length
from trsllava.encoders.text import load_text_encoder
from trsllava.encoders.weights import DEFAULT_MODEL
from trsllava.search.fusion import FUSIONS
from trsllava.store.protocol import FloatArray

DENSE_WEIGHTS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def main(arguments: Sequence[str] | None = None) -> None:
    """Sweep and print."""
    parser = argparse.ArgumentParser(prog="python -m eval.benchmarks.fusion", description=__doc__)
    parser.add_argument("--captions", type=Path, required=True, help="human captions, JSON lines")
    parser.add_argument("--split", default="val")
    parser.add_argument("--encoder", default=DEFAULT_MODEL)
    given = parser.parse_args(arguments)

    task = proxy_task(read_captions(given.captions, given.split))
    average_length = mean_length(bm25_document(document) for document in task.documents)
    scores = branch_scores(task, load_text_encoder(given.encoder), TEXT_BRANCHES, average_length)
    rows = [(scoring, _t2i(scores, scoring, task.owner)) for scoring in _combinations()]
    print(f"{len(task.images)} images, {len(task.queries)} queries, encoder {given.encoder}\n")
    print("| branches | fusion | dense : bm25 | R@1 | R@5 | R@10 | mean |")
    print("|---|---|---|---|---|---|---|")
    for scoring, recalls in sorted(rows, key=lambda row: -mean_recall(row[1], ())):
        print(_line(scoring, recalls))


def _combinations() -> Iterator[Scoring]:
    for branch in TEXT_BRANCHES:
        yield Scoring((branch,), "cdf", {})
    for fusion in FUSIONS:
        for weight in DENSE_WEIGHTS:
            yield Scoring(TEXT_BRANCHES, fusion, {"dense": weight, "bm25": round(1 - weight, 2)})


def _t2i(scores: FloatArray, scoring: Scoring, owner: Owner) -> list[float]:
    chosen = scores[[TEXT_BRANCHES.index(branch) for branch in scoring.branches]]
    return [100 * recall.expected for recall in recall_t2i(fused(chosen, scoring), owner, KS).values()]


def _line(scoring: Scoring, recalls: Sequence[float]) -> str:
    single = len(scoring.branches) == 1
    weights = "" if single else " : ".join(f"{scoring.weight(branch):g}" for branch in scoring.branches)
    how = [", ".join(scoring.branches), "" if single else scoring.fusion, weights]
    values = [f"{value:.2f}" for value in (*recalls, mean_recall(recalls, ()))]
    return f"| {' | '.join([*how, *values])} |"


if __name__ == "__main__":
    main()
