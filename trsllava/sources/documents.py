"""STAC documents, from a file or over http(s), and what their links and assets point to."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from trsllava.errors import ImageError, InputError
from trsllava.remote.address import is_address, public, remember, signed
from trsllava.validation import reason_of

_MOST = 1 << 30
"""Bytes of a local document."""


def read_json(place: str) -> Any:
    """The document at an absolute path or an address. Raises InputError, OutOfReachError."""
    if is_address(place):
        from trsllava.remote.requests import read_document

        return read_document(place)
    path = Path(place)
    try:
        if path.stat().st_size > _MOST:
            raise InputError(f"{path} is larger than {_MOST >> 30} GB. Split it, or save it as GeoParquet.")
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path} cannot be read: {reason_of(error)}.") from error


def resolved(href: str, base: str) -> str:
    """What a link in the document at `base` points to: an absolute path, or an address without credentials.

    Raises ImageError where a document from the network points to a file of this machine, for other schemes, and for
    what can be neither a path nor an address.
    """
    try:
        if "\0" not in href:
            return _resolved(href, base)
    except ValueError:  # such as an IPv6 address that is none
        pass
    raise ImageError(f"{public(base)} points to {href[:80]!r}, which is no address that can be read.")


def _resolved(href: str, base: str) -> str:
    if is_address(href):
        return remember(href)
    if is_address(base):
        scheme, _, rest = signed(base).partition("://")
        target = urljoin(f"https://{rest}", href)  # urljoin knows nothing of s3
        target = target.replace("https://", f"{scheme}://", 1) if not href.startswith("//") else target
        if not is_address(target):
            raise ImageError(f"{public(base)} points to {href[:80]!r}, which is not on the network.")
        return remember(target)
    scheme = urlsplit(href).scheme.lower()
    if scheme == "file":
        return str(Path(unquote(urlsplit(href).path)))
    if len(scheme) > 1:  # one letter is a drive of Windows
        raise ImageError(f"{base} points to {public(href)[:80]!r}, whose scheme {scheme!r} is not read.")
    return Path(os.path.abspath(Path(base).parent / href)).as_posix()
