"""A small archive behind a running app."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from struct import pack

import numpy as np
import pytest
import uvicorn
from fastapi import FastAPI
from PIL import Image
from starlette.testclient import TestClient

import trsllava
from tests.conftest import MakeOnce
from trsllava.service import ServiceSettings, create_app
from trsllava.service.server import configured


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


def copied(home: Path, to: Path) -> Path:
    """A copy of a home folder whose holes stay holes: it has 300 MB of files that are mostly room for more."""
    subprocess.run(["cp", "-r", "--sparse=always", home, to], check=True)
    return to


@dataclass(frozen=True)
class Served:
    """A service that listens on loopback."""

    url: str
    port: int


@contextmanager
def running(app: FastAPI, settings: ServiceSettings | None = None) -> Iterator[Served]:
    """An app behind a real socket, on the server that `trsllava serve` runs."""
    settings = settings or ServiceSettings()
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(configured(app, settings))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        port = listening.getsockname()[1]
        yield Served(f"http://127.0.0.1:{port}", port)
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


@pytest.fixture(scope="session")
def served(served_home: Path) -> Iterator[Served]:
    """The sample archive behind a real socket."""
    settings = ServiceSettings(home=served_home)
    with running(create_app(settings), settings) as served:
        yield served


def index_pictures(home: Path, folder: Path) -> None:
    """Index every picture of a folder, each as "a picture"."""
    lines = [json.dumps({"image": path.name, "captions": [f"a picture {path.stem}"]}) for path in folder.iterdir()]
    captions = home.parent / "captions.jsonl"
    captions.write_text("\n".join(lines))
    with trsllava.open(home) as archive:
        archive.index(folder, captions=captions)


def write_scene(path: Path, side: int) -> None:
    """A square picture in which no two parts look alike."""
    Image.fromarray(np.random.default_rng(side).integers(0, 255, (side, side, 3), np.uint8)).save(path)


def bomb(kind: str, side: int) -> bytes:
    """A file of less than a kilobyte that claims to be a picture of `side` by `side` pixels."""
    most = {"jpeg": 65_535, "webp": 16_384, "bmp": 2**31 - 1, "tiff": 2**32 - 1, "png": 2**31 - 1}
    side = min(side, most[kind])
    match kind:
        case "png":
            return (
                b"\x89PNG\r\n\x1a\n"
                + _chunk(b"IHDR", pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
                + b"".join([_chunk(b"IDAT", zlib.compress(bytes(1 << 16))), _chunk(b"IEND", b"")])
            )
        case "tiff":  # sparse: strips that are nowhere are zeros
            entries = [(256, side), (257, side), (258, 8), (259, 1), (262, 1), (277, 1), (278, 1), (273, 0), (279, 0)]
            directory = b"".join(pack("<HHII", tag, 4, 1, value) for tag, value in sorted(entries))
            return b"II*\0" + pack("<IH", 8, len(entries)) + directory + pack("<I", 0)
        case "webp":
            frame = b"\x2f" + pack("<I", (side - 1) | (side - 1) << 14) + bytes(64)
            return b"RIFF" + pack("<I", 12 + len(frame)) + b"WEBPVP8L" + pack("<I", len(frame)) + frame
        case "bmp":
            return (
                b"BM" + pack("<IHHI", 1000, 0, 0, 54) + pack("<IiiHHIIiiII", 40, side, side, 1, 24, 0, 0, 1, 1, 0, 0)
            )
    size = pack(">HBHHB", 11, 8, side, side, 1) + b"\x01\x11\0"
    return b"\xff\xd8\xff\xc0" + size + b"\xff\xda" + pack(">HB", 8, 1) + b"\x01\0\0\x3f\0" + bytes(64) + b"\xff\xd9"


def _chunk(name: bytes, data: bytes) -> bytes:
    return pack(">I", len(data)) + name + data + pack(">I", zlib.crc32(name + data))
