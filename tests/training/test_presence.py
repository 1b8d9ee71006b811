"""What is seen is read off vectors that were made of it."""

from pathlib import Path

import numpy as np
import pytest

from trsllava.dialogue.presence import PresenceReader, presence_of
from trsllava.encoders.protocol import FloatArray
from trsllava.errors import EncoderError
from trsllava.training.presence import fit_presence

NAMES = ("boat", "tree", "plane")


def _world(seed: int, n: int = 400) -> tuple[FloatArray, FloatArray]:
    """Vectors that are sums of the directions of what is seen, and noise."""
    rng = np.random.default_rng(seed)
    logits = 2 * rng.standard_normal((n, len(NAMES)))
    directions = np.random.default_rng(0).standard_normal((len(NAMES), 16))
    vectors = np.tanh(logits) @ directions + 0.3 * rng.standard_normal((n, 16))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(unit, np.float32), np.asarray(logits, np.float32)


@pytest.fixture(scope="module")
def reader() -> PresenceReader:
    return fit_presence(NAMES, *_world(1))


def test_what_is_seen_is_likelier(reader: PresenceReader) -> None:
    vectors, logits = _world(3)
    chances = reader.read(vectors).chances

    for thing in range(len(NAMES)):
        present, absent = chances[logits[:, thing] > 1, thing], chances[logits[:, thing] < -1, thing]
        assert (present[:, None] > absent).mean() > 0.95


def test_what_was_not_looked_at_stays_unknown(reader: PresenceReader) -> None:
    assert np.isnan(reader.read(np.full((1, 16), np.nan, np.float32)).chances).all()


def test_it_is_kept(reader: PresenceReader, tmp_path: Path) -> None:
    vectors, _ = _world(3)
    reader.save(tmp_path / "presence.npz")

    again = PresenceReader.load(tmp_path / "presence.npz")

    assert again.names == NAMES
    assert again.read(vectors).chances == pytest.approx(reader.read(vectors).chances, abs=0.01)


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "presence.npz").write_bytes(b"no")

    with pytest.raises(EncoderError, match="does not hold the weights of presence"):
        PresenceReader.load(tmp_path / "presence.npz")


def test_the_shipped_weights_are_for_the_shipped_nano_alone() -> None:
    vectors = np.eye(384, dtype=np.float32)[:2]

    assert presence_of(vectors, "open_clip:ViT-B-32:x") is None
    found = presence_of(vectors, "nano")
    assert found is not None
    assert found.chances.shape == (2, len(found.names))
