from __future__ import annotations

import io
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from indexer.duplicates import DISTANCE, fingerprint, groups
from tests.standin.collection import Collection
from tests.standin.fixtures import StandIn
from trsllava.captioners.picture import data_url
from trsllava.captioners.pixels import LongestSide
from trsllava.captioners.vllm import VllmCaptioner
from trsllava.raster.scene import read_rgb
from trsllava.records import Tile


def picture(seed: int) -> Image.Image:
    """Coarse shapes, as pictures from above have; every seed another one."""
    coarse = np.random.default_rng(seed).integers(0, 255, (12, 12, 3), np.uint8)
    return Image.fromarray(coarse).resize((160, 160), Image.Resampling.BICUBIC)


@pytest.fixture
def twins(collection: Collection) -> Collection:
    """Two pictures, the first one also re-encoded and resampled."""
    picture(1).save(collection.images / "a.png")
    picture(1).save(collection.images / "a.jpg", quality=60)
    picture(1).resize((120, 120), Image.Resampling.LANCZOS).save(collection.images / "a-small.png")
    picture(2).save(collection.images / "b.png")
    return collection


def hexadecimal(bits: int) -> str:
    return f"{bits:064x}"


@given(
    flips=st.lists(st.sets(st.integers(0, 255), max_size=20), min_size=1, max_size=12),
    distance=st.integers(0, 16),
)
def test_groups_hold_just_what_lies_near_their_first(flips: list[set[int]], distance: int) -> None:
    """Against comparing each with every group's first."""
    hashes = [sum(1 << bit for bit in bits) for bits in flips]
    expected: list[list[int]] = []
    for number, bits in enumerate(hashes):
        near = (group for group in expected if (hashes[group[0]] ^ bits).bit_count() <= distance)
        home = next(near, None)
        if home is None:
            expected.append([number])
        else:
            home.append(number)
    found = groups([(str(number), hexadecimal(bits)) for number, bits in enumerate(hashes)], distance)
    assert found == [[str(number) for number in group] for group in expected if len(group) > 1]


def test_copies_are_one_group_and_other_pictures_none(twins: Collection) -> None:
    twins.describe({})
    twins.index()
    fingerprint(twins.ledger, lambda *_: None)
    (group,) = groups(twins.ledger.fingerprints())
    assert {path.rpartition("/")[2] for i in group for path in twins.ledger.record(i).paths} == {
        "a.png",
        "a.jpg",
        "a-small.png",
    }


def test_pictures_are_fingerprinted_once(twins: Collection) -> None:
    twins.describe({})
    twins.index()
    fingerprint(twins.ledger, lambda *_: None)
    for path in twins.images.iterdir():
        path.unlink()
    before = list(twins.ledger.fingerprints())
    fingerprint(twins.ledger, lambda *_: None)
    assert list(twins.ledger.fingerprints()) == before
    assert len(before) == 4


def test_a_group_is_asked_about_once_and_the_copies_say_so(twins: Collection, standin: StandIn) -> None:
    report = twins.index(VllmCaptioner(standin.url), dedupe=True)
    assert (report.captioned, report.copied, report.stored, len(standin.asked())) == (2, 2, 4, 2)
    records = list(twins.ledger.scan())
    copies = [record for record in records if record.text and record.text.copied_from]
    (source,) = {record.text.copied_from for record in copies if record.text}
    original = twins.ledger.record(str(source))
    assert original.text is not None
    assert all(r.text and r.text.variants == original.text.variants for r in copies)
    assert len(copies) == 2


def test_a_new_copy_of_a_captioned_picture_is_not_asked_about(twins: Collection, standin: StandIn) -> None:
    twins.index(VllmCaptioner(standin.url), dedupe=True)
    picture(2).save(twins.images / "b.jpg", quality=70)
    report = twins.index(VllmCaptioner(standin.url), dedupe=True)
    assert (report.captioned, report.copied, len(standin.asked())) == (0, 1, 2)


def test_where_the_first_of_a_group_fails_the_next_is_asked_about(twins: Collection, standin: StandIn) -> None:
    twins.describe({})
    twins.index()
    fingerprint(twins.ledger, lambda *_: None)
    (group,) = groups(twins.ledger.fingerprints())
    first = min(twins.ledger.records(group).values(), key=lambda record: record.paths)
    pixels = read_rgb(
        next(twins.images.glob(first.paths[0].rpartition("/")[2])), first.tile.window, first.tile.rendering
    )
    import hashlib

    standin.fail("prose", times=-1, image=hashlib.sha256(data_url(pixels, LongestSide(1024)).encode()).hexdigest())
    report = twins.index(VllmCaptioner(standin.url), dedupe=True)
    assert (report.captioned, report.copied, report.quarantined) == (2, 1, 1)
    assert twins.ledger.counts()["stored"] == 3


def test_without_being_told_every_picture_is_asked_about(twins: Collection, standin: StandIn) -> None:
    assert twins.index(VllmCaptioner(standin.url)).captioned == 4


def test_a_picture_that_is_north_up_shares_no_text_with_one_that_is_not(twins: Collection, standin: StandIn) -> None:
    twins.describe({})
    twins.index()
    with twins.ledger._writing() as db:
        for record in twins.ledger.scan():
            if record.paths[0].endswith("a.png"):
                tile: Tile = record.tile.model_copy(update={"north_up": True})
                db.execute("UPDATE tiles SET tile = ? WHERE id = ?", (tile.model_dump_json(), str(tile.id)))
    report = twins.index(VllmCaptioner(standin.url), dedupe=True)
    assert (report.captioned, report.copied) == (3, 1)


def test_re_encoded_pictures_lie_within_the_distance_and_others_far_beyond(sample_archive) -> None:
    from trsllava.raster.fingerprint import perceptual_hash

    hashes = []
    for path in sorted(sample_archive.rglob("*.png"))[:12]:
        image = Image.open(path).convert("RGB")
        file = io.BytesIO()
        image.save(file, "JPEG", quality=75)
        copy = Image.open(file)
        a, b = (int(perceptual_hash(np.asarray(shown)), 16) for shown in (image, copy))
        assert (a ^ b).bit_count() <= DISTANCE
        hashes.append(a)
    assert min((a ^ b).bit_count() for a, b in combinations(hashes, 2)) > 3 * DISTANCE
