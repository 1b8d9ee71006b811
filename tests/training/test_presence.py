"""Things are read off vectors that were made of them."""

import numpy as np
import pytest

from eval.datasets.captions import CaptionedImage
from trsllava.dialogue.presence import PresenceReader
from trsllava.encoders.protocol import FloatArray
from trsllava.errors import EncoderError
from trsllava.training.presence import fit_presence, named_things

NAMES = ("boat", "tree", "plane")


def _world(seed: int, n: int = 400) -> tuple[FloatArray, FloatArray]:
    """Vectors that are sums of the directions of what is there, and noise."""
    rng = np.random.default_rng(seed)
    there = (rng.random((n, len(NAMES))) < 0.4).astype(np.float32)
    directions = np.random.default_rng(0).standard_normal((len(NAMES), 16))
    vectors = there @ directions + 0.5 * rng.standard_normal((n, 16))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32), there


@pytest.fixture(scope="module")
def reader() -> PresenceReader:
    return fit_presence(NAMES, *_world(1), *_world(2))


def test_what_is_there_is_likelier(reader: PresenceReader) -> None:
    vectors, there = _world(3)
    chances = reader.read(vectors).chances

    for thing in range(len(NAMES)):
        present, absent = chances[there[:, thing] == 1, thing], chances[there[:, thing] == 0, thing]
        assert (present[:, None] > absent).mean() > 0.85


def test_chances_are_what_they_say(reader: PresenceReader) -> None:
    vectors, there = _world(3)

    assert reader.read(vectors).chances.mean() == pytest.approx(there.mean(), abs=0.05)


def test_what_was_not_looked_at_stays_unknown(reader: PresenceReader) -> None:
    vectors = np.full((1, 16), np.nan, np.float32)

    assert np.isnan(reader.read(vectors).chances).all()


def test_it_is_kept(reader: PresenceReader, tmp_path) -> None:  # type: ignore[no-untyped-def]
    vectors, _ = _world(3)
    reader.save(tmp_path / "presence.npz")

    again = PresenceReader.load(tmp_path / "presence.npz")

    assert again.names == NAMES
    assert again.read(vectors).chances == pytest.approx(reader.read(vectors).chances, abs=0.01)


def test_another_file_is_refused(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "presence.npz").write_bytes(b"no")

    with pytest.raises(EncoderError, match="does not hold the weights of presence"):
        PresenceReader.load(tmp_path / "presence.npz")


def test_captions_tell_what_is_there() -> None:
    images = [
        CaptionedImage(image="a.png", captions=("a boat", "green trees")),
        CaptionedImage(image="b", captions=("sea",)),
    ]

    assert named_things(images, NAMES).tolist() == [[1, 1, 0], [0, 0, 0]]
