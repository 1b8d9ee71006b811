"""Pictures of two splits that look alike are told, all of them and no others."""

from __future__ import annotations

import io

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from indexer.dataset.near_duplicates import between_splits
from trsllava.raster.fingerprint import perceptual_hash

bits = st.integers(0, 2**256 - 1)


@given(
    base=bits,
    flips=st.lists(st.sets(st.integers(0, 255), max_size=16), min_size=1, max_size=8),
    others=st.lists(bits, max_size=4),
    splits=st.lists(st.sampled_from(["train", "validation", "test"]), min_size=12, max_size=12),
)
def test_all_pairs_within_the_distance_and_no_others(
    base: int, flips: list[set[int]], others: list[int], splits: list[str]
) -> None:
    values = [base ^ sum(1 << place for place in flipped) for flipped in flips] + others
    hashes = {f"p{number:02}": f"{value:064x}" for number, value in enumerate(values)}
    split_of = {name: splits[number] for number, name in enumerate(hashes)}
    found = {(pair.one, pair.other): pair.bits for pair in between_splits(hashes, split_of, distance=12)}

    assert found == {
        (one, other): apart
        for one in hashes
        for other in hashes
        if one < other
        and split_of[one] != split_of[other]
        and (apart := (int(hashes[one], 16) ^ int(hashes[other], 16)).bit_count()) <= 12
    }


def test_a_picture_and_its_copy_as_jpeg_are_found_and_flat_ones_are_not() -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (48, 48, 3), np.uint8))
    blurred = np.asarray(noise.resize((192, 192), Image.Resampling.BICUBIC))
    file = io.BytesIO()
    Image.fromarray(blurred).save(file, "JPEG", quality=70)
    copy = np.asarray(Image.open(file).convert("RGB"))
    flat = np.full((64, 64, 3), 90, np.uint8)
    pictures = {"a": blurred, "b": copy, "c": flat, "d": flat, "e": blurred[:, ::-1].copy()}
    hashes = {name: perceptual_hash(pixels) for name, pixels in pictures.items()}
    splits = {"a": "train", "b": "test", "c": "train", "d": "test", "e": "test"}

    assert [(pair.one, pair.other, pair.splits) for pair in between_splits(hashes, splits)] == [
        ("a", "b", ("train", "test"))
    ]
    assert between_splits(hashes, dict.fromkeys(splits, "train")) == []
