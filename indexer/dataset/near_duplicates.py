"""Pictures of two splits that look alike: what a test set must not have of its training set."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from indexer.duplicates import DISTANCE, bands


@dataclass(frozen=True)
class NearDuplicates:
    """Two pictures of different splits."""

    one: str
    other: str
    splits: tuple[str, str]
    bits: int
    """Of 256 in which their perceptual hashes differ."""


def between_splits(
    hashes: Mapping[str, str], split_of: Mapping[str, str], distance: int = DISTANCE
) -> list[NearDuplicates]:
    """All pairs of pictures, of different splits, whose hashes differ in at most `distance` bits, by id.

    `hashes`: hexadecimal, by id; pictures without one, flat ones, are like no other. Only hashes that agree in one of
    `distance` + 1 bands are compared, as all that lie so near do.
    """
    names = sorted(name for name in hashes.keys() & split_of.keys() if hashes[name])
    bits = {name: int(hashes[name], 16) for name in names}
    alike: dict[tuple[int, int], list[str]] = defaultdict(list)
    for name in names:
        for number, (low, mask) in enumerate(bands(distance + 1)):
            alike[number, bits[name] >> low & mask].append(name)
    pairs = {
        (one, other)
        for group in alike.values()
        for place, one in enumerate(group)
        for other in group[place + 1 :]
        if split_of[one] != split_of[other]
    }
    return [
        NearDuplicates(one, other, (split_of[one], split_of[other]), apart)
        for one, other in sorted(pairs)
        if (apart := (bits[one] ^ bits[other]).bit_count()) <= distance
    ]
