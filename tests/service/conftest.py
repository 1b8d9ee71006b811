"""A small archive behind a running app."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

import trsllava
from tests.conftest import MakeOnce
from trsllava.service import ServiceSettings, create_app


@pytest.fixture(scope="session")
def served_home(sample_archive: Path, make_once: MakeOnce) -> Path:
    """A home with the sample archive indexed from its captions. Read only: copy it to change it."""

    def index(home: Path) -> None:
        with trsllava.open(home, "default") as archive:
            archive.index(sample_archive, captions=sample_archive / "captions.jsonl")

    return make_once("served", index)


@pytest.fixture(scope="session")
def archive(served_home: Path) -> Iterator[trsllava.Archive]:
    """The same collection, opened by the library."""
    with trsllava.open(served_home) as archive:
        yield archive


@pytest.fixture(scope="session")
def app(served_home: Path) -> FastAPI:
    return create_app(ServiceSettings(home=served_home))


@pytest.fixture(scope="session")
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client


def index_pictures(home: Path, folder: Path) -> None:
    """Index every picture of a folder, each as "a picture"."""
    lines = [json.dumps({"image": path.name, "captions": [f"a picture {path.stem}"]}) for path in folder.iterdir()]
    captions = home.parent / "captions.jsonl"
    captions.write_text("\n".join(lines))
    with trsllava.open(home) as archive:
        archive.index(folder, captions=captions)
