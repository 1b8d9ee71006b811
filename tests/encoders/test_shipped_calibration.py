"""The calibration that comes with the package, by the encoder's name."""

from __future__ import annotations

import numpy as np
import pytest

from trsllava.encoders.text import CALIBRATED, load_text_encoder
from trsllava.encoders.weights import DEFAULT_MODEL
from trsllava.errors import EncoderError


def test_overhead_things_come_together_that_general_text_keeps_apart() -> None:
    plain, calibrated = load_text_encoder(), load_text_encoder(DEFAULT_MODEL + CALIBRATED)
    assert calibrated.name.startswith(f"{DEFAULT_MODEL}+calibrated-")
    assert load_text_encoder(calibrated.name).name == calibrated.name  # as a collection remembers it
    texts = ["an airport seen with its planes", "aircraft are parked near a terminal", "a dense residential area"]
    before, after = plain.encode(texts), calibrated.encode(texts)
    np.testing.assert_allclose(np.linalg.norm(after, axis=1), 1, atol=1e-5)
    assert after[0] @ after[1] - after[0] @ after[2] > before[0] @ before[1] - before[0] @ before[2]


def test_it_is_for_the_default_encoder_alone() -> None:
    with pytest.raises(EncoderError, match="leave out \\+calibrated"):
        load_text_encoder("some/other" + CALIBRATED)
