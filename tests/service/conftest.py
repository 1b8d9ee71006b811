"""A small archive behind a running app."""

from __future__ import annotations

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


@pytest.fixture
def app(served_home: Path) -> FastAPI:
    return create_app(ServiceSettings(home=served_home))


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client
