import numpy as np
import pytest

from trsllava.raster.fingerprint import BITS, perceptual_hash


def test_a_hash_has_as_many_digits_as_its_bits_need() -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (64, 48, 3), np.uint8)
    assert len(perceptual_hash(pixels)) == BITS // 4
    assert perceptual_hash(pixels) == perceptual_hash(pixels.copy())


@pytest.mark.parametrize("grey", [0, 90, 255])
def test_a_flat_picture_has_none(grey: int) -> None:
    noise = np.random.default_rng(1).integers(-3, 4, (128, 128, 3))
    assert perceptual_hash(np.clip(grey + noise, 0, 255).astype(np.uint8)) == ""


def test_brightness_changes_little_and_another_picture_much() -> None:
    coarse = np.random.default_rng(1).integers(20, 200, (16, 16, 3), np.uint8)
    picture = coarse.repeat(10, 0).repeat(10, 1)
    other = np.rot90(picture).copy()
    base, brighter, turned = (int(perceptual_hash(shown), 16) for shown in (picture, picture + 20, other))
    assert (base ^ brighter).bit_count() <= 12
    assert (base ^ turned).bit_count() > 60
