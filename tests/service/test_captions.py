"""`POST /v1/captions`: rich texts made elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from tests.service.conftest import copied, index_pictures, write_scene
from trsllava.service import ServiceSettings, create_app


@pytest.fixture
def home(served_home: Path, tmp_path: Path) -> Path:
    return copied(served_home, tmp_path / "home")


@pytest.fixture
def client(home: Path) -> Iterator[TestClient]:
    with TestClient(create_app(ServiceSettings(home=home, caption_limit=20))) as client:
        yield client


@pytest.fixture
def names(sample_archive: Path) -> list[str]:
    lines = (sample_archive / "captions.jsonl").read_text().splitlines()
    return [json.loads(line)["image"] for line in lines]


def line(image: str, *captions: str) -> str:
    return json.dumps({"image": image, "captions": captions or ("a purple zebracorn on the moon",)})


def push(client: TestClient, *lines: str | bytes, **headers: str) -> Response:
    content = b"\n".join(one if isinstance(one, bytes) else one.encode() for one in lines)
    return client.post("/v1/captions", content=content, headers={"Content-Type": "application/x-ndjson", **headers})


def test_a_pushed_caption_replaces_the_one_before_and_is_found_at_once(client: TestClient, names: list[str]) -> None:
    answer = push(client, line(names[0])).json()
    assert (answer["taken"], answer["unchanged"], answer["refused"]) == (1, 0, 0)
    (taken,) = answer["lines"]
    hits = client.get("/v1/search", params={"text": "purple zebracorn on the moon", "k": 1}).json()["hits"]
    assert hits[0]["tile"]["id"] == taken["tile_id"]
    item = client.get(f"/v1/items/{taken['tile_id']}").json()
    assert [variant["caption"] for variant in item["text"]["variants"]] == ["a purple zebracorn on the moon"]
    assert item["state"] == "stored"


def test_what_is_pushed_again_is_unchanged(client: TestClient, names: list[str]) -> None:
    push(client, line(names[0]))
    again = push(client, line(names[0]), line(names[1])).json()
    assert [one["outcome"] for one in again["lines"]] == ["unchanged", "taken"]


def test_what_is_exported_can_be_pushed(client: TestClient, home: Path) -> None:
    import trsllava

    with trsllava.open(home) as archive:
        exported = list(archive.export())[:20]
    assert {one["outcome"] for one in push(client, *exported).json()["lines"]} <= {"taken", "unchanged"}


def test_every_line_is_told_of_by_its_number_and_a_bad_one_stops_no_other(
    client: TestClient, names: list[str], sample_archive: Path
) -> None:
    lines: list[tuple[str | bytes, str]] = [
        (line(names[0]), ""),
        ("", "blank lines are not told of"),
        ("{no json", "not JSON"),
        ("[1, 2]", 'needs an "image"'),
        (line("nowhere.png"), "no indexed image has this path"),
        (line("../../../etc/passwd"), "no indexed image has this path"),
        (line("/etc/passwd"), "no indexed image has this path"),
        (line(names[0], "another"), "line 1 has captioned this tile"),
        (line(names[2] + "#0,0,1,1"), "no such tile"),
        (json.dumps({"image": names[3]}), "needs"),
        (json.dumps({"image": names[3], "variants": [{"caption": ""}]}), "a caption needs"),
        (json.dumps({"image": names[3], "captions": ["a"], "labels": "harbor"}), "labels"),
        (json.dumps({"image": names[3], "captions": ["\ud800"]}), "surrogate"),
        (json.dumps({"image": names[3], "captions": ["x"] * 65}), "more than 64 variants"),
        (json.dumps({"image": names[3], "captions": ["x" * 300_000]}), "longer than"),
        (f'{{"image": "{names[3]}", "captions": {"[" * 10_000}{"]" * 10_000}}}', "nested too deeply"),
        (f'{{"image": "{names[3]}", "captions": ["a"], "confidence": NaN}}', "confidence"),
        (f'{{"image": "{names[3]}", "captions": ["a"], "confidence": {"9" * 5000}}}', "too many digits"),
        (line(str(sample_archive / names[4])), ""),
    ]
    answer = push(client, *(one for one, _ in lines))
    assert answer.status_code == 200
    told = {one["line"]: one for one in answer.json()["lines"]}
    assert sorted(told) == [number for number, (one, _) in enumerate(lines, start=1) if one]
    for number, (one, reason) in enumerate(lines, start=1):
        if one:
            assert told[number]["outcome"] == ("refused" if reason else "taken"), told[number]
            assert reason in told[number]["reason"]
    assert answer.json()["taken"] == 2


def test_a_windows_path_and_a_byte_order_mark_are_understood(client: TestClient, names: list[str]) -> None:
    answer = push(client, "\ufeff" + line(names[0].replace("/", "\\"))).json()
    assert answer["taken"] == 1


def test_captions_that_checks_would_refuse_are_taken_and_the_checks_named(
    client: TestClient, names: list[str]
) -> None:
    (one,) = push(client, line(names[0], "I'm sorry, I cannot help with that image.")).json()["lines"]
    assert (one["outcome"], "refusal" in one["faults"]) == ("taken", True)


def test_a_tile_of_a_scene_is_named_with_its_window(tmp_path: Path) -> None:
    home, folder = tmp_path / "scenes", tmp_path / "pictures"
    folder.mkdir()
    write_scene(folder / "scene.png", 1100)
    index_pictures(home, folder)
    with TestClient(create_app(ServiceSettings(home=home))) as client:
        whole, part, wrong = push(
            client, line("scene.png"), line("scene.png#0,0,512,512"), line("scene.png#1,0,512,512")
        ).json()["lines"]
    assert (whole["outcome"], part["outcome"], wrong["outcome"]) == ("refused", "taken", "refused")
    assert "cut into tiles: name one, as scene.png#" in whole["reason"]


def test_a_path_in_two_folders_that_were_indexed_is_not_guessed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    folders = [tmp_path / "one", tmp_path / "two"]
    for side, folder in enumerate(folders, start=16):
        folder.mkdir()
        write_scene(folder / "a.png", side)
        index_pictures(home, folder)
    with TestClient(create_app(ServiceSettings(home=home))) as client:
        either, absolute = push(client, line("a.png"), line(str(folders[1] / "a.png"))).json()["lines"]
    assert "absolute path" in either["reason"]
    assert absolute["outcome"] == "taken"


def test_more_captions_than_the_server_allows_are_refused_together(client: TestClient, names: list[str]) -> None:
    answer = push(client, *[line(names[0])] * 21)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/limit")
    answer = push(client, b"\xff\xfe")
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-request")
    assert push(client).json()["lines"] == []


def test_while_another_writes_captions_are_to_be_pushed_later(
    client: TestClient, home: Path, names: list[str]
) -> None:
    import trsllava

    with trsllava.open(home) as archive, archive.writing():
        busy = push(client, line(names[0]))
    assert (busy.status_code, busy.json()["type"]) == (409, "/problems/being-written")
    assert busy.headers["retry-after"]
    assert push(client, line(names[0])).json()["taken"] == 1


def test_a_collection_that_is_not_there_is_not_made(client: TestClient, home: Path) -> None:
    answer = client.post("/v1/captions?collection=nowhere", content=line("a.png"))
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/unknown-collection")
    assert not (home / "collections" / "nowhere").exists()


@pytest.mark.parametrize(("scope", "status"), [("read", 403), ("write", 200)])
def test_pushing_needs_a_key_that_writes(home: Path, names: list[str], scope: str, status: int) -> None:
    from trsllava.service.keys import Keys

    key = Keys(home).add("portal", scope)  # type: ignore[arg-type]
    with TestClient(create_app(ServiceSettings(home=home, keys_required=True))) as client:
        assert push(client, line(names[0])).status_code == 401
        assert push(client, line(names[0]), **{"X-API-Key": key}).status_code == status
