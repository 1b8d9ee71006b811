"""Which branches, fusion and weights does the validation proxy prefer?

    python -m eval.benchmarks.fusion --captions captions.jsonl
    python -m eval.benchmarks.fusion --captions captions.jsonl --images images

Prints a table row for every combination, sorted by the mean of the text-to-image recalls, which are what the proxy is
for. With `--images` the image branch joins, by z-scores. Nothing of test is looked at.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from eval.datasets.captions import read_captions
from eval.metrics.mean_recall import mean_recall
from eval.metrics.recall import Owner
from eval.metrics.t2i import recall_t2i
from eval.pictures import Pictures, picture_vectors
from eval.proxy import proxy_task
from eval.report import KS
from eval.retrieval import Scoring, fused
from eval.scores import TEXT_BRANCHES, Gallery, branch_scores
from trsllava.encoders.image_text import NANO, load_image_text_encoder
from trsllava.encoders.text import load_text_encoder
from trsllava.encoders.weights import DEFAULT_MODEL
from trsllava.records import Branch
from trsllava.search.fusion import FUSIONS
from trsllava.store.protocol import FloatArray

DENSE_WEIGHTS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
TEXT_SHARES = ((1.0, 0.0), (0.9, 0.1), (0.8, 0.2), (0.7, 0.3))
"""Of dense and bm25, beside an image branch."""
IMAGE_WEIGHTS = (0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.5, 2.0)
ALL_BRANCHES: tuple[Branch, ...] = (*TEXT_BRANCHES, "image")


def main(arguments: Sequence[str] | None = None) -> None:
    """Sweep and print."""
    parser = argparse.ArgumentParser(prog="python -m eval.benchmarks.fusion", description=__doc__)
    parser.add_argument("--captions", type=Path, required=True, help="human captions, JSON lines")
    parser.add_argument("--images", type=Path, help="folder of the images; the image branch is left out without it")
    parser.add_argument("--split", default="val")
    parser.add_argument("--encoder", default=DEFAULT_MODEL)
    parser.add_argument("--image-encoder", default=NANO)
    given = parser.parse_args(arguments)

    task = proxy_task(read_captions(given.captions, given.split))
    gallery, branches, combinations = Gallery(task.documents), TEXT_BRANCHES, _of_texts()
    encoders = given.encoder
    if given.images:
        encoders += f", image encoder {given.image_encoder}"
        seeing = load_image_text_encoder(given.image_encoder)
        pictures = Pictures(seeing, picture_vectors(seeing, given.images, task.images))
        gallery, branches, combinations = Gallery(task.documents, pictures), ALL_BRANCHES, _with_images()
    scores = branch_scores(task.queries, gallery, branches, load_text_encoder(given.encoder))
    rows = [(scoring, _t2i(scores, scoring, task.owner)) for scoring in combinations]
    print(f"{len(task.images)} images, {len(task.queries)} queries, encoder {encoders}\n")
    ratio = " : ".join(branches)
    print(f"| branches | fusion | {ratio} | R@1 | R@5 | R@10 | mean |")
    print("|---|---|---|---|---|---|---|")
    for scoring, recalls in sorted(rows, key=lambda row: -mean_recall(row[1], ())):
        print(_line(scoring, recalls))


def _of_texts() -> Iterator[Scoring]:
    for branch in TEXT_BRANCHES:
        yield Scoring((branch,), "cdf", {})
    for fusion in FUSIONS:
        for weight in DENSE_WEIGHTS:
            yield Scoring(TEXT_BRANCHES, fusion, {"dense": weight, "bm25": round(1 - weight, 2)})


def _with_images() -> Iterator[Scoring]:
    for branch in ALL_BRANCHES:
        yield Scoring((branch,), "zscore", {})
    for dense, bm25 in TEXT_SHARES:
        yield Scoring(TEXT_BRANCHES, "zscore", {"dense": dense, "bm25": bm25})
        for image in IMAGE_WEIGHTS:
            yield Scoring(ALL_BRANCHES, "zscore", {"dense": dense, "bm25": bm25, "image": image})


def _t2i(scores: FloatArray, scoring: Scoring, owner: Owner) -> list[float]:
    chosen = scores[[ALL_BRANCHES.index(branch) for branch in scoring.branches]]
    return [100 * recall.expected for recall in recall_t2i(fused(chosen, scoring), owner, KS).values()]


def _line(scoring: Scoring, recalls: Sequence[float]) -> str:
    single = len(scoring.branches) == 1
    weights = "" if single else " : ".join(f"{scoring.weight(branch):g}" for branch in scoring.branches)
    how = [", ".join(scoring.branches), "" if single else scoring.fusion, weights]
    values = [f"{value:.2f}" for value in (*recalls, mean_recall(recalls, ()))]
    return f"| {' | '.join([*how, *values])} |"


if __name__ == "__main__":
    main()
