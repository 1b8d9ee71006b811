"""One way to ask a server: a few tries, bounded answers, redirects on the same host alone, and plain sentences."""

from __future__ import annotations

import atexit
import json
import logging
import netrc
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import httpx

from trsllava.errors import ImageError, OutOfReachError
from trsllava.remote.address import host_of, public, signed, web_address
from trsllava.remote.signing import s3_headers

TRIES = 4
_FIRST_WAIT, _LONGEST_WAIT = 0.25, 20.0
_SECONDS = 60.0
"""For one answer: a server that sends a byte now and then is too slow, though it never falls silent."""
_TIMEOUT = httpx.Timeout(20.0, connect=10.0)
_REDIRECTS = 5
_MOST_DOCUMENT = 1 << 26
_BUSY = {408, 425, 429, 500, 502, 503, 504}

# httpx tells of every request at level INFO, with its whole address.
logging.getLogger("httpx").addFilter(lambda record: record.levelno > logging.INFO)
logging.getLogger("httpcore").addFilter(lambda record: record.levelno > logging.DEBUG)


T = TypeVar("T")


class _LostError(Exception):
    """An answer that may come right when it is asked for again."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.reason, self.wait = reason, wait


@dataclass(frozen=True)
class Part:
    """Bytes of a remote file."""

    content: bytes
    size: int
    """Of the whole file."""
    version: str
    """What changes when the file does: its ETag, else its time and size; empty where the server names neither."""


def refused(address: str, reason: str) -> ImageError:
    """The error for a file that cannot be used as the server hands it out; the caller raises it."""
    return ImageError(f"cannot read {public(address)}: {reason}")


def away(address: str, reason: str) -> OutOfReachError:
    """The error for a file that cannot be had at the moment; the caller raises it."""
    return OutOfReachError(f"cannot read {public(address)}: {reason}")


def read_part(address: str, first: int, count: int) -> Part:
    """`count` bytes from `first` on, fewer at the file's end. Raises OutOfReachError, ImageError."""

    def ask() -> Part:
        with _answer(address, {"range": f"bytes={first}-{first + count - 1}"}) as answer:
            if answer.status_code == 200:
                raise refused(
                    address, "its server does not serve parts of files (HTTP range requests); download the file first"
                )
            start, end, size = _content_range(address, answer)
            if start != first or end >= first + count:
                raise _LostError("its server answers with other parts of the file than it was asked for")
            content = _body(answer, end - start + 1)
            if len(content) > end - start + 1:
                raise refused(address, "its server sends more than it was asked for, without an end")
            if len(content) < end - start + 1:
                raise _LostError("its server's answers are cut short")
            return Part(content, size, _version(answer, size))

    return _tried(address, ask)


def read_document(address: str, body: Any = None) -> Any:
    """A JSON document; with a `body`, which is posted as JSON, the answer to it.

    Raises OutOfReachError, ImageError for an answer that is no JSON, or too large.
    """

    def ask() -> Any:
        with _answer(address, {"accept": "application/geo+json, application/json;q=0.9, */*;q=0.1"}, body) as answer:
            content = _body(answer, _MOST_DOCUMENT)
            stated = answer.headers.get("content-length", "")
            if stated.isdigit() and "content-encoding" not in answer.headers and len(content) < int(stated):
                raise _LostError("its server's answers are cut short")
        if len(content) > _MOST_DOCUMENT:
            raise refused(address, f"it is larger than {_MOST_DOCUMENT >> 20} MB, or has no end")
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as error:
            raise refused(address, "it is no JSON document") from error

    return _tried(address, ask)


def read_whole(address: str, most: int) -> bytes:
    """A whole file of at most `most` bytes. Raises OutOfReachError, ImageError for a larger one."""

    def ask() -> bytes:
        with _answer(address, {}) as answer:
            content = _body(answer, most)
            stated = answer.headers.get("content-length", "")
            if stated.isdigit() and "content-encoding" not in answer.headers and len(content) < min(int(stated), most):
                raise _LostError("its server's answers are cut short")
        if len(content) > most:
            raise refused(address, f"it is larger than {most >> 20} MB, or has no end")
        return content

    return _tried(address, ask)


