"""Signatures of S3 requests."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from trsllava.remote.signing import s3_headers


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    monkeypatch.delenv("AWS_NO_SIGN_REQUEST", raising=False)


def test_the_published_example_has_the_published_signature() -> None:
    """Amazon S3, "Signature calculations for the Authorization header", example GET Object."""
    headers = s3_headers(
        "https://examplebucket.s3.amazonaws.com/test.txt", {"range": "bytes=0-9"}, datetime(2013, 5, 24, tzinfo=UTC)
    )

    assert headers["authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
        "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    )


def test_public_buckets_are_asked_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_NO_SIGN_REQUEST", "YES")
    assert s3_headers("https://cogs.s3.amazonaws.com/a.tif", {}) == {}


def test_without_keys_nothing_is_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    assert s3_headers("https://cogs.s3.amazonaws.com/a.tif", {}) == {}
