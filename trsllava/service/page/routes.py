"""`/` and `/page/…`: the web page's files. They hold nothing of the archive, so they need no key."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from fastapi import APIRouter, Request, Response

from trsllava.service.problems import Problem
from trsllava.service.state import ServiceOf

router = APIRouter(include_in_schema=False)

_BUILT = Path(__file__).parent / "dist"
_MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
}
_LICENCES = "licences.txt"
_ALWAYS = "public, max-age=31536000, immutable"
"""For files whose names change with their content."""


class PageFile(NamedTuple):
    """A file of the page."""

    content: bytes
    packed: bytes
    """The same, gzipped."""
    media_type: str
    tag: str


@cache
def page_files() -> dict[str, PageFile]:
    """All files that were built, by name."""
    return {path.name: _read(path) for path in sorted(_BUILT.iterdir()) if path.suffix in _MEDIA_TYPES}


def _read(path: Path) -> PageFile:
    content = path.read_bytes()
    tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    return PageFile(content, gzip.compress(content, mtime=0), _MEDIA_TYPES[path.suffix], tag)


def page_policy(map_tiles: str = "") -> str:
    """The page's content security policy: everything comes from here, but for pictures of the tile server."""
    pictures = " ".join(["'self'", "blob:", "data:", *([map_tiles] if map_tiles else [])])
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src {pictures}",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    )


@router.api_route("/", methods=["GET", "HEAD"])
def page(request: Request, service: ServiceOf) -> Response:
    """The page. It is asked for anew each time, so that an updated server has an updated page."""
    headers = {
        "Content-Security-Policy": page_policy(service.settings.map_origin),
        "Cache-Control": "no-cache",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    }
    return _answer(request, page_files()["index.html"], headers)


@router.api_route("/page/{name}", methods=["GET", "HEAD"])
def page_file(name: str, request: Request) -> Response:
    """One of the files that the page names."""
    file = page_files().get(name)
    if file is None or name == "index.html":
        raise Problem(404, "not-found", "Not Found.")
    return _answer(request, file, {"Cache-Control": "no-cache" if name == _LICENCES else _ALWAYS})


def _answer(request: Request, file: PageFile, headers: dict[str, str]) -> Response:
    headers |= {"ETag": file.tag, "Vary": "Accept-Encoding"}
    if file.tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.packed, media_type=file.media_type, headers=headers | {"Content-Encoding": "gzip"})
    return Response(file.content, media_type=file.media_type, headers=headers)
