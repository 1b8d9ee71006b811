"""WebDataset: tar files `webdataset/NAME-SPLIT-000000.tar` that hold a picture, its JSON and its
first caption, one sample after another.

Times, owners and modes in the archives are constant, so that equal data sets give equal bytes.
Source: https://github.com/webdataset/webdataset
"""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from indexer.dataset.formats.draft import new_folder
from indexer.dataset.formats.rows import by_split, json_line, row_of
from indexer.dataset.formats.shards import shards_of
from indexer.dataset.records import DataSetAbout, DataSetImage

WEB_DATASET = "webdataset"
SHARD_BYTES = 256 * 2**20
"""Of pictures in one archive."""


def write_webdataset(folder: Path, about: DataSetAbout, images: Sequence[DataSetImage]) -> list[Path]:
    """One archive a split, or more where a split's pictures pass `SHARD_BYTES`."""
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", about.name).strip("-") or "dataset"
    names: list[str] = []
    with new_folder(folder / WEB_DATASET) as draft:
        for split, members in by_split(images).items():
            for number, shard in enumerate(shards_of(folder, members, SHARD_BYTES)):
                names.append(f"{stem}-{split}-{number:06}.tar")
                _write_shard(draft / names[-1], folder, shard)
    return [folder / WEB_DATASET / name for name in names]


def _write_shard(path: Path, folder: Path, images: Sequence[DataSetImage]) -> None:
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as archive:
        for image in images:
            for name, content in _members(folder, image):
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))


def _members(folder: Path, image: DataSetImage) -> Iterator[tuple[str, bytes]]:
    # What follows the first dot of a name is the member's kind.
    key = image.id.replace(".", "%2E")
    yield f"{key}{image.image.suffix}", (folder / image.image).read_bytes()
    yield f"{key}.json", json_line(row_of(image)).encode()
    if image.text is not None:
        yield f"{key}.txt", image.text.texts()[0].encode()
