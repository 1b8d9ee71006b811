"""What does a composed query gain over its picture alone, its text alone, and the plain average of both?

    trsllava index images --collection val
    python -m eval.benchmarks.composed --images images --queries composed-val.jsonl --collection val --sweep
    python -m eval.benchmarks.composed --images images --queries composed-test.jsonl --collection test

Every pair of what picture and text are compared with, on one set of queries (`eval.benchmarks.composed_set`). With
`--sweep` the weights of the text are swept, which is for validation; without, each pair has the weight that is the
product's default, and the gains are told with their 95 % intervals (`eval.composed_gain`).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

import trsllava
from eval.composed import SWEEP, Composition, average_precisions, group_means
from eval.composed_gain import bootstrap_map_gain
from eval.datasets.composed import ComposedSet, placed, read_composed
from eval.known_images import KnownImages, known_images
from eval.metrics.average_precision import mean_over_attributes
from indexer.walk import FolderWalk
from trsllava.encoders.bm25 import Bm25Encoder
from trsllava.records import FusionName, SideBranch
from trsllava.search.branches import Encoders
from trsllava.search.composed import EDIT_WEIGHT, default_weight
from trsllava.search.fusion import FUSIONS, Fusion
from trsllava.store.protocol import FloatArray

PAIRS = tuple(product(get_args(SideBranch), repeat=2))
FUSION_NAMES: tuple[FusionName, ...] = ("cdf", "zscore")


class PlainAverage:
    """Similarities as they are, weighed: the paper's equation 1."""

    def terms(self, scores: FloatArray, moments: FloatArray | None, weights: FloatArray) -> FloatArray:  # noqa: ARG002
        """As in `Fusion.terms`."""
        terms: FloatArray = scores * weights[:, None]
        return terms


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m eval.benchmarks.composed", description=__doc__)
    parser.add_argument("--images", type=Path, required=True, help="folder that was indexed: the archive")
    parser.add_argument("--queries", type=Path, required=True, help="composed queries, JSON lines")
    parser.add_argument("--home", type=Path, help="home folder of the collection")
    parser.add_argument("--collection", default="default")
    parser.add_argument("--sweep", action="store_true", help="try all weights, fusions and pairs; for validation")
    given = parser.parse_args(arguments)

    names = [path.relative_to(given.images).as_posix() for path in FolderWalk(given.images)]
    asked = placed(read_composed(given.queries), names)
    with trsllava.open(given.home, given.collection) as archive:
        image = archive.image_encoder
        encoders = Encoders(archive.encoder, Bm25Encoder(1.0), None if image is None else lambda: image)
        seen = known_images(archive, given.images, names)
        print(f"{len(asked.queries)} queries, {len(names)} images\n")
        (sweep if given.sweep else compare)(asked, seen, encoders)


def sweep(asked: ComposedSet, seen: KnownImages, encoders: Encoders) -> None:
    """A row for each pair, mode and fusion: mAP by weight of the text."""
    print("| compared | fusion | " + " | ".join(f"{weight:g}" for weight in SWEEP) + " |")
    print("|---|---|" + "---|" * len(SWEEP))
    for pair, edit in product(PAIRS, (False, True)):
        fusions: dict[str, Fusion] = {name: FUSIONS[name] for name in FUSION_NAMES} | {"average": PlainAverage()}
        for name, fusion in fusions.items():
            found = average_precisions(asked, seen, encoders, Composition(pair, edit), fusion, SWEEP)
            means = " | ".join(f"{_mean(asked, row):.2f}" for row in found)
            print(f"| {_title(pair, edit)} | {name} | {means} |")


def compare(asked: ComposedSet, seen: KnownImages, encoders: Encoders) -> None:
    """A row for each pair: WEICOM at the default weight, what it is compared with, and the gains."""
    print("| compared | text only | picture only | plain average | WEICOM | gain on text | on picture | on average |")
    print("|---|---|---|---|---|---|---|---|")
    default = None
    for pair in PAIRS:
        how = Composition(pair)
        text, picture, weicom = average_precisions(
            asked, seen, encoders, how, FUSIONS["cdf"], (1.0, 0.0, default_weight(False, pair))
        )  # a single side is not fused
        (average,) = average_precisions(asked, seen, encoders, how, PlainAverage(), (0.5,))
        default = weicom if pair == Composition().pair else default
        means = [f"{_mean(asked, row):.2f}" for row in (text, picture, average, weicom)]
        gains = [_gain(asked, row, weicom) for row in (text, picture, average)]
        print(f"| {_title(pair, False)} | " + " | ".join(means + gains) + " |")
    assert default is not None
    print("\n| other ways | mAP | gain on the default |\n|---|---|---|")
    for how, weight in _others():
        (row,) = average_precisions(asked, seen, encoders, how, FUSIONS[how.fusion], (weight,))
        name = f"{_title(how.pair, how.edit)}, {how.fusion}, weight {weight:g}"
        print(f"| {name} | {_mean(asked, row):.2f} | {_gain(asked, default, row)} |")


def _others() -> list[tuple[Composition, float]]:
    """Captions rewritten, and z-scores at the weight that validation likes."""
    return [
        (Composition(("dense", "dense"), edit=True), EDIT_WEIGHT),
        (Composition(("image", "image"), edit=True), EDIT_WEIGHT),
        (Composition(("dense", "dense"), fusion="zscore"), 0.4),
    ]


def _mean(asked: ComposedSet, found: NDArray[np.float64]) -> float:
    return 100 * mean_over_attributes(group_means(asked.queries, found))


def _gain(asked: ComposedSet, before: NDArray[np.float64], after: NDArray[np.float64]) -> str:
    gain = bootstrap_map_gain(asked.queries, before, after)
    return f"{gain.mean:+.2f} ({gain.low:+.2f} to {gain.high:+.2f})"


def _title(pair: tuple[SideBranch, SideBranch], edit: bool) -> str:
    return f"picture: {pair[0]}, {'rewritten caption' if edit else 'text'}: {pair[1]}"


if __name__ == "__main__":
    main()
