"""Which tiles a time finds, from the STAC items beside the images to the hits."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.standin.collection import Collection
from trsllava.records import Filters, Query
from trsllava.search.conditions import as_filters

ITEMS = {
    "spring": {"datetime": None, "start_datetime": "2019-03-01T00:00:00Z", "end_datetime": "2019-05-31T23:59:59Z"},
    "march": {"datetime": "2019-03-06T07:07:07.123Z"},
    "june": {"datetime": "2019-06-01t00:00:00z"},
    "never": {},
}


@pytest.fixture
def archive(collection: Collection) -> Collection:
    collection.draw(*(f"{name}.png" for name in ITEMS))
    collection.describe({f"{name}.png": "a field" for name in ITEMS})
    for name, properties in ITEMS.items():
        item = {"type": "Feature", "stac_version": "1.0.0", "properties": properties}
        (collection.images / f"{name}.json").write_text(json.dumps(item))
    collection.index()
    return collection


@pytest.mark.parametrize(
    ("acquired", "found"),
    [
        ("2019-05", {"spring"}),
        ("2019-04-01T12:00Z", {"spring"}),
        ("2019-03", {"spring", "march"}),
        ("2019-W10", {"spring", "march"}),
        ("2019-03-06T07:07", {"spring", "march"}),
        ("2019-03-06T07:07:07", {"spring", "march"}),
        ("2019-03-06t07:07:07.1z", {"spring", "march"}),
        ("2019-03-06T07:08", {"spring"}),
        ("2019-03-06T08:07:07+01:00", {"spring", "march"}),
        ("../2019-02", set()),
        ("2019-05-31/..", {"spring", "june"}),
        ("../2019-03-01", {"spring"}),
        ("2019", {"spring", "march", "june"}),
        ("2019-06-01", {"june"}),
    ],
)
def test_a_time_finds_what_was_acquired_at_any_moment_of_it(
    archive: Collection, acquired: str, found: set[str]
) -> None:
    hits = archive.engine().search(Query(text="field", filters=as_filters(Filters(), time=acquired)))
    assert {hit.paths[0].rsplit("/", 1)[1].removesuffix(".png") for hit in hits} == found


@pytest.fixture
def far_from_greenwich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine nine hours ahead of UTC."""
    monkeypatch.setenv("TZ", "UTC-9")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("far_from_greenwich")
def test_a_time_without_a_zone_is_utc_wherever_the_machine_stands(archive: Collection) -> None:
    first, last = datetime(2019, 5, 31, 23, 59, 59, 500_000), datetime(2019, 6, 1, 0, 0, 1)
    for filters in (Filters(start=first, end=last), Filters(spans=((first, last),))):
        hits = archive.engine().search(Query(text="field", filters=filters))
        assert [Path(hit.paths[0]).stem for hit in hits] == ["june"]
        assert [Path(record.paths[0]).stem for record in archive.ledger.captioned(filters)] == ["june"]


def test_a_store_made_before_intervals_were_known_is_filtered_as_well(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trsllava.store.edge.FLOAT_KEYS", ("west", "south", "east", "north", "acquired"))
    collection.draw("march.png", "june.png")
    for name in ("march", "june"):
        item = {"type": "Feature", "stac_version": "1.0.0", "properties": ITEMS[name]}
        (collection.images / f"{name}.json").write_text(json.dumps(item))
    collection.describe(dict.fromkeys(("march.png", "june.png"), "a field"))
    collection.index()
    (hit,) = collection.engine().search(Query(text="field", filters=as_filters(Filters(), time="2019-06/..")))
    assert hit.paths[0].endswith("june.png")
