"""What documents name is read only below the folders and addresses that are allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources.published import landsat
from trsllava.errors import ImageError
from trsllava.sources.opened import open_source
from trsllava.sources.reach import EVERYWHERE, Reach


@pytest.mark.parametrize(
    ("allowed", "address"),
    [
        ("https://data.example", "https://data.example/a/b.tif"),
        ("https://data.example/", "https://data.example"),
        ("https://data.example/archive", "https://data.example/archive/b.tif"),
        ("https://data.example/archive", "https://data.example/archive"),
        ("https://data.example/archive", "https://data.example/%61rchive/b.tif?x=/../"),
        ("https://data.example/archive", "https://user:secret@DATA.example/archive/b.tif"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/item.json"),
        ("s3://bucket/scenes", "s3://bucket/scenes/2023/a.tif"),
    ],
)
def test_an_address_below_an_allowed_one_may_be_read(allowed: str, address: str) -> None:
    Reach(addresses=("https://other.example", allowed)).check(address)


@pytest.mark.parametrize(
    ("allowed", "address"),
    [
        ("https://data.example", "https://data.example.evil.example/a.tif"),
        ("https://data.example", "https://data.example@evil.example/a.tif"),
        ("https://data.example", "https://data.example:8443/a.tif"),
        ("https://data.example", "http://data.example/a.tif"),
        ("https://data.example", "https://sub.data.example/a.tif"),
        ("https://data.example", "https://evil.example/https://data.example"),
        ("https://data.example", "https://evil.example#@data.example/"),
        ("https://data.example", "https://evil.example\\@data.example/"),
        ("https://data.example", "http://169.254.169.254/latest/meta-data"),
        ("https://data.example/archive", "https://data.example/archive-of-others/a.tif"),
        ("https://data.example/archive", "https://data.example/archive/../private/a.tif"),
        ("https://data.example/archive", "https://data.example/archive/%2e%2e/private/a.tif"),
        ("https://data.example/archive", "https://data.example/archive/..%2fprivate/a.tif"),
        ("https://data.example/archive", "https://data.example/archive/..%5cprivate/a.tif"),
        ("https://data.example/archive", "https://data.example/archive/%252e%252e/private/a.tif"),
        ("https://data.example/archive", "https://data.example"),
        ("https://data.example", "https://data.example/a\t.tif"),
        ("s3://bucket", "s3://bucket-of-others/a.tif"),
        ("s3://bucket", "gs://bucket/a.tif"),
    ],
)
def test_no_other_address_may(allowed: str, address: str) -> None:
    with pytest.raises(ImageError, match="outside of the addresses that may be read"):
        Reach(addresses=(allowed,)).check(address)


def test_without_addresses_nothing_is_read_over_the_network() -> None:
    with pytest.raises(ImageError, match="outside"):
        Reach(addresses=()).check("https://data.example/a.tif")


def test_paths_are_compared_where_their_links_lead(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "out").symlink_to(tmp_path)
    reach = Reach(folders=(tmp_path.resolve() / "archive",))
    reach.check(str(tmp_path / "archive" / "a.tif"))
    for beyond in ("secret.tif", "archive/../secret.tif", "archive/out/secret.tif", "archive-of-others/a.tif"):
        with pytest.raises(ImageError, match="outside of the folders that may be read"):
            reach.check(str(tmp_path / beyond))


def test_where_nothing_is_set_everything_may_be_read() -> None:
    EVERYWHERE.check("/etc/passwd")
    EVERYWHERE.check("http://127.0.0.1/")


def test_a_product_told_by_its_metadata_has_no_band_that_a_link_leads_out(tmp_path: Path) -> None:
    metadata = next(landsat(tmp_path / "archive").glob("*_MTL.txt"))
    band = next(metadata.parent.glob("*_B2.TIF"))
    assert open_source(metadata, reach=Reach(folders=(tmp_path / "archive",)))
    band.rename(tmp_path / "secret.tif")
    band.symlink_to(tmp_path / "secret.tif")
    with pytest.raises(ImageError, match="lies outside of the folders that may be read"):
        open_source(metadata, reach=Reach(folders=(tmp_path / "archive",)))
