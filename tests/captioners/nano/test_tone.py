"""A picture's colours in words."""

from __future__ import annotations

import numpy as np
import pytest

from trsllava.captioners.nano.tone import tone_words


@pytest.mark.parametrize(
    ("colour", "words"),
    [
        ((0, 0, 0), "an even black surface"),
        ((255, 255, 255), "an even white surface"),
        ((128, 128, 128), "an even grey surface"),
        ((200, 30, 30), "an even red surface"),
        ((20, 70, 20), "an even dark green surface"),
        ((20, 40, 200), "an even blue surface"),
        ((220, 210, 180), "an even light yellow surface"),
    ],
)
def test_an_even_picture_has_the_name_of_its_colour(colour: tuple[int, int, int], words: str) -> None:
    assert tone_words(np.full((20, 30, 3), colour, np.uint8)) == words


def test_noise_is_an_uneven_pattern() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    assert tone_words(noise) == "an uneven pattern, grey on the whole"
