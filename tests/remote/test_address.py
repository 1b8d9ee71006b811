"""Addresses are written down without credentials; those stay in the process."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trsllava.remote.address import public, remember, signed, web_address

SIGNED = {
    "Amazon": "X-Amz-Algorithm=A&X-Amz-Credential=geheim&X-Amz-Signature=geheim&X-Amz-Security-Token=geheim",
    "Amazon, before": "AWSAccessKeyId=geheim&Signature=geheim&Expires=1700000000",
    "Azure": "st=2023&se=2024&sp=rl&sv=2021&sr=c&skoid=geheim&sig=geheim",
    "Google": "X-Goog-Credential=geheim&X-Goog-Signature=geheim",
    "CloudFront": "Policy=geheim&Key-Pair-Id=geheim&Signature=geheim",
    "tokens": "access_token=geheim&token=geheim&api_key=geheim&apikey=geheim&subscription-key=geheim&auth=geheim",
}


@pytest.mark.parametrize("query", SIGNED.values(), ids=SIGNED)
def test_signing_parameters_are_left_out(query: str) -> None:
    assert public(f"https://ada:geheim@data.example/a.tif?f=cog&{query}#part") == "https://data.example/a.tif?f=cog"


@pytest.mark.parametrize("address", ["http://ada:geheim@[bad/a.tif?sig=geheim", "s3://ada:geheim@[#geheim"])
def test_of_what_is_no_address_no_credentials_are_told_either(address: str) -> None:
    assert public(address) in ("http://[bad/a.tif", "s3://[")


def test_credentials_are_remembered_in_the_process() -> None:
    address = "https://ada:geheim@data.example/b.tif?sig=geheim"

    assert signed(remember(address)) == address
    assert signed("https://data.example/c.tif") == "https://data.example/c.tif"


@given(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.from_regex(r"[A-Za-z0-9]{1,20}", fullmatch=True))
def test_what_is_public_stays_as_it_is(name: str, value: str) -> None:
    address = public(f"https://data.example/a.tif?{name}={value}")

    assert public(address) == address


def test_buckets_have_web_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_S3_ENDPOINT", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    assert web_address("s3://cogs/a b/c.tif") == "https://cogs.s3.us-east-1.amazonaws.com/a%20b/c.tif"
    assert web_address("gs://cogs/a.tif") == "https://storage.googleapis.com/cogs/a.tif"
    monkeypatch.setenv("AWS_REGION", "us-west-2")
    assert web_address("s3://cogs/a.tif") == "https://cogs.s3.us-west-2.amazonaws.com/a.tif"
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9000/")
    assert web_address("s3://cogs/a.tif") == "http://127.0.0.1:9000/cogs/a.tif"
