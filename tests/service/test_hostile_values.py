"""Values that mean harm: well-formed HTTP, and what is in it is too deep, too many, too large, or no value at all."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.service.conftest import bomb, copied
from trsllava.service.keys import Keys

KINDS = ("bmp", "jpeg", "png", "tiff", "webp")


@dataclass(frozen=True)
class Program:
    """`trsllava serve` as a process of its own, whose memory can be told."""

    url: str
    process: int
    folder: Path

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        return httpx.request(method, self.url + path, timeout=120, **options)

    def post(self, path: str, content: bytes | str, kind: str = "application/json", **headers: str) -> httpx.Response:
        return self.ask("POST", path, content=content, headers={"Content-Type": kind, **headers})

    def forget_peak(self) -> None:
        """Count the peak of memory from here."""
        Path(f"/proc/{self.process}/clear_refs").write_text("5")

    def grown(self) -> float:
        """MiB of the peak of resident memory above what is resident now."""
        status = Path(f"/proc/{self.process}/status").read_text()
        peak, now = (int(found) for found in re.findall(r"^Vm(?:HWM|RSS):\s+(\d+)", status, re.MULTILINE))
        return (peak - now) / 1024


@pytest.fixture(scope="module")
def program(served_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    folder = tmp_path_factory.mktemp("program")
    home = copied(served_home, folder / "home")
    words = [sys.executable, "-m", "trsllava", "serve", "--port", "0", "--home", str(home)]
    with subprocess.Popen(
        words, stderr=subprocess.PIPE, text=True, env=os.environ | {"TRSLLAVA_HOST": "127.0.0.1"}
    ) as process:
        assert process.stderr is not None
        try:
            url = re.fullmatch(r"Serving (\S+)\n", process.stderr.readline())
            assert url is not None
            threading.Thread(target=process.stderr.read).start()  # a full pipe would stop the program
            started = Program(url[1], process.pid, folder)
            assert started.ask("GET", "/readyz").status_code == 200
            yield started
        finally:
            process.kill()


@pytest.fixture(autouse=True)
def _it_lives_on(program: Program) -> Iterator[None]:
    yield
    assert program.ask("GET", "/healthz").json() == {"status": "ok"}


def problem(answer: httpx.Response, *statuses: int) -> dict[str, Any]:
    """The problem document of an answer, which has one of these statuses."""
    assert answer.status_code in statuses, answer.text[:300]
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["status"] == answer.status_code
    assert len(answer.text) < 1000
    for inside in ("Traceback", "/tmp", "site-packages", "pydantic", "recursion"):
        assert inside not in answer.text
    return document


# JSON

POSTS = ["/v1/search", "/v1/search/batch", "/v1/quarantine/retry", "/v1/quarantine/00/accept", "/stac/search"]
MOST = 12_000_000
"""Bytes of a large body."""


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "content",
    [
        "[" * 10_000 + "]" * 10_000,
        '{"text":' * 10_000 + "1" + "}" * 10_000,
        '{"bbox":' + "[" * 10_000 + "]" * 10_000 + "}",
        '{"k":' + "9" * 4000 + "}",
        '{"k":1e400}',
        '{"text":"' + "a" * 10_000,
        '{"text":"\\ud800"}',
        '"' + "\\u0000" * 1000 + '"',
        b"\xff\xfe{}",
        b"\x00",
        "",
    ],
    ids=lambda content: ascii(content[:12]),
)
def test_a_body_that_is_no_request_is_refused(program: Program, path: str, content: str | bytes) -> None:
    problem(program.post(path, content), 400)


def test_a_large_body_that_is_no_request_is_refused(program: Program) -> None:
    for content in ("[" * MOST, '{"k":' + "9" * MOST + "}", '{"text":"' + "a" * MOST, f'{{"text":"{"a" * MOST}"}}'):
        problem(program.post("/v1/search", content), 400)


@pytest.mark.parametrize(
    "content",
    [
        "{" + ",".join(f'"a{number}":1' for number in range(1_000_000)) + "}",
        '{"labels":[' + "0," * (MOST // 2 - 100) + "0]}",
        '{"weights":{' + ",".join(f'"a{number}":1' for number in range(1_000_000)) + "}}",
        '{"searches":[' + "{}," * (MOST // 3 - 100) + "{}]}",
        '{"ids":[' + '"a",' * (MOST // 4 - 100) + '"a"]}',
    ],
    ids=lambda content: content[:12],
)
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        *((path, "application/json") for path in (*POSTS, "/mcp")),
        ("/v1/search", "application/json; x=ndjson"),
        ("/v1/search", "Application/Geo+JSON"),
    ],
)
def test_a_body_of_millions_of_values_is_refused_and_takes_no_memory(
    program: Program, path: str, kind: str, content: str
) -> None:
    program.forget_peak()
    try:
        answer = program.post(path, content, kind, Accept="application/json, text/event-stream")
    except httpx.TransportError:
        pass  # cut while the body was still on its way
    else:
        assert problem(answer, 413)["type"] == "/problems/content-too-large"
    assert program.grown() < 150


def test_as_many_wrong_values_as_are_let_in_take_little_memory(program: Program) -> None:
    program.forget_peak()
    for content in (
        "{" + ",".join(f'"a{number}":1' for number in range(50_000)) + "}",
        '{"labels":[' + "0," * 49_999 + "0]}",
        '{"weights":{' + ",".join(f'"a{number}":1' for number in range(50_000)) + "}}",
    ):
        problem(program.post("/v1/search", content), 400)
    assert program.grown() < 300


def test_a_picture_in_base64_may_be_large(program: Program) -> None:
    content = json.dumps({"image": "A" * 20_000_000})
    assert problem(program.post("/v1/search", content), 400)["type"] == "/problems/bad-picture"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "9" * 400, "-1", '"1"', "true"])
@pytest.mark.parametrize("field", ["k", "weight", "min_relevance", "diversity", "rerank_top"])
def test_what_is_no_number_of_its_field_is_refused(program: Program, field: str, number: str) -> None:
    problem(program.post("/v1/search", f'{{"text":"harbor","{field}":{number}}}'), 400)
    if number not in ('"1"', "true"):
        problem(program.ask("GET", "/v1/search", params={"text": "harbor", field: number}), 400)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "9" * 400, "181", "null", "{}"])
def test_a_box_has_four_degrees(program: Program, number: str) -> None:
    for box in (f"[{number},0,1,1]", f"[0,0,1,{number}]", f"[{number}]", f"[0,0,0,0,0,{number}]"):
        problem(program.post("/v1/search", f'{{"text":"harbor","bbox":{box}}}'), 400)
    for path in ("/v1/search", "/v1/facets", "/stac/search"):
        problem(program.ask("GET", path, params={"bbox": f"0,0,1,{number}"}), 400)


@pytest.mark.parametrize("field", ["labels", "without_labels", "source", "unwanted"])
def test_a_huge_filter_is_refused(program: Program, field: str) -> None:
    for names in (["/a"] * 65, ["/" + "a" * 4096], ["/a"] * 49_000, [""], [["/a"]], {"a": 1}, "/a"):
        problem(program.post("/v1/search", json.dumps({"text": "harbor", field: names})), 400)
    if field != "unwanted":
        names = [(field, "/a")] * 1000
        problem(program.ask("GET", "/v1/search", params=[("text", "harbor"), *names]), 400)


def test_words_without_end_are_refused(program: Program) -> None:
    for path in (
        "/v1/search?text=",
        "/v1/suggest?text=",
        "/stac/search?q=",
        "/v1/search?time=",
        "/stac/search?datetime=",
    ):
        problem(program.ask("GET", path + "a" * 20_000), 400)


def test_a_form_of_very_many_parts_is_refused(program: Program) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="a%s\r\n\r\nx\r\n'
    program.forget_peak()
    for kind in (b'"', b'"; filename="a"'):
        answer = program.post(
            "/v1/search/upload", part % kind * 300_000 + b"--b--\r\n", "multipart/form-data; boundary=b"
        )
        problem(answer, 400)
    long = b'--b\r\nContent-Disposition: form-data; name="query"\r\n\r\n' + b"[" * MOST + b"\r\n--b--\r\n"
    problem(program.post("/v1/search/upload", long, "multipart/form-data; boundary=b"), 400)
    assert program.grown() < 150


@pytest.mark.parametrize("content", [b"\n" * MOST, b"{}\n" * (MOST // 3), b"x" * MOST, b'{"image":' * (MOST // 9)])
def test_captions_without_end_take_little_memory(program: Program, content: bytes) -> None:
    program.forget_peak()
    answer = program.post("/v1/captions", content, "application/x-ndjson")
    assert answer.status_code == 400 or answer.json()["taken"] == 0
    assert program.grown() < 250


# Paths and names


@pytest.mark.parametrize(
    "name", ["../x", "..", "a/b", "/etc", "a\x00", "a\n", "a\r\nX-Evil: 1", "\u2025", "a" * 65, "%2e%2e", "~", "C:\\x"]
)
def test_no_name_of_a_collection_leads_elsewhere(program: Program, name: str) -> None:
    for method, path in (
        ("GET", "/v1/search"), ("GET", "/v1/items/00"), ("GET", "/v1/items/00/thumbnail"), ("GET", "/v1/quarantine"),
        ("POST", "/v1/quarantine/retry"), ("POST", "/v1/captions"),
    ):  # fmt: skip
        answer = program.ask(
            method, path, params={"collection": name}, json={"all": True} if method == "POST" else None
        )
        problem(answer, 400)
    before = sorted((program.folder / "home" / "collections").iterdir())
    problem(program.post("/v1/search", json.dumps({"text": "x", "collection": name})), 400)
    assert sorted((program.folder / "home" / "collections").iterdir()) == before


@pytest.mark.parametrize(
    "source", ["/etc/passwd", "/", "/../../etc", "/proc/self/mem", "/dev/zero", "//host/share", "/~root", "/a\x00b"]
)
def test_a_source_is_compared_and_never_opened(program: Program, source: str) -> None:
    answer = program.post("/v1/search", json.dumps({"text": "harbor", "source": [source]}))
    assert answer.status_code == 200
    assert (answer.json()["hits"] == []) == (source != "/")


@pytest.mark.parametrize("source", ["etc/passwd", "../../etc/passwd", "~root", "file:///etc/passwd", "http://x/y", ""])
def test_a_source_that_is_no_absolute_path_is_refused(program: Program, source: str) -> None:
    problem(program.post("/v1/search", json.dumps({"text": "harbor", "source": [source]})), 400)


# Pictures


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("side", [12_000, 60_000, 2**31 - 1])
def test_a_picture_that_unfolds_is_refused_before_it_does(program: Program, kind: str, side: int) -> None:
    content = bomb(kind, side)
    assert len(content) < 1000
    program.forget_peak()
    answer = program.ask("POST", "/v1/search/upload", files={"image": (f"a.{kind}", content)})
    problem(answer, 400, 413)
    assert program.grown() < 100


@pytest.mark.parametrize(
    "content",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg>&a;</svg>',
        b"<!doctype html><script>alert(1)</script>",
        b'<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand dataType="Byte" band="1"><SimpleSource>'
        b"<SourceFilename>/etc/passwd</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>",
        b"/vsicurl/http://127.0.0.1:1/x.tif",
        b"%PDF-1.7",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        b"II*\x00",
        b"MM\x00*\x00\x00\x00\x08" + b"\xff" * 100,
        b"II*\x00\x08\x00\x00\x00\x00\x00\x08\x00\x00\x00",  # its one directory is followed by itself
        b"\x89PNG\r\n\x1a\n",
        b"",
    ],
    ids=lambda content: ascii(content[:12]),
)
@pytest.mark.parametrize("name", ["a.png", "../../etc/cron.d/x", "/etc/passwd", "a\x00.svg", "CON", "a" * 5000])
def test_what_is_no_picture_is_refused_whatever_its_name(program: Program, content: bytes, name: str) -> None:
    files = {"image": (name, content, "image/svg+xml")}
    answer = problem(program.ask("POST", "/v1/search/upload", files=files), 400)
    assert answer["type"] in ("/problems/bad-picture", "/problems/bad-request")


# Keys


@pytest.mark.parametrize(
    "key",
    [
        b"x",
        b"trs_",
        b"trs__",
        b"\xff\xfe",
        "schl\u00fcssel".encode(),
        b"trs_00000000_" + b"A" * 60_000,
        b"' OR 1=1 --",
        b"null",
    ],
    ids=lambda key: ascii(key[:12]),
)
def test_a_wrong_key_opens_nothing_and_breaks_nothing(program: Program, key: bytes) -> None:
    for headers in ([(b"X-API-Key", key)], [(b"Authorization", b"Bearer " + key)]):
        answer = httpx.get(f"{program.url}/v1/collections", headers=headers)
        assert problem(answer, 401)["type"] == "/problems/wrong-key"
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("scope", "statuses"), [("read", (403,)), ("write", (200, 400)), ("admin", (200, 400))])
def test_a_key_allows_what_its_scope_says_and_no_more(program: Program, scope: str, statuses: tuple[int, ...]) -> None:
    name = f"{scope}-{os.getpid()}"
    keys = Keys(program.folder / "home")
    key = {"X-API-Key": keys.add(name, scope)}  # type: ignore[arg-type]
    assert program.ask("GET", "/v1/quarantine", headers=key).status_code == 200
    assert program.post("/v1/captions", "", "text/plain", **key).status_code in statuses
    assert program.post("/v1/quarantine/retry", "{}", **key).status_code in statuses
    keys.revoke(name)
    problem(program.ask("GET", "/v1/quarantine", headers=key), 401)
    two = [("X-API-Key", "trs_0_0"), ("Authorization", f"Bearer {key['X-API-Key']}")]
    problem(httpx.get(f"{program.url}/v1/quarantine", headers=two), 401)
