"""Encoders that are quick, small and deterministic."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from trsllava.encoders.distinct import encode_distinct
from trsllava.encoders.protocol import FloatArray
from trsllava.records import Picture


class WordEncoder:
    """A deterministic tiny encoder: a text is the sum of its words' hashed directions, so shared words mean nearness.

    Remembers the distinct texts it was given, so that tests can tell what was encoded again.
    """

    def __init__(self, name: str = "words", dim: int = 32) -> None:
        self.name, self.dim = name, dim
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> FloatArray:
        return encode_distinct(texts, self._batch, dim=self.dim, batch_size=64)

    def _batch(self, texts: list[str]) -> FloatArray:
        self.encoded += texts
        sums = [sum((self._direction(word) for word in text.lower().split()), np.zeros(self.dim)) for text in texts]
        return (np.array(sums) / np.linalg.norm(sums, axis=1, keepdims=True)).astype(np.float32)

    def _direction(self, word: str) -> np.ndarray[Any, np.dtype[np.float64]]:
        seed = int.from_bytes(hashlib.sha256(word.strip(".,;").encode()).digest()[:4], "big")
        return np.random.default_rng(seed).standard_normal(self.dim)


class ColourEncoder:
    """A deterministic tiny image-text encoder: a picture is its mean colour, a text the colours that it names.

    Remembers how many pictures it was shown.
    """

    def __init__(self, name: str = "colours") -> None:
        self.name, self.dim, self.seen = name, 4, 0

    def encode_images(self, pictures: Sequence[Picture]) -> FloatArray:
        self.seen += len(pictures)
        return self._unit([picture.reshape(-1, 3).mean(axis=0) / 255 for picture in pictures])

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        return self._unit([[colour in text for colour in ("red", "green", "blue")] for text in texts])

    def _unit(self, colours: Sequence[Any]) -> FloatArray:
        # The fourth number keeps what has no colour at all from having no direction.
        rows = np.array([[*colour, 0.1] for colour in colours], np.float32).reshape(-1, self.dim)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)
