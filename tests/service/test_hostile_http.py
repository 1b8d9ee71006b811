"""Bytes that are hardly HTTP, or HTTP that two servers might read in two ways."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.service.conftest import Served, index_pictures, running
from tests.service.test_hostile import exchange, statuses
from trsllava.service import ServiceSettings, create_app


@pytest.fixture(autouse=True)
def _it_lives_on(served: Served) -> Iterator[None]:
    yield
    assert httpx.get(f"{served.url}/healthz").json() == {"status": "ok"}


def answered(received: bytes) -> tuple[dict[str, str], bytes]:
    """Headers and body of the first answer."""
    head, _, body = received.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode("latin-1").split("\r\n")[1:])
    headers = {name.lower(): value for name, value in headers.items()}
    return headers, body[: int(headers.get("content-length", len(body)))]


def refused(received: bytes, *expected: int) -> None:
    """One answer, a problem document with the usual headers, and then the end of the connection."""
    (status,) = statuses(received)
    headers, body = answered(received)
    assert status in expected
    assert json.loads(body)["status"] == status
    assert (headers["content-type"], headers["connection"]) == ("application/problem+json", "close")
    assert headers["x-content-type-options"] == "nosniff"


SMUGGLED = b"GET /v1/collections HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize("first", ["length", "chunks"])
@pytest.mark.parametrize("path", [b"/v1/search", b"/healthz", b"/nowhere"])
def test_a_length_beside_chunks_is_refused_and_the_connection_closed(served: Served, path: bytes, first: str) -> None:
    lines = [b"Content-Length: %d\r\n" % len(SMUGGLED), b"Transfer-Encoding: chunked\r\n"]
    lines = lines if first == "length" else lines[::-1]
    sent = b"POST %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n0\r\n\r\n" % (path, b"".join(lines))
    refused(exchange(served, sent + SMUGGLED), 400)


@pytest.mark.parametrize(
    "lines",
    [
        b"Content-Length: 3\r\nContent-Length: 30",
        b"Content-Length: 3, 30",
        b"Content-Length: 0x3",
        b"Content-Length: 3 3",
        b"Content-Length: 3\r\n 3",
        b"Content-Length: " + b"9" * 30,
        b"Content-Length:",
        b"Content-Length : 3",
        b"Content-Length\t: 3",
        b"Transfer-Encoding: gzip, chunked",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: \x0bchunked",
        b"Transfer-Encoding: chunked\r\n\x00: x",
        b"X: a\x00b",
        b"X: a\rb",
        b"no colon",
        b": no name",
        b"X" * 70_000,
    ],
    ids=lambda lines: ascii(lines[:40]),
)
def test_a_head_that_can_be_read_in_two_ways_is_refused(served: Served, lines: bytes) -> None:
    sent = b"POST /v1/search HTTP/1.1\r\nHost: localhost\r\n%s\r\n\r\n{} " % lines
    refused(exchange(served, sent + SMUGGLED), 400, 431, 501)


@pytest.mark.parametrize(
    "chunk",
    [b"-1\r\n", b"g\r\n", b"0x2\r\n{}\r\n", b"2\r\n{}XX", b"f" * 30 + b"\r\n", b";" + b"a" * 70_000, b" 2\r\n{}\r\n"],
    ids=ascii,
)
def test_a_chunk_that_is_none_ends_the_connection(served: Served, chunk: bytes) -> None:
    head = b"POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    received = exchange(
        served, head + b"Transfer-Encoding: chunked\r\n\r\n" + chunk[:200] + chunk[200:] + b"0\r\n\r\n" + SMUGGLED
    )
    assert len(statuses(received)) <= 1
    assert b'"collections"' not in received


def test_a_folded_line_is_one_value(served: Served) -> None:
    sent = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Request-ID: a\r\n X-Evil: 1\r\n\r\n"
    headers, _ = answered(exchange(served, sent))
    assert "x-evil" not in headers
    assert re.fullmatch("[0-9a-f]{32}", headers["x-request-id"])


@pytest.mark.parametrize(
    "value", [b"a b", b"a\tb", b'"', b"<script>", b"\xff", b"a" * 65, b"a\x7f", b"${jndi:x}"], ids=ascii
)
def test_an_id_that_is_not_harmless_is_replaced(served: Served, value: bytes) -> None:
    received = exchange(
        served, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-ID: %s\r\n\r\n" % value
    )
    headers, _ = answered(received)
    assert headers.get("x-request-id", "") != value.decode("latin-1")


@pytest.mark.parametrize(
    "line",
    [
        b"GET",
        b"GET /",
        b"GET / HTTP/9.9.9",
        b"GET / HTTP/1.1 x",
        b"G\x00T / HTTP/1.1",
        b"GET /\xff HTTP/1.1",
        b"GET /\t HTTP/1.1",
        b"GET  / HTTP/1.1",
        b"\x16\x03\x01\x02\x00\x01",
        b"<html>",
    ],
    ids=ascii,
)
def test_what_is_no_request_line_is_refused(served: Served, line: bytes) -> None:
    refused(exchange(served, line + b"\r\nHost: localhost\r\nConnection: close\r\n\r\n"), 400, 505)


@pytest.mark.parametrize("hosts", [b"", b"Host: localhost\r\nHost: evil.example\r\n"])
def test_a_request_has_one_host(served: Served, hosts: bytes) -> None:
    refused(exchange(served, b"GET /v1/collections HTTP/1.1\r\n%s\r\n" % hosts), 400)


def test_http_1_0_is_answered_and_closed(served: Served) -> None:
    assert statuses(exchange(served, b"GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + SMUGGLED)) == [200]
    received = exchange(served, b"GET /v1/collections HTTP/1.0\r\n\r\n")
    assert statuses(received) == [403]  # it names no host, so it may have been led here
    assert answered(received)[0]["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "target",
    [
        b"http://127.0.0.1:1/healthz",
        b"http://evil.example/v1/collections",
        b"https://localhost/healthz",
        b"file:///etc/passwd",
        b"*",
        b"healthz",
        b"?/healthz",
        b"@evil.example/",
        b"localhost:80",
    ],
    ids=ascii,
)
@pytest.mark.parametrize("method", [b"GET", b"POST", b"CONNECT", b"OPTIONS"])
def test_the_service_is_no_proxy(served: Served, method: bytes, target: bytes) -> None:
    received = exchange(served, b"%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % (method, target))
    assert statuses(received) == [404]
    headers, body = answered(received)
    assert json.loads(body)["status"] == 404
    assert "location" not in headers


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PUT", "DELETE", "PATCH", "FOO", "get"])
def test_other_methods_are_refused_and_echo_nothing(served: Served, method: str) -> None:
    sent = f"{method} /v1/search HTTP/1.1\r\nHost: localhost\r\nX-Secret: zebracorn\r\nConnection: close\r\n\r\n"
    received = exchange(served, sent.encode())
    assert statuses(received) == [405]
    headers, body = answered(received)
    assert (headers["allow"], json.loads(body)["status"]) == ("GET, POST", 405)
    assert b"zebracorn" not in received


def test_no_protocol_is_switched_to(served: Served) -> None:
    for other in (b"websocket", b"h2c"):
        sent = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: %s\r\n\r\n" % other
        assert statuses(exchange(served, sent)) == [200]


@pytest.mark.parametrize(
    "path", ["/v1/search/", "//evil.example/v1/search/", "/v1/collections/", "//evil.example/%2e%2e"]
)
def test_nobody_is_sent_elsewhere(served: Served, path: str) -> None:
    sent = f"GET {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    headers, _ = answered(exchange(served, sent.encode()))
    assert "evil.example" not in headers.get("location", "")


def test_bodies_beyond_what_is_held_at_once_are_refused_and_room_is_given_back(served_home: Path) -> None:
    """Eight bodies of the largest size at most, and here each is of the largest size."""
    import socket

    settings = ServiceSettings(home=served_home, body_limit=100_000)
    body = json.dumps({"text": "x", "image": "A" * 99_000}).encode()
    head = (
        b"POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    )
    with running(create_app(settings), settings) as served:
        waiting = [socket.create_connection(("127.0.0.1", served.port), timeout=60) for _ in range(9)]
        for connection in waiting:
            connection.sendall(head % len(body) + body[:-1])
        refused_one = next(one for one in _until_one_is_answered(waiting))
        assert statuses(refused_one.recv(65536)) == [429]
        for connection in waiting:
            connection.close()
        answers = {
            httpx.post(
                f"{served.url}/v1/search", content=body, headers={"Content-Type": "application/json"}
            ).status_code
            for _ in range(20)
        }
        assert answers <= {400, 429}
        assert 400 in answers


def _until_one_is_answered(connections: list[object]) -> list[object]:
    import select

    ready, _, _ = select.select(connections, [], [], 60)
    return ready


def test_a_file_name_is_data_in_every_header(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    name = 'a\r\nX-Evil: 1"; filename=b.html\u2028.png'
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (32, 32, 3), np.uint8)).save(folder / "a.png")
    shutil.move(folder / "a.png", folder / name)
    index_pictures(tmp_path / "home", folder)
    settings = ServiceSettings(home=tmp_path / "home", roots=(folder,), originals=True)
    with running(create_app(settings), settings) as served:
        (hit,) = httpx.get(f"{served.url}/v1/search", params={"text": "a picture"}).json()["hits"]
        answer = httpx.get(served.url + hit["links"]["original"])
        assert answer.content == (folder / name).read_bytes()
        assert "x-evil" not in answer.headers
        assert answer.headers["content-disposition"].startswith("attachment; filename*=utf-8''a%0D%0AX-Evil")
        for path in ("/v1/search?text=a&format=csv", "/v1/search?text=a&format=geojson", hit["links"]["render"]):
            answer = httpx.get(served.url + path)
            assert answer.status_code == 200
            assert "x-evil" not in answer.headers
        (folder / name).unlink()
        (folder / name).symlink_to("/etc/hostname")
        for what in ("original", "render", "thumbnail"):
            assert httpx.get(served.url + hit["links"][what]).status_code == 404
