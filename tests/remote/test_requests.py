"""Parts of remote files: tried again where that may help, refused in one sentence where it does not."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.standin.ranges import Asked, RangeServer, range_server
from trsllava.errors import ImageError, OutOfReachError
from trsllava.remote import requests
from trsllava.remote.address import remember
from trsllava.remote.range_file import BLOCK, RangeFile
from trsllava.remote.requests import TRIES, read_document, read_part

CONTENT = bytes(range(256)) * 1000


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RangeServer]:
    monkeypatch.setattr(requests, "_FIRST_WAIT", 0.001)
    (tmp_path / "a.tif").write_bytes(CONTENT)
    with range_server(tmp_path) as running:
        yield running


def _answer(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> bool:
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)
    return True


def _endless(handler: BaseHTTPRequestHandler, status: int, **headers: str) -> bool:
    """A body without an end, which only the client's going away stops."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.close_connection = True
    while True:
        handler.wfile.write(b" " * 65536)


def test_a_part_comes_with_the_size_of_the_whole(server: RangeServer) -> None:
    part = read_part(f"{server.url}/a.tif", 100, 50)

    assert (part.content, part.size) == (CONTENT[100:150], len(CONTENT))
    assert part.version


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_server_that_is_busy_is_asked_again(server: RangeServer, status: int) -> None:
    server.misbehave = lambda asked, handler: asked.number < TRIES and _answer(handler, status)

    assert read_part(f"{server.url}/a.tif", 0, 4).content == CONTENT[:4]
    assert len(server.requests) == TRIES


def test_a_short_answer_is_asked_for_again(server: RangeServer) -> None:
    def cut(asked: Asked, handler: BaseHTTPRequestHandler) -> bool:
        if asked.number > 1:
            return False
        return _answer(handler, 206, CONTENT[:2], Content_Range=f"bytes 0-9/{len(CONTENT)}", Connection="close")

    server.misbehave = cut
    assert read_part(f"{server.url}/a.tif", 0, 10).content == CONTENT[:10]


def test_a_connection_that_breaks_off_is_tried_again(server: RangeServer) -> None:
    def hang_up(asked: Asked, handler: BaseHTTPRequestHandler) -> bool:
        if asked.number > 1:
            return False
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True
        return True

    server.misbehave = hang_up
    assert read_part(f"{server.url}/a.tif", 0, 10).content == CONTENT[:10]


def test_what_fails_every_time_is_out_of_reach(server: RangeServer) -> None:
    server.misbehave = lambda _, handler: _answer(handler, 503)

    with pytest.raises(OutOfReachError) as caught:
        read_part(f"{server.url}/a.tif", 0, 10)
    assert str(caught.value) == (
        f"cannot read {server.url}/a.tif: its server is busy or fails (HTTP 503) ({TRIES} tries)"
    )


def test_a_server_that_nobody_runs_is_out_of_reach(server: RangeServer) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(OutOfReachError, match=f"127.0.0.1:{port} cannot be reached"):
        read_part(f"http://127.0.0.1:{port}/a.tif", 0, 10)


@pytest.mark.parametrize(
    ("status", "words"), [(404, "there is no such file"), (403, "asks for credentials"), (418, "refuses")]
)
def test_a_refusal_is_final(server: RangeServer, status: int, words: str) -> None:
    server.misbehave = lambda _, handler: _answer(handler, status)

    with pytest.raises(OutOfReachError, match=words):
        read_part(f"{server.url}/a.tif", 0, 10)
    assert len(server.requests) == 1


def test_a_server_without_ranges_is_refused_and_its_body_is_not_read(server: RangeServer) -> None:
    server.misbehave = lambda _, handler: _endless(handler, 200)

    with pytest.raises(ImageError, match="does not serve parts of files"):
        read_part(f"{server.url}/a.tif", 0, 10)
    assert len(server.requests) == 1


def test_a_part_without_an_end_is_refused(server: RangeServer) -> None:
    server.misbehave = lambda _, handler: _endless(handler, 206, Content_Range=f"bytes 0-9/{len(CONTENT)}")

    with pytest.raises(ImageError, match="sends more than it was asked for, without an end"):
        read_part(f"{server.url}/a.tif", 0, 10)


