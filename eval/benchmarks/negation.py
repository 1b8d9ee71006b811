"""What exclusions do to hits: "airport without planes" over an indexed split whose captions by people are known.

    trsllava index VAL_IMAGES --home HOME
    python -m eval.benchmarks.negation --captions captions.jsonl --split val --home HOME
    python -m eval.benchmarks.negation --captions captions.jsonl --split val --home HOME --branches dense,bm25

A group is a scene and a thing; right are the scene's pictures of which no caption of people names the thing, and wrong
to show are those of which at least two do. A scene's own thing is no group, nor is one with fewer than five of either.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import get_args

import numpy as np

import trsllava
from eval.benchmarks.composed_set import THINGS, _by_scene, _is_own, _named
from eval.datasets.captions import CaptionedImage, read_captions
from trsllava.records import Branch, Hit, Query
from trsllava.search.engine import Engine
from trsllava.search.without import SHARE

_PLACES = {
    "baseballfield": "baseball field",
    "bareland": "bare land",
    "denseresidential": "dense residential area",
    "mediumresidential": "medium residential area",
    "sparseresidential": "sparse residential area",
    "railwaystation": "railway station",
    "storagetanks": "storage tanks",
}
"""How a query calls a scene whose name is none."""
_ALSO = {"tree": "trees", "building": "buildings", "road": "roads", "car": "cars", "parking": "parking lots"}
_LEAST, _SHOWN = 5, 10
_SHARES = (0.2, 0.3, SHARE, 0.6, 0.8)


@dataclass(frozen=True)
class Group:
    """A scene, a thing that is not wanted, and the file names of pictures without and with it."""

    place: str
    thing: str
    bare: frozenset[str]
    full: frozenset[str]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print how each way of searching does."""
    parser = argparse.ArgumentParser(prog="python -m eval.benchmarks.negation", description=__doc__)
    parser.add_argument("--captions", type=Path, required=True, help="human captions with scenes, JSON lines")
    parser.add_argument("--split", default="val")
    parser.add_argument("--home", type=Path, required=True, help="with the split's images in a collection")
    parser.add_argument("--collection", help="its name")
    parser.add_argument("--branches", nargs="+", choices=get_args(Branch), help="all where left out")
    given = parser.parse_args(arguments)
    found = list(groups(read_captions(given.captions, given.split)))
    print(f"{len(found)} groups")
    with trsllava.open(given.home, given.collection) as archive:
        k = archive.store.count()
        ask = _asking(archive.engine, given.branches, k)
        _print("as words", found, [ask(f"{group.place} without {group.thing}") for group in found], None)
        _print("without the exclusion", found, [ask(group.place) for group in found], None)
        against = [ask(group.place, group.thing) for group in found]
    for share in _SHARES:
        _print(f"held against, share {share:g}", found, against, share)


def groups(images: Sequence[CaptionedImage]) -> Iterator[Group]:
    """The groups of a split, in a fixed order."""
    for scene, members in sorted(_by_scene(images).items()):
        counts = [(PurePosixPath(image.image).name, _named(image)) for image in members]
        for thing, words in (THINGS | _ALSO).items():
            bare = frozenset(name for name, count in counts if not count[thing])
            full = frozenset(name for name, count in counts if count[thing] >= 2)
            if not _is_own(scene, thing) and min(len(bare), len(full)) >= _LEAST:
                yield Group(_PLACES.get(scene, scene), _plural(words), bare, full)


def _plural(words: str) -> str:
    bare = words.removeprefix("an ").removeprefix("a ")
    return bare if bare.endswith("s") else bare + "s"


def _asking(engine: Engine, branches: tuple[Branch, ...] | None, k: int) -> Callable[..., list[Hit]]:
    def ask(text: str, *unwanted: str) -> list[Hit]:
        return engine.search(Query(text=text, unwanted=unwanted, branches=branches, k=k, all_tiles=True))

    return ask


def _print(label: str, found: Sequence[Group], rankings: Sequence[list[Hit]], share: float | None) -> None:
    precisions, shown = [], []
    for group, hits in zip(found, rankings, strict=True):
        names = [_names(hit) for hit in sorted(hits, key=lambda hit: -_score(hit, share))]
        right = np.array([bool(name & group.bare) for name in names])
        places = np.flatnonzero(right) + 1
        if places.size:
            precisions.append(float((np.arange(1, places.size + 1) / places).mean()))
        shown.append(sum(bool(name & group.full) for name in names[:_SHOWN]) / _SHOWN)
    print(f"{label:28} mAP {100 * np.mean(precisions):.2f}, shown in the ten best {100 * np.mean(shown):.1f} %")


def _names(hit: Hit) -> set[str]:
    return {PurePosixPath(path).name for path in hit.paths}


def _score(hit: Hit, share: float | None) -> float:
    """Z-scores add up, so that another share of what is not wanted needs no other search."""
    return hit.score if share is None else hit.score + (share / SHARE - 1) * hit.branches["without"].share


if __name__ == "__main__":
    main()
