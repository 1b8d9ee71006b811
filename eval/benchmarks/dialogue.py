"""How long a round of a dialogue takes, and what many dialogues at once hold in memory, without a language model.

    python -m eval.benchmarks.dialogue --tiles 10000 --sessions 1000

Tiles have five captions drawn from the lexicon, random vectors and chances of 113 things. Times are of the processor.
A caption is scored as in a search: its vector with every caption's and every picture's. Run it with one thread.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from trsllava.dialogue.gallery import Presence
from trsllava.dialogue.material import Material
from trsllava.dialogue.session import Session
from trsllava.dialogue.state import Answer, DialogueSettings
from trsllava.encoders.protocol import FloatArray
from trsllava.encoders.text import load_text_encoder
from trsllava.encoders.weights import DEFAULT_MODEL
from trsllava.lexicon import lexicon
from trsllava.search.fusion import standardize

_DIM = 384
_CAPTIONS = 5
_THINGS = 113
_ANSWERS = ("yes", "unknown", "no", "unknown", "yes")


@dataclass
class DrawnGallery:
    """Tiles whose captions are drawn from the lexicon, with random vectors."""

    tiles: int
    seed: int = 0
    encoding: list[float] = field(default_factory=list)
    """Seconds that each caption took to encode."""

    def __post_init__(self) -> None:
        draw = np.random.default_rng(self.seed)
        words = lexicon()
        looks = [word.name for word in words if word.level == "look"]
        things = [word.name for word in words if word.level != "look"]
        usual = draw.zipf(1.3, (self.tiles, _CAPTIONS, 3)) % len(things)
        seen = draw.integers(len(looks), size=usual.shape)
        self.ids = tuple(f"tile-{number}" for number in range(self.tiles))
        self.texts = tuple(
            tuple(
                " and ".join(f"{looks[look]} {things[thing]}" for look, thing in zip(*pair, strict=True))
                for pair in zip(own_looks, own, strict=True)
            )
            for own_looks, own in zip(seen.tolist(), usual.tolist(), strict=True)
        )
        self.vectors = _unit(draw.standard_normal((self.tiles, _DIM)).astype(np.float32))
        self._captions = _unit(draw.standard_normal((self.tiles * _CAPTIONS, _DIM)).astype(np.float32))
        names = tuple(word.name for word in words)[:_THINGS]
        self.presence = Presence(names, draw.beta(0.3, 3, (self.tiles, len(names))).astype(np.float32))
        self._encoder = load_text_encoder(DEFAULT_MODEL)

    def scores(self, text: str) -> FloatArray:
        """As in `Gallery.scores`."""
        begun = time.process_time()
        vector = self._encoder.encode([text])[0]
        self.encoding.append(time.process_time() - begun)
        dense = (self._captions @ vector).reshape(self.tiles, _CAPTIONS).max(axis=1)
        image = self.vectors @ vector
        return np.asarray(standardize(dense, None) + 1.5 * standardize(image, None), np.float32)


def _unit(rows: FloatArray) -> FloatArray:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m eval.benchmarks.dialogue", description=__doc__)
    parser.add_argument("--tiles", type=int, default=10_000)
    parser.add_argument("--sessions", type=int, default=1_000)
    parser.add_argument("--timed", type=int, default=20, help="dialogues whose rounds are timed")
    asked = parser.parse_args(arguments)
    gallery = DrawnGallery(asked.tiles)
    material = Material(gallery)
    begun = time.process_time()
    material.uncertainty  # noqa: B018 - made when it is first needed
    made = time.process_time() - begun
    print(f"{asked.tiles} tiles, {len(material.table.attributes)} attributes: table made in {made:.1f} s, once")
    rounds = [seconds for number in range(asked.timed) for seconds in _rounds(material, number)]
    encoding = np.median(gallery.encoding)
    print(
        f"A round (ask, answer, ten hits): median {1000 * np.median(rounds):.1f} ms, 95 % "
        f"{1000 * np.quantile(rounds, 0.95):.1f} ms; encoding its caption is {1000 * encoding:.1f} ms of it"
    )
    tracemalloc.start()
    sessions = [Session.start(f"{name} {number}", material) for number, name in _names(asked.sessions)]
    for session in sessions:
        session.ask()
    held, _ = tracemalloc.get_traced_memory()
    print(f"{len(sessions)} dialogues at once: {held / 2**20:.0f} MiB, {held / len(sessions) / 1024:.0f} KiB each")


def _names(count: int) -> list[tuple[int, str]]:
    words = [word.name for word in lexicon()]
    return [(number, words[number % len(words)]) for number in range(count)]


def _rounds(material: Material, number: int) -> list[float]:
    """Seconds that each round of a dialogue took."""
    (_, name) = _names(number + 1)[-1]
    session = Session.start(f"something like a {name}", material, DialogueSettings(least_gain=0.0))
    seconds = []
    for kind in _ANSWERS:
        clock = time.process_time()
        if session.ask() is None:
            break
        session.answer(Answer(kind=kind))
        session.hits()
        seconds.append(time.process_time() - clock)
    return seconds


if __name__ == "__main__":
    main()
