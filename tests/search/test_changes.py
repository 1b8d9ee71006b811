"""Places that changed between two times, as their captions tell."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st

from tests.standin.collection import Collection
from trsllava.errors import InputError
from trsllava.records import Footprint, Tile, Window
from trsllava.search import stacks
from trsllava.search.changes import as_times, changes, read_change
from trsllava.search.stacks import LEAST_OVERLAP, other_dates, overlap, pairs


def place(collection: Collection, site: int, year: int, shift: float = 0.0) -> str:
    """A GeoTIFF of 0.01 degrees at a site, taken on the first of June."""
    name = f"site{site}_{year}-06-01.tif"
    pixels = np.random.default_rng([site, year]).integers(1, 255, (3, 10, 10), np.uint8)
    transform = Affine(0.001, 0, 10 + site / 10 + shift, 0, -0.001, 50)
    with rasterio.open(
        collection.images / name, "w", driver="GTiff", width=10, height=10, count=3, dtype="uint8",
        crs="EPSG:4326", transform=transform,
    ) as dataset:  # fmt: skip
        dataset.write(pixels)
    return name


@pytest.fixture
def sites(collection: Collection) -> Collection:
    """Four places in 2019 and 2023: a barn came, a barn stayed, a barn went, and nothing was there."""
    said = {0: ("a field", "a field and a barn"), 1: ("a barn",) * 2, 2: ("a barn", "a meadow"), 3: ("a lake",) * 2}
    collection.describe(
        {
            place(collection, site, year): text
            for site, texts in said.items()
            for year, text in zip((2019, 2023), texts, strict=True)
        }
    )
    collection.index()
    return collection


def found(collection: Collection, text: str, times: str = "2019..2023") -> list[str]:
    ranked = changes(text, as_times(times), collection.ledger, collection.engine(), 10)
    return [Path(change.after.paths[0]).name[:5] for change in ranked]


def test_a_place_that_gained_the_thing_comes_first_and_one_that_lost_it_last(sites: Collection) -> None:
    ranked = found(sites, "new barn")
    assert (ranked[0], ranked[-1]) == ("site0", "site2")


def test_a_place_that_lost_the_thing_comes_first_where_that_is_asked_for(sites: Collection) -> None:
    assert found(sites, "demolished barn")[0] == "site2"
    assert found(sites, "without a barn")[0] == "site2"


def test_a_place_that_is_as_it_was_has_not_changed(sites: Collection) -> None:
    ranked = changes("new barn", as_times("2019..2023"), sites.ledger, sites.engine(), 10)
    scores = {Path(change.after.paths[0]).name[:5]: change.score for change in ranked}
    assert (scores["site1"], scores["site3"]) == (0.0, 0.0)


def test_times_without_tiles_have_no_places(sites: Collection) -> None:
    assert found(sites, "new barn", "2010..2011") == []


def test_the_earlier_tile_is_the_earlier_one_even_within_one_interval(sites: Collection) -> None:
    for change in changes("new barn", as_times("2018/2024..2018/2024"), sites.ledger, sites.engine(), 10):
        assert change.before.tile.acquired < change.after.tile.acquired  # type: ignore[operator]


def test_the_other_dates_of_a_place_are_told(sites: Collection) -> None:
    place(sites, 0, 2021, shift=0.002)
    place(sites, 0, 2022, shift=0.009)
    sites.describe({"site0_2021-06-01.tif": "a field", "site0_2022-06-01.tif": "a field"})
    sites.index()
    first = next(record for record in sites.ledger.scan() if record.paths[0].endswith("site0_2019-06-01.tif"))
    dates = [record.tile.acquired.year for record in other_dates(first, sites.ledger) if record.tile.acquired]
    assert dates == [2021, 2023]


@pytest.mark.parametrize(
    ("text", "gained", "lost"),
    [
        ("new buildings", "buildings", ()),
        ("newly built houses", "houses", ()),
        ("more ships", "ships", ()),
        ("buildings", "buildings", ()),
        ("demolished houses", "", ("houses",)),
        ("fewer trees", "", ("trees",)),
        ("new houses, fewer trees", "houses", ("trees",)),
        ("without trees", "", ("trees",)),
    ],
)
def test_what_came_and_what_went_is_read_from_the_text(text: str, gained: str, lost: tuple[str, ...]) -> None:
    assert read_change(text) == (gained, lost)


@pytest.mark.parametrize("change", ["2019", "2019..", "..2023", "", "2023..2019", "2019..soon"])
def test_what_is_no_pair_of_times_is_refused(change: str) -> None:
    with pytest.raises(InputError):
        as_times(change)


def test_a_change_that_says_nothing_is_refused(sites: Collection) -> None:
    with pytest.raises(InputError, match="empty"):
        found(sites, "  ")


def box(west: float, south: float, wide: float, high: float) -> Footprint:
    east = west + wide
    return Footprint(west=west, south=south, east=east - 360 if east > 180 else east, north=south + high)


widths = st.floats(0.001, 1.0) | st.floats(1.0, 200.0)
boxes = st.builds(box, st.floats(-180, 179.9), st.floats(-80, 79), widths, st.floats(0.001, 1.0))


def tile(footprint: Footprint, year: int) -> Tile:
    acquired = datetime(year, 1, 1, tzinfo=UTC)
    return Tile(id=uuid4(), sha256="0", window=Window(0, 0, 1, 1), footprint=footprint, acquired=acquired)


@given(boxes, boxes)
def test_overlap_is_symmetric_and_a_share(one: Footprint, other: Footprint) -> None:
    assert overlap(one, other) == pytest.approx(overlap(other, one))
    assert 0 <= overlap(one, other) <= 1 + 1e-9
    assert overlap(one, one) == pytest.approx(1)


@given(st.lists(boxes, max_size=6), boxes, st.floats(-0.3, 0.3), st.floats(-0.3, 0.3), st.floats(0.55, 1.7))
def test_the_pair_of_a_tile_is_the_one_that_a_search_of_all_finds(
    others: list[Footprint], one: Footprint, right: float, up: float, scale: float
) -> None:
    wide, high = one.unwrapped_east - one.west, one.north - one.south
    moved = box((one.west + right * wide + 180) % 360 - 180, one.south + up * high, scale * wide, high)
    earlier = [tile(footprint, 2019) for footprint in [*others, moved]]
    later = tile(one, 2023)
    best = max(overlap(one, other.footprint) for other in earlier if other.footprint)
    chosen = [first for first, _ in pairs(earlier, [later])]
    if best > LEAST_OVERLAP + 1e-6:
        assert [overlap(one, first.footprint) for first in chosen if first.footprint] == [pytest.approx(best)]
    elif best < LEAST_OVERLAP - 1e-6:
        assert chosen == []


def test_one_picture_of_the_whole_earth_does_not_have_each_tile_compared_with_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared = []
    monkeypatch.setattr(stacks, "overlap", lambda one, other: compared.append(1) or overlap(one, other))
    spots = [(lon, lat) for lon in range(-180, 180, 20) for lat in range(-80, 80, 20)]
    world = Footprint(west=-180, south=-90, east=180, north=90)
    earlier = [tile(world, 2019), *(tile(box(*spot, 0.1, 0.1), 2019) for spot in spots)]
    later = [tile(world, 2023), *(tile(box(*spot, 0.1, 0.1), 2023) for spot in spots)]

    assert len(list(pairs(earlier, later))) == len(later)
    assert len(compared) < 3 * len(later)
