"""Vectors of distinct sentences for benchmarks: the sample grammar's captions through the default text encoder.

    python -m eval.benchmarks.sentence_vectors --tiles 100000

Encoding 500,000 sentences takes a while; it goes on where it was stopped, and benchmarks find the result in the cache.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trsllava.encoders.protocol import FloatArray, TextEncoder

CAPTIONS_A_TILE = 5
_CHUNK = 10_000
_CORPUS_SEED, _QUERY_SEED = 20, 21


@dataclass(frozen=True)
class Corpus:
    """Tiles of five captions of one scene kind and main object each."""

    sentences: list[str]
    vectors: FloatArray
    """`(len(sentences), d)` float32, L2-normalised; a memory map."""
    tiles: NDArray[np.int64]
    """`(tiles, 5)` rows of `vectors`."""
    kinds: list[str]
    """Scene kind of each tile."""


def load_corpus(tiles: int, cache: Path, encoder: TextEncoder) -> Corpus:
    """The first `tiles` tiles; their sentences are encoded into `cache` where they are not there yet."""
    from trsllava.sample.grammar import captions

    sentences = list(captions(tiles * CAPTIONS_A_TILE, _CORPUS_SEED))
    vectors = _encoded(sentences, cache / "corpus", encoder)
    rows, kinds = _group(sentences)
    return Corpus(sentences, vectors, rows, kinds)


def load_queries(count: int, corpus: Corpus, encoder: TextEncoder) -> tuple[list[str], FloatArray]:
    """Sentences of the same grammar that no tile has, and their `(count, d)` vectors."""
    from trsllava.sample.grammar import captions

    known = set(corpus.sentences)
    texts = list(islice((text for text in captions(20 * count, _QUERY_SEED) if text not in known), count))
    return texts, encoder.encode(texts)


def _encoded(sentences: Sequence[str], folder: Path, encoder: TextEncoder) -> FloatArray:
    """Rows of the given sentences, in chunks of files so that an interrupted run is continued."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = []
    for start in range(0, len(sentences), _CHUNK):
        texts = sentences[start : start + _CHUNK]
        path = folder / f"{start:08d}-{len(texts)}.npy"
        if not path.exists():
            draft = path.with_suffix(".part")
            with draft.open("wb") as stream:
                np.save(stream, encoder.encode(texts))
            draft.replace(path)
            print(f"encoded {start + len(texts):,} of {len(sentences):,} sentences", flush=True)
        parts.append(np.load(path))
    return np.concatenate(parts)


def _group(sentences: Sequence[str]) -> tuple[NDArray[np.int64], list[str]]:
    """Rows of five sentences of the same scene kind and, while they last, with the same first object."""
    from trsllava.sample.phrases import plural
    from trsllava.sample.vocabulary import VOCABULARY

    kinds = list(VOCABULARY)
    nouns = {kind: [plural(noun) for noun, _, _ in words.objects] for kind, words in VOCABULARY.items()}
    alike: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for row, text in enumerate(sentences):
        kind = kinds[row % len(kinds)]
        places = {text.lower().find(noun): noun for noun in nouns[kind] if noun in text.lower()}
        alike[kind, places[min(places)] if places else ""].append(row)
    tiles: list[list[int]] = []
    names: list[str] = []
    rest: defaultdict[str, list[int]] = defaultdict(list)
    for (kind, _), rows in alike.items():
        whole = len(rows) - len(rows) % CAPTIONS_A_TILE
        rest[kind] += rows[whole:]
        for start in range(0, whole, CAPTIONS_A_TILE):
            tiles.append(rows[start : start + CAPTIONS_A_TILE])
            names.append(kind)
    left = [(row, kind) for kind, rows in rest.items() for row in rows]
    for start in range(0, len(left), CAPTIONS_A_TILE):
        tiles.append([row for row, _ in left[start : start + CAPTIONS_A_TILE]])
        names.append(left[start][1])
    order = np.random.default_rng(0).permutation(len(tiles))
    return np.asarray(tiles, np.int64)[order], [names[place] for place in order]


def main() -> None:
    """Fill the cache."""
    from trsllava.encoders.text import load_text_encoder

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiles", type=int, default=100_000)
    parser.add_argument("--cache", type=Path, default=Path("bench-cache"))
    arguments = parser.parse_args()
    corpus = load_corpus(arguments.tiles, arguments.cache, load_text_encoder())
    print(f"{len(corpus.tiles):,} tiles of {len(set(corpus.kinds))} kinds, vectors {corpus.vectors.shape}")


if __name__ == "__main__":
    main()
