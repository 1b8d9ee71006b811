"""Requests that mean harm: the right answer, and the service lives on."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.service.conftest import Served, running
from trsllava.service import ServiceSettings, create_app, server


@pytest.fixture(autouse=True)
def _it_lives_on(served: Served) -> Iterator[None]:
    yield
    assert httpx.get(f"{served.url}/healthz").json() == {"status": "ok"}


def exchange(served: Served, sent: bytes) -> bytes:
    """What a server answers to bytes, until it closes the connection."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as connection:
        connection.sendall(sent)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    return received


def statuses(received: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"^HTTP/1\.1 (\d+)", received, re.MULTILINE)]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/items/../../../etc/passwd",
        "/v1/items/..%2f..%2f..%2fetc%2fpasswd/render",
        "/v1/items/%2e%2e/%2e%2e/etc/passwd",
        "/v1/items/%252e%252e%252fetc%252fpasswd/original",
        "/v1/items/..%5c..%5cwindows/original",
        "/v1/items/%c0%ae%c0%ae%c0%af/original",
        "/v1/items/0%00/original",
        "/v1/collections/..%2f..%2fetc",
        "/v1/search?text=x&collection=../../etc",
        "//etc/passwd",
        "/../../etc/passwd",
    ],
)
def test_no_spelling_of_a_path_leads_out(served: Served, path: str) -> None:
    head = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    received = exchange(served, head.encode())
    assert statuses(received)[0] in (400, 403, 404)
    assert b"root:" not in received


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length : 5\r\n",
        b"X: a\r\n b\r\nTransfer-Encoding:\tchunked\r\nContent-Length: 5\r\n",
        b"X-A: 1\x00\r\n",
    ],
    ids=str,
)
def test_a_smuggled_request_is_not_answered(served: Served, head: bytes) -> None:
    smuggled = b"0\r\n\r\nGET /v1/collections HTTP/1.1\r\nHost: x\r\n\r\n"
    sent = b"POST /v1/search HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + head + b"\r\n" + smuggled
    received = exchange(served, sent)
    assert all(status in (400, 405, 501) for status in statuses(received)), received
    assert b'"collections"' not in received


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nSet-Cookie: x", "a%0d%0aX-Evil:1"])
def test_no_header_is_injected(served: Served, value: str) -> None:
    answer = httpx.get(f"{served.url}/v1/search", params={"text": "harbor", "collection": value})
    assert answer.status_code == 400
    assert not {"x-evil", "set-cookie"} & set(answer.headers)


def test_a_head_without_end_is_refused(served: Served) -> None:
    received = exchange(served, b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000)
    assert statuses(received) in ([400], [431])


def test_an_upload_of_a_gigabyte_is_refused_by_its_head(served: Served) -> None:
    head = b"POST /v1/search HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
    assert statuses(exchange(served, head + b"Content-Length: 1073741824\r\n\r\n")) == [413]


def test_an_endless_upload_is_cut(served: Served) -> None:
    head = b"POST /v1/search/upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    part = b'--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n'
    sent = 0
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as connection:
        connection.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n" + b"%x\r\n%s\r\n" % (len(part), part))
        try:
            while sent < 1 << 30:
                connection.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
                sent += 65536
        except OSError:
            pass
    assert sent < 128 << 20


# Slow clients


@pytest.fixture
def hasty(served_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A server with little patience."""
    monkeypatch.setattr(server, "_HEADER_SECONDS", 0.2)
    settings = ServiceSettings(home=served_home, request_seconds=0.2)
    with running(create_app(settings), settings) as hasty:
        yield hasty


@pytest.mark.parametrize("begun", [b"", b"GET / HTT", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-"], ids=str)
def test_a_head_that_does_not_come_to_an_end_is_given_up(hasty: Served, begun: bytes) -> None:
    assert statuses(exchange(hasty, begun)) == []


def test_the_second_head_of_a_connection_is_given_up_too(hasty: Served) -> None:
    assert statuses(exchange(hasty, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /heal")) == [200]


def test_a_body_that_does_not_come_to_an_end_is_given_up(hasty: Served) -> None:
    head = b"POST /v1/search HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n"
    with socket.create_connection(("127.0.0.1", hasty.port), timeout=60) as connection:
        connection.sendall(head + b'{"text"')
        assert statuses(connection.recv(65536)) == [408]


# The whole program


def test_the_program_says_where_it_listens_and_ends_what_runs(served_home: Path) -> None:
    words = [sys.executable, "-m", "trsllava", "serve", "--port", "0", "--home", str(served_home)]
    program = subprocess.Popen(
        words, stderr=subprocess.PIPE, text=True, env=os.environ | {"TRSLLAVA_HOST": "127.0.0.1"}
    )
    assert program.stderr is not None
    try:
        url = re.fullmatch(r"Serving (http://127\.0\.0\.1:\d+)\n", program.stderr.readline())
        assert url is not None
        answers: list[httpx.Response] = []
        asking = threading.Thread(
            target=lambda: answers.append(httpx.get(f"{url[1]}/v1/search", params={"text": "harbor"}, timeout=120))
        )
        asking.start()
        while _inside(url[1]) < 1 and asking.is_alive():
            pass
        program.send_signal(signal.SIGTERM)
        asking.join()
        assert [answer.status_code for answer in answers] == [200]
        assert program.wait(60) in (0, -signal.SIGTERM)
    finally:
        program.kill()
        program.stderr.close()


def _inside(url: str) -> float:
    """Requests that a server is working on."""
    found = re.search(r"^trsllava_requests_inside (\S+)", httpx.get(f"{url}/metrics").text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_a_port_that_is_taken_is_told(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    from typer.testing import CliRunner

    from trsllava.cli.app import app
    from trsllava.errors import InputError

    ended = CliRunner().invoke(app, ["serve", "--port", str(served.port)])
    assert isinstance(ended.exception, InputError)
    assert "cannot be listened on" in str(ended.exception)
