"""Which place a query names."""

from __future__ import annotations

import pytest

from trsllava.places.area import Ground
from trsllava.places.regions import area_named, told_place
from trsllava.places.words import named_place
from trsllava.records import Footprint


def told(text: str, extent: Footprint | None = None) -> str | None:
    named = named_place(text, extent)
    return told_place(named) if named else None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("harbors near Rotterdam", "near Rotterdam, NL: 51.92, 4.48, 25 km"),
        ("vineyards in northern Italy", "in northern Italy"),
        ("barges along the Rhine", "along Rhine"),
        ("ships within 20 km of 51.9, 4.5", "near 51.9, 4.5, 20 km"),
        ("ships within 2 miles of Rotterdam", "near Rotterdam, NL: 51.92, 4.48, 3.21869 km"),
        ("orange roofs", None),
        ("harbors not near Rotterdam", None),
        ("everywhere except Italy", None),
    ],
)
def test_a_place_is_told_with_where_it_lies(text: str, place: str | None) -> None:
    assert told(text) == place


def test_of_a_name_the_largest_place_is_meant_or_the_one_where_the_archive_lies() -> None:
    texas = Footprint(west=-107, south=25, east=-93, north=37)
    assert told("churches in Paris") == "in Paris, FR: 48.85, 2.35, 25 km"
    assert str(told("churches in Paris", texas)).startswith("in Paris, US: 33.66")
    named = named_place("churches in Paris", texas)
    assert named is not None
    assert any(other.country == "FR" for other in named.others)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("in northern Italy", (9.2, 45.4), (16.3, 39.3)),
        ("in southern Italy", (16.3, 39.3), (9.2, 45.4)),
        ("along the Rhine", (6.95, 50.95), (8.68, 50.6)),  # Cologne, Giessen
        ("in Bavaria", (11.57, 48.14), (9.18, 48.78)),  # Munich, Stuttgart
        ("in the North Sea", (3.0, 55.0), (3.0, 47.0)),
        ("in Fiji", (179.2, -16.6), (170.0, -16.6)),
        ("in New Zealand", (-176.5, -43.95), (150.0, -43.0)),  # the Chatham Islands
        ("in Russia", (-172.0, 65.5), (-150.0, 65.0)),  # Chukotka
    ],
)
def test_an_area_has_its_outline_the_dateline_included(
    text: str, inside: tuple[float, float], outside: tuple[float, float]
) -> None:
    named = named_place(f"houses {text}")
    assert named is not None
    area = area_named(named)
    for (lon, lat), expected in ((inside, True), (outside, False)):
        spot = Footprint(west=lon, south=lat, east=lon + 0.01, north=lat + 0.01)
        assert Ground(area).meets(spot) is expected
