"""Place and time words of a query, from the archive to the hits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

import trsllava
from tests.conftest import MakeOnce
from tests.places import THINGS, at, index, write_scene
from trsllava.archive import Archive
from trsllava.cli.app import app

SPOTS = {
    "rotterdam_20230701.tif": (4.45, 51.95),
    "rotterdam_20190105.tif": (4.40, 51.90),
    "cologne_20230801.tif": (6.95, 50.95),
    "milan_20230401.tif": (9.15, 45.5),
    "bari_20220705.tif": (16.85, 41.1),
    "sydney_20230115.tif": (151.2, -33.85),
    "suva_20210601.tif": (178.4, -18.1),
}


@pytest.fixture(scope="module")
def home(make_once: MakeOnce) -> Path:
    def write(folder: Path) -> None:
        (folder / "images").mkdir(parents=True)
        for number, (name, spot) in enumerate(SPOTS.items()):
            write_scene(folder / "images" / name, at(*spot, degrees=0.02), number)
        index(folder, [(name, ["A grey harbor", "A harbor with ships"]) for name in SPOTS])

    return make_once("named-places", write) / "home"


@pytest.fixture
def archive(home: Path) -> Iterator[Archive]:
    with trsllava.open(home) as opened:
        yield opened


def names(archive: Archive, text: str, **options: bool) -> set[str]:
    return {Path(hit.paths[0]).stem for hit in archive.search(text, **options)}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("harbors near Rotterdam", {"rotterdam_20230701", "rotterdam_20190105"}),
        ("harbors along the Rhine", {"rotterdam_20230701", "rotterdam_20190105", "cologne_20230801"}),
        ("harbors in northern Italy", {"milan_20230401"}),
        ("harbors in Italy", {"milan_20230401", "bari_20220705"}),
        ("harbors in Fiji", {"suva_20210601"}),
        ("harbors within 30 km of 51.9, 4.5", {"rotterdam_20230701", "rotterdam_20190105"}),
        ("harbors near Rotterdam in summer 2023", {"rotterdam_20230701"}),
        ("harbors before 2020", {"rotterdam_20190105"}),
        ("harbors in Australia in summer 2023", {"sydney_20230115"}),
        ("harbors between July and August", {"rotterdam_20230701", "cologne_20230801", "bari_20220705"}),
    ],
)
def test_a_place_and_a_time_narrow_the_search(archive: Archive, text: str, found: set[str]) -> None:
    assert names(archive, text) == found


def test_what_was_taken_is_told_and_not_searched(archive: Archive) -> None:
    understood = archive.search("harbors near Rotterdam in summer 2023").understood
    assert understood.wanted == "harbors"
    assert understood.place is not None
    assert understood.place.words == "near Rotterdam"
    assert understood.sentences() == [
        "Place: near Rotterdam, NL: 51.92, 4.48, 25 km.",
        "Time: in summer 2023 (2023-06-01 to 2023-08-31).",
    ]


def test_what_was_taken_can_be_refused(archive: Archive) -> None:
    assert len(names(archive, "harbors near Rotterdam", places=False)) == len(SPOTS)
    assert len(names(archive, "harbors before 2020", times=False)) == len(SPOTS)
    assert archive.search("harbors near Rotterdam", exact_words=True).understood.place is None


def test_a_query_of_a_place_alone_finds_what_lies_there(archive: Archive) -> None:
    assert names(archive, "Rotterdam") == {"rotterdam_20230701", "rotterdam_20190105"}


def test_a_place_s_name_is_no_slip_and_slips_beside_it_are_repaired(archive: Archive) -> None:
    understood = archive.search("habor near Rotterdam").understood
    assert understood.changes == {"habor": "harbor"}
    assert understood.place is not None


def test_words_that_only_look_like_places_are_searched(archive: Archive) -> None:
    result = archive.search("a nice harbor with orange roofs")
    assert result.understood.place is None
    assert len(result) == len(SPOTS)


def test_hits_tell_the_nearest_town(archive: Archive) -> None:
    near = archive.search("harbors near Cologne")[0].near
    assert near is not None
    assert (near.name, near.country) == ("Köln", "DE")


def test_the_command_tells_and_refuses(home: Path) -> None:
    runner = CliRunner()
    told = runner.invoke(app, ["query", "harbors near Rotterdam", "--json", "--home", str(home)])
    assert "near Rotterdam, NL: 51.92, 4.48, 25 km. Use --no-places" in told.stderr
    assert {hit["near"]["country"] for hit in json.loads(told.stdout)["hits"]} == {"NL"}
    refused = runner.invoke(app, ["query", "harbors near Rotterdam", "--no-places", "--json", "--home", str(home)])
    assert len(json.loads(refused.stdout)["hits"]) == len(SPOTS)


def test_where_no_image_lies_anywhere_no_place_is_taken(tmp_path: Path) -> None:
    from PIL import Image

    (tmp_path / "images").mkdir()
    Image.new("RGB", (8, 8), "grey").save(tmp_path / "images" / "nowhere.png")
    with trsllava.open(index(tmp_path, [("nowhere.png", [f"A {THINGS[0]}"])])) as archive:
        result = archive.search("harbors near Rotterdam in 2019")
    assert [Path(hit.paths[0]).stem for hit in result] == ["nowhere"]
    assert result.understood.sentences()[:2] == [
        "No image of the collection has a time: 'in 2019' is searched as words.",
        "No image of the collection is georeferenced: 'near Rotterdam' is searched as words.",
    ]


def test_the_service_takes_them_and_refuses_them_alike(home: Path) -> None:
    from fastapi.testclient import TestClient

    from trsllava.service import create_app
    from trsllava.service.settings import ServiceSettings

    with TestClient(create_app(ServiceSettings(home=home))) as service:
        asked = {"text": "harbors in Italy in summer 2022"}
        told = service.post("/v1/search", json=asked).json()
        refused = service.post("/v1/search", json=asked | {"places": False, "times": False}).json()
        catalogue = service.get("/stac/search", params={"q": "harbors in Italy"}).json()
    assert [hit["near"]["name"] for hit in told["hits"]] == ["Bari"]
    assert told["understood"]["place"]["told"] == "in Italy"
    assert told["understood"]["time"]["told"] == "2022-06-01 to 2022-08-31"
    assert "area" not in told["understood"]["filters"]
    assert len(refused["hits"]) == len(SPOTS)
    assert len(catalogue["features"]) == 2