def test_a_document_without_an_end_is_refused(server: RangeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "_MOST_DOCUMENT", 1 << 20)
    server.misbehave = lambda _, handler: _endless(handler, 200)

    with pytest.raises(ImageError, match="is larger than 1 MB, or has no end"):
        read_document(f"{server.url}/catalog.json")


def test_a_trickle_is_broken_off(server: RangeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "_SECONDS", -1.0)  # whatever comes, comes too late

    with pytest.raises(OutOfReachError, match="its server is too slow"):
        read_document(f"{server.url}/a.tif")


@pytest.mark.parametrize("stated", ["", "bytes */10", "bytes 0-9/*", "bytes 5-14/100", "pages 0-9/100"])
def test_another_part_than_was_asked_for_is_refused(server: RangeServer, stated: str) -> None:
    server.misbehave = lambda _, handler: _answer(handler, 206, b"0123456789", Content_Range=stated)

    with pytest.raises(ImageError):
        read_part(f"{server.url}/a.tif", 0, 10)


def test_a_redirect_on_the_same_host_is_followed(server: RangeServer) -> None:
    def move(asked: Asked, handler: BaseHTTPRequestHandler) -> bool:
        return asked.path == "/old.tif" and _answer(handler, 302, Location="/a.tif")

    server.misbehave = move
    assert read_part(f"{server.url}/old.tif", 0, 4).content == CONTENT[:4]


@pytest.mark.parametrize(
    "target", ["http://elsewhere.example/a.tif", "//169.254.169.254/latest", "file:///etc/passwd"]
)
def test_a_redirect_to_another_host_is_refused(server: RangeServer, target: str) -> None:
    server.misbehave = lambda _, handler: _answer(handler, 302, Location=target)

    with pytest.raises(ImageError, match="which was not named as a source"):
        read_part(f"{server.url}/a.tif", 0, 4)


def test_redirects_in_a_circle_end(server: RangeServer) -> None:
    server.misbehave = lambda _, handler: _answer(handler, 307, Location="/a.tif")

    with pytest.raises(ImageError, match="redirects without an end"):
        read_part(f"{server.url}/a.tif", 0, 4)


@pytest.mark.parametrize("body", [b"<html>", b"", b"[" * 100_000, b"\xff"])
def test_a_document_that_is_no_json_is_refused(server: RangeServer, body: bytes) -> None:
    server.content["/catalog.json"] = body

    with pytest.raises(ImageError, match="it is no JSON document"):
        read_document(f"{server.url}/catalog.json")


def test_no_error_names_credentials(server: RangeServer) -> None:
    host = server.url.removeprefix("http://")
    address = remember(f"http://ada:geheim@{host}/gone.tif?sig=geheim&sv=2023&page=2")

    with pytest.raises(OutOfReachError) as caught:
        read_part(address, 0, 4)
    assert str(caught.value).startswith(f"cannot read http://{host}/gone.tif?page=2: ")
    assert "geheim" in server.requests[0].path
    assert server.requests[0].headers["authorization"].startswith("Basic ")


def test_users_and_passwords_may_stand_in_netrc(
    server: RangeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ada password geheim\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    read_part(f"{server.url}/a.tif", 0, 4)
    (tmp_path / "netrc").write_text("machine")
    read_part(f"{server.url}/a.tif", 0, 4)

    assert server.requests[0].headers["authorization"] == "Basic YWRhOmdlaGVpbQ=="
    assert "authorization" not in server.requests[1].headers


def test_a_file_gives_the_bytes_of_the_file_whatever_is_read(server: RangeServer) -> None:
    file = RangeFile(f"{server.url}/a.tif")

    for start, count in [(0, 4), (BLOCK - 2, 4), (len(CONTENT) - 3, 100), (5, 3 * BLOCK), (len(CONTENT), 1)]:
        assert file.read(start, start + count) == CONTENT[start : start + count]
    assert file.opened().read() == CONTENT
    assert file.fetched <= len(CONTENT) + BLOCK


def test_a_file_that_changes_while_it_is_read_is_refused(server: RangeServer) -> None:
    file = RangeFile(f"{server.url}/a.tif")
    (server.folder / "a.tif").write_bytes(CONTENT[::-1] + b"more")

    assert file.read(4 * BLOCK, 4 * BLOCK + 4) == b""
    assert "it changed while it was read" in str(file.fault)
