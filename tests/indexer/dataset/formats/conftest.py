"""A small data set: two pictures of each split, one without caption, label and time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from indexer.dataset.records import SPLITS, DataSetAbout, DataSetImage
from trsllava.records import Footprint, RichCaption, RichText

_PATHS = (("water", "harbour", "marina"), ("built", "leisure", "café"), ("water", "harbour", "quay"))


@dataclass(frozen=True)
class SmallSet:
    """A folder with pictures, and what is known of them."""

    folder: Path
    about: DataSetAbout
    images: list[DataSetImage]


def small_set(folder: Path) -> SmallSet:
    (folder / "images").mkdir(parents=True, exist_ok=True)
    images = list(_images(folder))
    about = DataSetAbout(
        name="Küste 1",
        description="Harbours of a drawn coast.",
        license="CC-BY-4.0",
        created=datetime(2026, 11, 28, 12, tzinfo=UTC),
        area=(8.0, 53.0, 8.2, 53.2),
        labels_name="trsllava labels 1",
        counts=dict.fromkeys(SPLITS, 2),
        captioner="nano",
        prompt="",
        seed=7,
    )
    return SmallSet(folder, about, images)


def _images(folder: Path) -> Iterator[DataSetImage]:
    for number in range(6):
        name = f"way.{number}"
        Image.new("RGB", (8, 6), (40 * number, 90, 255)).save(folder / "images" / f"{name}.png")
        bare = number == 5
        west = 8.0 + number / 50
        paths = () if bare else _PATHS[: 1 + 2 * (number % 2)]
        yield DataSetImage(
            id=name,
            image=Path("images") / f"{name}.png",
            split=SPLITS[number // 2],
            labels=tuple(path[2] for path in paths),
            label_paths=paths,
            text=None if bare else _text(number),
            footprint=Footprint(west=west, south=53.1, east=west + 0.0001, north=53.1001),
            acquired=None if bare else datetime(2026, 5, 1 + number, 10, 30, tzinfo=UTC),
            width=8,
            height=6,
            source="küste.tif",
            properties={"strategy": "osm", "score": number / 4},
        )


def _text(number: int) -> RichText:
    return RichText(
        variants=(
            RichCaption(one_sentence=f"{number} white boats lie at a jetty", feature=("boats", "a jetty")),
            RichCaption(caption=f"A harbour with {number} boats beside a café."),
        ),
        labels=("marina",),
        model="nano",
    )


@pytest.fixture
def data_set(tmp_path: Path) -> SmallSet:
    return small_set(tmp_path / "set")
