"""`SHA256SUMS`, checked by `sha256sum`."""

from __future__ import annotations

import subprocess

import pytest

from indexer.dataset.formats import write_formats
from tests.indexer.dataset.formats.conftest import SmallSet


def _check(data_set: SmallSet) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"],
        cwd=data_set.folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def written(data_set: SmallSet) -> SmallSet:
    write_formats(data_set.folder, data_set.about, data_set.images)
    return data_set


def test_every_file_of_the_folder_is_right(written: SmallSet) -> None:
    checked = _check(written)

    assert checked.returncode == 0, checked.stderr
    files = {path.relative_to(written.folder).as_posix() for path in written.folder.rglob("*") if path.is_file()}
    assert {line.removesuffix(": OK") for line in checked.stdout.splitlines()} == files - {"SHA256SUMS"}


@pytest.mark.parametrize("name", ["captions.jsonl", "stac/catalog.json", "images/way.3.png"])
def test_a_changed_file_is_found(written: SmallSet, name: str) -> None:
    with (written.folder / name).open("ab") as file:
        file.write(b"x")

    checked = _check(written)

    assert checked.returncode == 1
    assert f"{name}: FAILED" in checked.stdout
