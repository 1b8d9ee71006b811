"""A collection that looks its labels up in a tree, by the library and over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import trsllava
from tests.service.conftest import copied
from trsllava.errors import LabelFileError, UnknownCollectionError
from trsllava.labels.file import read_tree
from trsllava.service import ServiceSettings, create_app


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
