from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from trsllava.errors import ImageError
from trsllava.raster.checksum import content_sha256


@pytest.mark.parametrize("size", [1, 1 << 18, (1 << 18) + 1, 1_000_000])
def test_the_checksum_is_the_sha256_of_the_bytes(tmp_path, size):
    content = bytes(i % 251 for i in range(size))
    (tmp_path / "x").write_bytes(content)

    assert content_sha256(tmp_path / "x") == hashlib.sha256(content).hexdigest()


def test_a_missing_file_has_no_checksum(tmp_path):
    with pytest.raises(ImageError, match="no such file"):
        content_sha256(tmp_path / "x")


def test_a_name_that_no_file_can_have_is_told():
    with pytest.raises(ImageError, match="its name is none that a file can have"):
        content_sha256(Path("a\0b.tif"))
