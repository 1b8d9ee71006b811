"""What all tests share."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from trsllava.encoders.distinct import encode_distinct
from trsllava.encoders.protocol import FloatArray

pytest_plugins: list[str] = []


class WordEncoder:
    """A deterministic tiny encoder: a text is the sum of its words' hashed directions, so shared words mean nearness.

    Counts the distinct texts it was given, so that tests can tell what was encoded again.
    """

    name = "words"
    dim = 32

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> FloatArray:
        return encode_distinct(texts, self._batch, dim=self.dim, batch_size=64)

    def _batch(self, texts: list[str]) -> FloatArray:
        self.encoded += texts
        vectors = np.array([sum((_direction(word) for word in text.lower().split()), np.zeros(32)) for text in texts])
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def _direction(word: str) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(word.strip(".,;").encode()).digest()[:4], "big")
    return np.random.default_rng(seed).standard_normal(32)


@pytest.fixture
def word_encoder() -> WordEncoder:
    return WordEncoder()


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the user's settings or writes to the user's home."""
    for name in (
        "COLLECTION",
        "ENCODER",
        "QDRANT_URL",
        "BASE_URL",
        "MODEL",
        "API_KEY",
        "FUSION",
        "BRANCHES",
        "WEIGHTS",
    ):
        monkeypatch.delenv(f"TRSLLAVA_{name}", raising=False)
    monkeypatch.setenv("TRSLLAVA_HOME", str(tmp_path_factory.mktemp("home")))


@pytest.fixture(scope="session")
def sample_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The drawn archive, with its captions.jsonl. Read only: copy it to change it."""
    from trsllava.sample.archive import draw_archive

    folder = tmp_path_factory.mktemp("sample") / "images"
    draw_archive(folder, seed=3)
    return folder
