"""Where new labels land in the tree that comes with trsllava: `python -m eval.benchmarks.label_placing LIST.csv`.

A list has the columns `label`, `osm`, `about` and `parent`, the right label of the second level. Without a list, the
tree's own labels are left out, an eighth at a time, and put back.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from trsllava.encoders.text import load_text_encoder
from trsllava.encoders.weights import DEFAULT_MODEL
from trsllava.labels.file import OVERHEAD, read_tree, rule_of
from trsllava.labels.meaning import Meanings, texts_of
from trsllava.labels.placing import Placing, is_sure
from trsllava.labels.raw import RawLabel
from trsllava.labels.tree import LEVELS, LabelTree

Case = dict[str, str]
_FOLDS = 8


def main() -> None:
    """Print how many labels of a list land under their parents, with and without tags and descriptions."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="?", type=Path, help="a list of labels and their parents")
    parser.add_argument("--encoder", default=DEFAULT_MODEL, help="text encoder")
    given = parser.parse_args()
    tree, meanings = read_tree(OVERHEAD), Meanings(load_text_encoder(given.encoder).encode)
    if given.cases is None:
        parts = list(_left_out(tree, meanings))
    else:
        with given.cases.open(encoding="utf-8", newline="") as rows:
            parts = [(Placing(tree, meanings), list(csv.DictReader(rows)))]
    meanings.learn([text for _, cases in parts for case in cases for text in texts_of(case["label"], case["about"])])
    for name, fields in (
        ("all", ("osm", "about")),
        ("without tags", ("about",)),
        ("only tags", ("osm",)),
        ("name", ()),
    ):
        print(f"{name}: {_told(parts, fields)}")


def _left_out(tree: LabelTree, meanings: Meanings) -> Iterator[tuple[Placing, list[Case]]]:
    third = [label for label in tree if label.level == LEVELS]
    for fold in range(_FOLDS):
        out = third[fold::_FOLDS]
        names = {label.name for label in out}
        rest = tree.with_labels({name: label for name, label in tree.labels.items() if name not in names})
        cases = [
            {
                "label": label.name,
                "about": label.about,
                "osm": rule_of(label.osm[0]) if label.osm else "",
                "parent": label.path[-2],
            }
            for label in out
        ]
        yield Placing(rest, meanings), cases


def _told(parts: Sequence[tuple[Placing, Sequence[Case]]], fields: Sequence[str]) -> str:
    right = sure = sure_and_right = total = 0
    for placing, cases in parts:
        for case in cases:
            about = case["about"] if "about" in fields else ""
            tags = dict(RawLabel(case["osm"]).tags) if "osm" in fields else {}
            places = placing.places(case["label"], about, tags)
            hit, certain = places[0].parent.name == case["parent"], is_sure(places)
            right, sure, sure_and_right, total = (
                right + hit,
                sure + certain,
                sure_and_right + (hit and certain),
                total + 1,
            )
    return f"{right} of {total} right; without a question {sure_and_right} of {sure}"


if __name__ == "__main__":
    main()
