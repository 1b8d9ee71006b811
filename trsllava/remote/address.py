"""Addresses as they may be written down, and the credentials that belong to them, which stay in this process."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

_SECRET = re.compile(
    r"token|secret|signature|credential|passw|auth|session|api[-_]?key|access[-_]?key|subscription[-_]?key|code$"
    r"|^(x-(amz|goog|ms)-.*|key|keyid|key-pair-id|sig|pwd|policy|expires|awsaccesskeyid|googleaccessid"
    r"|se|sp|spr|sv|sr|st|sip|si|skoid|sktid|skt|ske|sks|skv|hmac|jwt)$",
    re.IGNORECASE,
)
"""Names of parameters that sign an address or say who asks: of S3, Google, Azure, CloudFront, and in common use."""
_SCHEMES = ("http", "https", "s3", "gs")

_signed: dict[str, str] = {}
"""Public address to the one with its credentials: what this process was given, and nobody else may see."""


def is_address(text: str) -> bool:
    """True for what is read over the network."""
    scheme, mark, _ = text.partition("://")
    return bool(mark) and scheme.lower() in _SCHEMES


def public(address: str) -> str:
    """An address without user, password, fragment and signing parameters; of what is none, such as `http://[`, no more
    than its beginning."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return re.sub(r"//.*@", "//", re.split(r"[?#]", address)[0])
    host = parts.netloc.rpartition("@")[2]
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if not _is_secret(name)]
    return urlunsplit((parts.scheme.lower(), host, parts.path, urlencode(query), ""))


def remember(address: str) -> str:
    """Keep an address's credentials for as long as this process lives; returns the public form to write down."""
    written = public(address)
    if urlsplit(address)._replace(fragment="") != urlsplit(written):
        _signed[written] = address
    return written


def signed(address: str) -> str:
    """A public address with the credentials that were remembered for it."""
    return _signed.get(address, address)


def credentials() -> dict[str, str]:
    """All that was remembered, for a worker process to `adopt`."""
    return dict(_signed)


def adopt(remembered: Mapping[str, str]) -> None:
    """Take over what another process remembered."""
    _signed.update(remembered)


def host_of(address: str) -> str:
    """Host and port of an address."""
    return urlsplit(address).netloc.rpartition("@")[2].lower()


def web_address(address: str) -> str:
    """The http(s) address of an s3 or gs one; others as they are.

    Buckets are looked for at `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL` or `AWS_S3_ENDPOINT`, else at Amazon in
    `AWS_REGION` or `AWS_DEFAULT_REGION`.
    """
    scheme, _, rest = address.partition("://")
    if scheme not in ("s3", "gs"):
        return address
    bucket, _, key = rest.partition("/")
    key = quote(unquote(key), safe="/~")
    if scheme == "gs":
        return f"https://storage.googleapis.com/{bucket}/{key}"
    if endpoint := s3_endpoint():
        return f"{endpoint}/{bucket}/{key}"
    return f"https://{bucket}.s3.{s3_region()}.amazonaws.com/{key}"


def s3_endpoint() -> str:
    """Where an S3-like service that is not Amazon's answers; empty: Amazon."""
    names = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_S3_ENDPOINT")
    found = next((value for name in names if (value := os.environ.get(name))), "")
    if found and "://" not in found:
        found = ("http://" if os.environ.get("AWS_HTTPS", "YES").upper() in ("NO", "FALSE") else "https://") + found
    return found.rstrip("/")


def s3_region() -> str:
    """The region that requests are signed for."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"


def _is_secret(name: str) -> bool:
    return _SECRET.search(name) is not None
