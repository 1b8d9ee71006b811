"""How much of what typos cost does spelling repair win back?

    python -m eval.benchmarks.typos --captions captions.jsonl --split train --limit 1000 --choose
    python -m eval.benchmarks.typos --captions captions.jsonl [--images images]

The validation proxy (docs/evaluation.md), its queries typed well, with one typo in a content word, and with every
tenth or fifth word mistyped; each as typed and repaired by the words of the documents. A typo is one of five, equally
likely: two letters swapped, one dropped, one doubled, one replaced by its neighbour on the keyboard, or by any other.
Text to image only: a typo tells equal captions apart, which image to text would reward. `--choose` counts words and
ranks nothing: thresholds are chosen by it, on training captions.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.benchmarks.fusion import ALL_BRANCHES
from eval.datasets.captions import read_captions
from eval.metrics.recall import Owner
from eval.metrics.t2i import chances_t2i
from eval.pictures import Pictures, picture_vectors
from eval.proxy import proxy_task
from eval.report import KS
from eval.retrieval import Scoring, fused
from eval.scores import TEXT_BRANCHES, Gallery, branch_scores
from eval.task import RetrievalTask
from trsllava.encoders.image_text import NANO, load_image_text_encoder
from trsllava.encoders.text import load_text_encoder
from trsllava.ledger.words import words, words_of
from trsllava.records import Branch
from trsllava.search.fusion import DEFAULT_WEIGHTS
from trsllava.search.spelling import TOLERANCE, Tolerance, repair
from trsllava.store.protocol import FloatArray

TOLERANCES = (
    Tolerance(4, 99),
    Tolerance(5, 6),
    *(Tolerance(4, two, likeness) for two in (6, 8) for likeness in (0.8, 0.85, 0.9)),
)
BRANCHES: dict[str, tuple[Branch, ...]] = {
    "dense": ("dense",),
    "bm25": ("bm25",),
    "dense, bm25 (default weights)": ("dense", "bm25"),
    "dense, bm25, image (default weights)": ("dense", "bm25", "image"),
}
STOP_WORDS = frozenset(
    words(
        "a an and are as at be by for from in into is it its many near next of on or several some that the their "
        "there this to two was were which while with"
    )
)
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_DRAWS = 2000

Chances = NDArray[np.float64]
"""`(k, q)` of a hit at each K, 0…1."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m eval.benchmarks.typos", description=__doc__)
    parser.add_argument("--captions", type=Path, required=True, help="human captions, JSON lines")
    parser.add_argument("--images", type=Path, help="folder of the images; the image branch is left out without it")
    parser.add_argument("--split", default="val")
    parser.add_argument("--limit", type=int, default=2_000, help="images, drawn by the seed where there are more")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--choose", action="store_true")
    given = parser.parse_args(arguments)
    images = read_captions(given.captions, given.split)
    if len(images) > given.limit:
        images = random.Random(given.seed).sample(images, given.limit)
    task = proxy_task(images)
    vocabulary = Words(task)
    print(f"{given.split}: {len(task.images)} images, {len(task.queries)} queries, {len(vocabulary.counts)} words\n")
    if given.choose:
        _choose(task, vocabulary, given.seed)
    else:
        _measure(task, vocabulary, given.seed, given.images)


class Words:
    """The vocabulary of a task's documents, as a ledger would count it."""

    def __init__(self, task: RetrievalTask) -> None:
        self.counts: Counter[str] = Counter()
        for document in task.documents:
            self.counts.update(words_of(document))

    def words(self, asked: Sequence[str]) -> Mapping[str, int]:
        """Number of documents that have each of the given words."""
        return {word: self.counts[word] for word in asked if word in self.counts}

    def words_between(self, shortest: int, longest: int) -> Mapping[str, int]:
        """All words of so many letters."""
        return {word: count for word, count in self.counts.items() if shortest <= len(word) <= longest}


# Typos


def mistyped(word: str, rng: random.Random) -> str:
    """A word of at least two letters with one typo; never the word itself."""
    while True:
        place = rng.randrange(len(word))
        typed = rng.choice((_swap, _drop, _double, _neighbour, _other))(word, place, rng)
        if typed != word:
            return typed