def _tried(address: str, ask: Callable[[], T]) -> T:
    """The answer, after at most so many tries. Our own errors are final."""
    for made in range(1, TRIES + 1):
        try:
            return ask()
        except _LostError as lost:
            reason, wait = lost.reason, lost.wait
        except httpx.TimeoutException:
            reason, wait = "its server does not answer in time", None
        except httpx.TransportError:
            reason, wait = f"{host_of(public(address))} cannot be reached, or breaks off", None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, ValueError):
            raise refused(address, "its address cannot be used") from None
        if made < TRIES:
            time.sleep(min(wait if wait is not None else _FIRST_WAIT * 2 ** (made - 1), _LONGEST_WAIT))
    raise away(address, f"{reason} ({TRIES} tries)") from None  # what is chained would name the whole address


@contextmanager
def _answer(address: str, headers: Mapping[str, str], body: Any = None) -> Iterator[httpx.Response]:
    """The answer of the server, redirects on the same host followed; nothing of its body is read yet."""
    url = web_address(signed(address))
    headers = {"accept-encoding": "identity", **headers}
    for _ in range(_REDIRECTS + 1):
        keys = s3_headers(url, headers) if address.startswith("s3://") else {}
        request = _client().build_request(
            "GET" if body is None else "POST", url, headers={**headers, **keys}, json=body
        )
        # the client itself takes user and password out of an address
        auth = httpx.USE_CLIENT_DEFAULT if keys or "@" in urlsplit(url).netloc else _netrc()
        answer = _client().send(request, stream=True, auth=auth)
        try:
            if not answer.has_redirect_location:
                _check(address, answer)
                yield answer
                return
            target = urljoin(url, answer.headers["location"])
        finally:
            answer.close()
        if host_of(target) != host_of(url) or (urlsplit(url).scheme, urlsplit(target).scheme) == ("https", "http"):
            raise refused(
                address,
                f"its server redirects to {host_of(target) or 'another host'}, which was not named as a source",
            )
        url = target
    raise refused(address, "its server redirects without an end")


def _check(address: str, answer: httpx.Response) -> None:
    status = answer.status_code
    if status in (200, 206):
        return
    if status in _BUSY:
        stated = answer.headers.get("retry-after", "")
        raise _LostError(f"its server is busy or fails (HTTP {status})", float(stated) if stated.isdigit() else None)
    if status in (404, 410):
        raise away(address, f"there is no such file (HTTP {status})")
    if status in (401, 403, 407):
        raise away(
            address,
            f"its server asks for credentials (HTTP {status}); give them in the address, in ~/.netrc, or for s3 in "
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        )
    if status == 416:
        raise refused(address, "the file is empty, or shorter than it was (HTTP 416)")
    raise away(address, f"its server refuses (HTTP {status})")


def _content_range(address: str, answer: httpx.Response) -> tuple[int, int, int]:
    """First and last byte, and the file's size (RFC 9110, section 14.4)."""
    unit, _, rest = answer.headers.get("content-range", "").partition(" ")
    span, _, size = rest.partition("/")
    first, _, last = span.partition("-")
    if unit.lower() != "bytes" or not (first.isdigit() and last.isdigit() and size.isdigit()):
        raise refused(address, "its server does not say which part of the file it sends")
    return int(first), int(last), int(size)


def _body(answer: httpx.Response, most: int) -> bytes:
    """The body, broken off behind `most` bytes: one byte more tells that there are."""
    content, until = bytearray(), time.monotonic() + _SECONDS
    for chunk in answer.iter_raw():
        content += chunk
        if len(content) > most:
            return bytes(content[: most + 1])
        if time.monotonic() > until:
            raise _LostError("its server is too slow")
    return bytes(content)


def _version(answer: httpx.Response, size: int) -> str:
    etag, changed = answer.headers.get("etag", ""), answer.headers.get("last-modified", "")
    if not etag and not changed:
        return ""
    return f"{etag.removeprefix('W/') or changed};{size}"


def _netrc() -> httpx.Auth | None:
    """Users and passwords by host, of the file that curl reads too; None where there is none, or it is malformed."""
    try:
        return httpx.NetRCAuth(os.environ.get("NETRC") or None)
    except (OSError, netrc.NetrcParseError):
        return None


@lru_cache(maxsize=1)
def _client() -> httpx.Client:
    client = httpx.Client(
        timeout=_TIMEOUT,
        follow_redirects=False,
        limits=httpx.Limits(max_connections=32, max_keepalive_connections=16),
        headers={"user-agent": "trsllava"},
    )
    atexit.register(client.close)
    return client
