"""The text encoder beside sentence-transformers: do the vectors agree, and which is faster?

    python -m eval.benchmarks.encoder

Both encode the same sentences of the sample archive's grammar, in turns, in one process, on the CPU. Exits with 1
where vectors differ by more than 1e-5.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence
from statistics import median

import numpy as np

from trsllava.encoders.protocol import FloatArray
from trsllava.encoders.text import load_text_encoder
from trsllava.encoders.weights import DEFAULT_MODEL, find_model
from trsllava.sample.grammar import captions

TOLERANCE = 1e-5
_BATCH = 64

Encode = Callable[[Sequence[str]], FloatArray]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m eval.benchmarks.encoder", description=__doc__)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--sentences", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args(arguments)
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the command line sets it; else torch's threads spin

    texts = list(captions(given.sentences, seed=0))
    ours, theirs = _ours(given.model), _sentence_transformers(given.model)
    difference = float(np.abs(ours(texts) - theirs(texts)).max())  # also warms both up
    ours_seconds, theirs_seconds = [], []
    for _ in range(given.rounds):
        ours_seconds.append(_seconds(ours, texts))
        theirs_seconds.append(_seconds(theirs, texts))

    words = np.mean([len(text.split()) for text in texts])
    print(f"{given.model}: {len(texts)} distinct sentences of {words:.0f} words on average, {os.cpu_count()} cores, "
          f"median of {given.rounds}")  # fmt: skip
    print(f"largest absolute difference of a vector's entries: {difference:.1e} (allowed: {TOLERANCE:.0e})")
    print(f"trsllava:              {len(texts) / median(ours_seconds):8.0f} sentences/s")
    print(f"sentence-transformers: {len(texts) / median(theirs_seconds):8.0f} sentences/s")
    print(f"ratio:                 {median(theirs_seconds) / median(ours_seconds):8.2f}")
    if difference > TOLERANCE:
        raise SystemExit(1)


def _ours(name: str) -> Encode:
    return load_text_encoder(name).encode


def _sentence_transformers(name: str) -> Encode:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(find_model(name).path), device="cpu")

    def encode(texts: Sequence[str]) -> FloatArray:
        vectors: FloatArray = model.encode(
            list(texts), batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return vectors

    return encode


def _seconds(encode: Encode, texts: Sequence[str]) -> float:
    begun = time.perf_counter()
    encode(texts)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