def _swap(word: str, place: int, _: random.Random) -> str:
    return word[:place] + word[place : place + 2][::-1] + word[place + 2 :]


def _drop(word: str, place: int, _: random.Random) -> str:
    return word[:place] + word[place + 1 :]


def _double(word: str, place: int, _: random.Random) -> str:
    return word[:place] + word[place] + word[place:]


def _neighbour(word: str, place: int, rng: random.Random) -> str:
    return word[:place] + rng.choice(_around(word[place])) + word[place + 1 :]


def _other(word: str, place: int, rng: random.Random) -> str:
    return word[:place] + rng.choice(_LETTERS) + word[place + 1 :]


def _around(letter: str) -> str:
    """The keys beside, above and below; each row is set off to the right by about half a key."""
    row = next((number for number, keys in enumerate(_KEYS) if letter in keys), None)
    if row is None:
        return letter
    column = _KEYS[row].index(letter)
    beside = [(row, column - 1), (row, column + 1), (row - 1, column), (row - 1, column + 1)]
    beside += [(row + 1, column - 1), (row + 1, column)]
    return "".join(_KEYS[y][x] for y, x in beside if 0 <= y < len(_KEYS) and 0 <= x < len(_KEYS[y]))


def one_typo(text: str, rng: random.Random) -> str:
    """One typo in one content word, where the text has such a word of three letters or more."""
    pieces = text.split()
    content = [
        number for number, piece in enumerate(pieces) if len(word := _longest(piece)) >= 3 and word not in STOP_WORDS
    ]
    if content:
        number = rng.choice(content)
        pieces[number] = _in_piece(pieces[number], rng)
    return " ".join(pieces)


def many_typos(text: str, rate: float, rng: random.Random) -> str:
    """A typo in each word of two letters or more with the given chance."""
    return " ".join(
        _in_piece(piece, rng) if len(_longest(piece)) >= 2 and rng.random() < rate else piece for piece in text.split()
    )


def _longest(piece: str) -> str:
    return max(words(piece), key=len, default="")


def _in_piece(piece: str, rng: random.Random) -> str:
    """The longest word of a piece mistyped, its punctuation kept."""
    word = _longest(piece)
    return piece.lower().replace(word, mistyped(word, rng), 1)


TYPISTS: dict[str, Callable[[str, random.Random], str]] = {
    "typed well": lambda text, rng: text,
    "one typo": one_typo,
    "10 % of words": lambda text, rng: many_typos(text, 0.1, rng),
    "20 % of words": lambda text, rng: many_typos(text, 0.2, rng),
}


# Choosing thresholds: words


def _choose(task: RetrievalTask, vocabulary: Words, seed: int) -> None:
    print("| one slip from | two from | likeness | one typo: right, wrong | two typos: right, wrong | good queries "
          "changed |\n|---|---|---|---|---|---|")  # fmt: skip
    rng = random.Random(seed)
    known = [word for text in task.queries for word in words(text) if len(word) > 2 and word in vocabulary.counts]
    meant = [word for word in known if word not in STOP_WORDS and rng.random() < 0.3]
    once = [mistyped(word, rng) for word in meant]
    twice = [mistyped(word, rng) if len(word) > 1 else word for word in once]
    for tolerance in TOLERANCES:
        shares = [_right_and_wrong(meant, typed, vocabulary, tolerance) for typed in (once, twice)]
        changes = [repair(text, vocabulary, tolerance).changes for text in task.queries]
        changed = sum(map(bool, changes))
        chosen = " (chosen)" if tolerance == TOLERANCE else ""
        print(f"| {tolerance.one_from}{chosen} | {tolerance.two_from} | {tolerance.likeness:g} | "
              f"{' | '.join(shares)} | {changed} of {len(changes)} |")  # fmt: skip
    _print_changes(task, vocabulary)


def _right_and_wrong(meant: Sequence[str], typed: Sequence[str], vocabulary: Words, tolerance: Tolerance) -> str:
    mended = [repair(word, vocabulary, tolerance).text for word in typed]
    right = np.mean([after == word for word, after in zip(meant, mended, strict=True)])
    wrong = np.mean([after not in (before, word) for word, before, after in zip(meant, typed, mended, strict=True)])
    return f"{100 * right:.1f} %, {100 * wrong:.1f} %"


