"""AWS Signature Version 4 for reading from S3 and what is like it, with the keys in the environment."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from trsllava.remote.address import s3_region

_EMPTY = hashlib.sha256(b"").hexdigest()


def s3_headers(url: str, headers: Mapping[str, str], now: datetime | None = None) -> dict[str, str]:
    """What signs a GET of an S3 object's http(s) address; empty where the environment has no keys, or
    `AWS_NO_SIGN_REQUEST` says that the bucket is public.

    AWS, "Signature Version 4 signing process": a GET without body; of `headers` all are signed.
    """
    key, secret = os.environ.get("AWS_ACCESS_KEY_ID", ""), os.environ.get("AWS_SECRET_ACCESS_KEY", "")
    if not key or not secret or os.environ.get("AWS_NO_SIGN_REQUEST", "").upper() in ("YES", "TRUE", "1"):
        return {}
    parts = urlsplit(url)
    stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    added = {"x-amz-content-sha256": _EMPTY, "x-amz-date": stamp}
    if token := os.environ.get("AWS_SESSION_TOKEN"):
        added["x-amz-security-token"] = token
    signed = {name.lower(): value.strip() for name, value in {**headers, **added, "host": parts.netloc}.items()}
    names = ";".join(sorted(signed))
    lines = [f"{name}:{signed[name]}" for name in sorted(signed)]
    request = "\n".join(["GET", quote(parts.path, safe="/~%"), parts.query, *lines, "", names, _EMPTY])
    scope = f"{stamp[:8]}/{s3_region()}/s3/aws4_request"
    told = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(request.encode()).hexdigest()])
    digest = f"AWS4{secret}".encode()
    for part in (stamp[:8], s3_region(), "s3", "aws4_request"):
        digest = hmac.digest(digest, part.encode(), "sha256")
    signature = hmac.digest(digest, told.encode(), "sha256").hex()
    added["authorization"] = f"AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={names}, Signature={signature}"
    return added
