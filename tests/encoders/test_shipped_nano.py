"""The weights that come with the package, on pictures they were not trained on."""

from __future__ import annotations

import numpy as np
import pytest

from trsllava.encoders.image_text import load_image_text_encoder
from trsllava.encoders.nano import NanoEncoder
from trsllava.encoders.shipped import CALIBRATION, NANO, RELEVANCE, digest
from trsllava.sample.draw import draw

KINDS = ("airport", "storage tanks", "bridge", "river", "viaduct")


@pytest.fixture(scope="module")
def nano() -> NanoEncoder:
    encoder = load_image_text_encoder("nano")
    assert isinstance(encoder, NanoEncoder)
    return encoder


def test_drawn_scenes_are_found(nano: NanoEncoder) -> None:
    pictures = [np.asarray(draw(kind, 1000).picture) for kind in KINDS]
    vectors = nano.encode_images(pictures)
    asked = nano.encode_texts(
        ["planes at an airport", "round tanks", "a bridge over water", "a curved river", "a viaduct"]
    )
    assert (asked @ vectors.T).argmax(1).tolist() == list(range(len(KINDS)))


def test_its_name_tells_its_weights(nano: NanoEncoder) -> None:
    assert nano.name == f"nano-{digest(NANO / 'nano.onnx', NANO / 'texts.npz')}"
    assert load_image_text_encoder("nano-00000000").name == nano.name  # for the collection to see that it is another


def test_the_weights_are_small_enough_to_ship() -> None:
    files = [CALIBRATION, RELEVANCE, *NANO.iterdir()]
    assert sum(file.stat().st_size for file in files) <= 24_000_000