def _print_changes(task: RetrievalTask, vocabulary: Words) -> None:
    """What is changed of queries that nobody mistyped on purpose, for people to judge."""
    found: Counter[tuple[str, str]] = Counter()
    for text in task.queries:
        found.update(repair(text, vocabulary).changes.items())
    print(f"\nchanged of what people wrote: {', '.join(f'{a} → {b} ({n})' for (a, b), n in found.most_common())}")


# Measuring retrieval


@dataclass(frozen=True)
class Run:
    """One way to type, and to search what was typed."""

    name: str
    queries: tuple[str, ...]
    changed: float
    """Share of queries that are not as they were meant, 0 to 1."""


def _measure(task: RetrievalTask, vocabulary: Words, seed: int, images: Path | None) -> None:
    runs = list(_runs(task, vocabulary, seed))
    scores = _scores(task, runs, images)
    for title, branches in BRANCHES.items():
        if len(scores) < max(ALL_BRANCHES.index(branch) for branch in branches) + 1:
            continue
        scoring = Scoring(branches, "zscore", DEFAULT_WEIGHTS)
        chosen = scores[[ALL_BRANCHES.index(branch) for branch in branches]]
        chances = [chances_t2i(fused(part, scoring), task.owner, KS) for part in np.split(chosen, len(runs), axis=1)]
        _print_table(title, runs, chances, task.owner)
    _print_changes(task, vocabulary)


def _runs(task: RetrievalTask, vocabulary: Words, seed: int) -> Iterator[Run]:
    for name, typist in TYPISTS.items():
        rng = random.Random(seed)
        typed = tuple(typist(text, rng) for text in task.queries)
        for how, queries in (("", typed), (", repaired", tuple(repair(text, vocabulary).text for text in typed))):
            changed = np.mean([words(text) != words(meant) for text, meant in zip(queries, task.queries, strict=True)])
            yield Run(name + how, queries, float(changed))


def _scores(task: RetrievalTask, runs: Sequence[Run], images: Path | None) -> FloatArray:
    """`(b, runs × q, n)`: the branches of texts, and of pictures where there are any."""
    queries = [text for run in runs for text in run.queries]
    if images is None:
        return branch_scores(queries, Gallery(task.documents), TEXT_BRANCHES, load_text_encoder())
    nano = load_image_text_encoder(NANO)
    pictures = Pictures(nano, picture_vectors(nano, images, task.images))
    return branch_scores(queries, Gallery(task.documents, pictures), ALL_BRANCHES, load_text_encoder())


def _print_table(title: str, runs: Sequence[Run], chances: Sequence[Chances], owner: Owner) -> None:
    print(f"\n{title}\n\n| queries | not as meant | R@1 / 5 / 10 | mean | loss of mean won back |")
    print("|---|---|---|---|---|")
    for number, (run, found) in enumerate(zip(runs, chances, strict=True)):
        recalls = 100 * found.mean(1)
        won = _won_back(chances[0], chances[number - 1], found, owner) if number > 2 and number % 2 else ""
        print(f"| {run.name} | {100 * run.changed:.1f} % | {' / '.join(f'{r:.2f}' for r in recalls)} | "
              f"{recalls.mean():.2f} | {won} |")  # fmt: skip


def _won_back(clean: Chances, typed: Chances, repaired: Chances, owner: Owner) -> str:
    """(repaired − typed) / (clean − typed) of the mean recall, with its 95 % bootstrap interval over images."""
    n = int(owner.max()) + 1
    of_images = np.stack([np.bincount(owner, (other - typed).mean(0), n) for other in (clean, repaired)])
    whole = of_images.sum(1)
    if whole[0] <= 0:
        return "nothing was lost"
    drawn = np.random.default_rng(0).multinomial(n, np.full(n, 1 / n), _DRAWS) @ of_images.T
    drawn = drawn[drawn[:, 0] != 0]
    low, high = np.quantile(drawn[:, 1] / drawn[:, 0], [0.025, 0.975])
    return f"{100 * whole[1] / whole[0]:.0f} % ({100 * low:.0f} to {100 * high:.0f})"


if __name__ == "__main__":
    main()
