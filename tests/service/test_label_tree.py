"""A collection that looks its labels up in a tree, by the library and over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import trsllava
from tests.service.conftest import copied, running
from trsllava.errors import LabelFileError, UnknownCollectionError
from trsllava.labels.file import read_tree
from trsllava.service import ServiceSettings, create_app
from trsllava.service.keys import Keys


@pytest.fixture(scope="module")
def home(served_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(served_home, tmp_path_factory.mktemp("tree") / "home")


def test_a_label_stands_for_all_below_it_until_the_tree_is_taken_away(home: Path) -> None:
    tree = read_tree("overhead")
    with trsllava.open(home) as archive, TestClient(create_app(ServiceSettings(home=home))) as client:
        harbors = [name for name in archive.labels() if (found := tree.find(name)) and found.path[0] == "transport"]
        assert len(harbors) > 1
        before = archive.facets()
        assert not archive.search("a place", labels="transport")
        archive.use_labels("overhead")
        hits = archive.search("a place", labels="transport", k=100)
        assert hits
        assert all(set(hit.labels) & set(harbors) for hit in hits)
        asked = {"text": "a place", "labels": ["transport"], "k": 100}
        answer = client.post("/v1/search", json=asked).json()
        assert [hit["tile"]["id"] for hit in answer["hits"]] == [str(hit.tile.id) for hit in hits]
        counted = client.get("/v1/facets").json()["label_tree"]
        assert counted == archive.facets().label_tree
        assert counted["transport"] == archive.facets(trsllava.Filters(labels=("transport",))).tiles
        archive.use_labels(None)
        assert archive.facets() == before
        assert client.get("/v1/facets").json()["label_tree"] == {}


def test_a_file_that_is_no_tree_is_refused_and_the_old_tree_stays(home: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("format: 1\n", encoding="utf-8")
    with trsllava.open(home) as archive:
        archive.use_labels("overhead")
        with pytest.raises(LabelFileError, match=r"broken\.yaml, line 1"):
            archive.use_labels(broken)
        assert archive.label_tree() == read_tree("overhead")


def test_a_collection_must_be_there_to_use_a_tree(tmp_path: Path) -> None:
    with trsllava.open(tmp_path) as archive, pytest.raises(UnknownCollectionError):
        archive.use_labels("overhead")
    assert list(tmp_path.iterdir()) == []


def test_a_client_gives_the_service_a_tree_of_its_own(home: Path, tmp_path: Path) -> None:
    settings = ServiceSettings(home=home)
    mine = tmp_path / "mine.yaml"
    mine.write_text("format: 1\nname: mine\nlabels: {wet: {labels: {shore: {labels: {harbor: {}}}}}}\n", "utf-8")
    with (
        trsllava.open(home) as archive,
        running(create_app(settings), settings) as served,
        trsllava.Client(served.url) as client,
    ):
        archive.use_labels(None)
        assert not client.search("a place", labels="wet").hits
        client.use_labels(mine)
        hits = client.search("a place", labels="wet", k=100).hits
        assert hits
        assert all("harbor" in hit.labels for hit in hits)
        assert client.facets().label_tree["wet"] == len(hits)
        assert archive.label_tree() == read_tree(str(mine))
        client.use_labels("overhead")
        assert archive.label_tree() == read_tree("overhead")
        client.use_labels(None)
        assert archive.label_tree() is None


def test_a_client_raises_what_the_archive_raises(home: Path, tmp_path: Path) -> None:
    settings = ServiceSettings(home=home)
    broken = tmp_path / "broken.yaml"
    broken.write_text("format: 1\n", encoding="utf-8")
    with running(create_app(settings), settings) as served:
        with trsllava.Client(served.url) as client:
            with pytest.raises(LabelFileError, match=r"broken\.yaml, line 1"):
                client.use_labels(broken)
            with pytest.raises(LabelFileError, match=r"There is no file .*none\.yaml"):
                client.use_labels(tmp_path / "none.yaml")
        with trsllava.Client(served.url, "nowhere") as client, pytest.raises(UnknownCollectionError):
            client.use_labels("overhead")


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("format: 1\n", "the tree, line 1"),
        ("a: &a [x]\nb: *a\n", "used twice by reference"),
        ("[" * 100, "not YAML"),
        ("", "file"),
    ],
)
def test_what_is_no_tree_is_refused_over_http_and_the_old_one_stays(home: Path, file: str, said: str) -> None:
    with trsllava.open(home) as archive, TestClient(create_app(ServiceSettings(home=home))) as client:
        archive.use_labels("overhead")
        answer = client.put("/v1/label-tree", json={"file": file})
        assert (answer.status_code, said in answer.json()["detail"]) == (400, True), answer.json()
        assert archive.label_tree() == read_tree("overhead")


def test_a_key_that_only_reads_changes_no_tree(home: Path) -> None:
    key = Keys(home).add("reader", "read")
    with TestClient(create_app(ServiceSettings(home=home, keys_required=True))) as client:
        for answer in (
            client.put("/v1/label-tree", json={"file": "x"}, headers={"X-API-Key": key}),
            client.delete("/v1/label-tree", headers={"X-API-Key": key}),
        ):
            assert answer.status_code == 403
