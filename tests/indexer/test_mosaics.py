"""Virtual mosaics through the indexer: one has changed when a file that it is made of has."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from indexer.job import IndexReport
from indexer.plan import plan
from indexer.watching import unlike
from tests.standin.collection import Collection
from trsllava.records import Recipe


def write_mosaic(folder: Path, *parts: str) -> Path:
    """A VRT of pictures of 48 pixels a side, side by side."""
    bands = "".join(
        f'<SimpleSource><SourceFilename relativeToVRT="1">{part}</SourceFilename><SourceBand>1</SourceBand>'
        '<SrcRect xOff="0" yOff="0" xSize="48" ySize="48"/>'
        f'<DstRect xOff="{48 * number}" yOff="0" xSize="48" ySize="48"/></SimpleSource>'
        for number, part in enumerate(parts)
    )
    path = folder / "mosaic.vrt"
    path.write_text(
        f'<VRTDataset rasterXSize="{48 * len(parts)}" rasterYSize="48">'
        f'<VRTRasterBand dataType="Byte" band="1">{bands}</VRTRasterBand></VRTDataset>'
    )
    return path


@pytest.fixture
def mosaic(collection: Collection) -> Path:
    """A mosaic of two files that are no images of the folder by themselves, for they lie in a hidden one."""
    (collection.images / ".parts").mkdir()
    for name, seed in (("a", 1), ("b", 2)):
        pixels = np.random.default_rng(seed).integers(0, 255, (48, 48), np.uint8)
        Image.fromarray(pixels).save(collection.images / ".parts" / f"{name}.png")
    return write_mosaic(collection.images, ".parts/a.png", ".parts/b.png")


def index_mosaic(collection: Collection) -> IndexReport:
    collection.describe({"mosaic.vrt": "two fields"})
    return collection.index()


def test_a_mosaic_of_which_nothing_changed_is_not_read_again(collection: Collection, mosaic: Path) -> None:
    assert index_mosaic(collection).captioned == 1
    assert len(index_mosaic(collection).files.unchanged) == 1
    os.utime(mosaic.parent / ".parts" / "a.png")
    again = index_mosaic(collection)
    assert (len(again.files.unchanged), again.captioned) == (1, 0)


def test_a_mosaic_of_which_a_part_changed_has_changed(collection: Collection, mosaic: Path) -> None:
    index_mosaic(collection)
    (first,) = collection.ledger.scan()
    shutil.copyfile(mosaic.parent / ".parts" / "a.png", mosaic.parent / ".parts" / "b.png")
    assert unlike(collection.images, collection.ledger.files_at).keys() == {mosaic.as_posix()}
    assert plan(collection.images, collection.ledger, Recipe(), dim=8, concurrency=1).changed == 1
    assert index_mosaic(collection).files.changed == [mosaic.as_posix()]
    (second,) = collection.ledger.scan()
    assert second.tile.sha256 != first.tile.sha256


def test_a_mosaic_of_mosaics_changes_with_the_innermost_file(collection: Collection, mosaic: Path) -> None:
    inner = mosaic.rename(mosaic.parent / ".parts" / "inner.vrt")
    inner.write_text(inner.read_text().replace(".parts/", ""))
    write_mosaic(collection.images, ".parts/inner.vrt")
    index_mosaic(collection)
    shutil.copyfile(mosaic.parent / ".parts" / "b.png", mosaic.parent / ".parts" / "a.png")
    assert len(index_mosaic(collection).files.changed) == 1


def test_a_mosaic_whose_part_was_missing_is_read_once_it_is_there(collection: Collection, mosaic: Path) -> None:
    part = mosaic.parent / ".parts" / "b.png"
    part.rename(part.with_suffix(".away"))
    assert list(index_mosaic(collection).files.unreadable) == [mosaic.as_posix()]
    assert list(index_mosaic(collection).files.unreadable) == [mosaic.as_posix()]
    part.with_suffix(".away").rename(part)
    assert index_mosaic(collection).captioned == 1
