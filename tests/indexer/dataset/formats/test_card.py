"""The data card, its header read by `huggingface_hub`."""

from __future__ import annotations

from dataclasses import replace

import pytest
from huggingface_hub import DatasetCard

from indexer.dataset.formats.card import write_card
from tests.indexer.dataset.formats.conftest import SmallSet


def _card(data_set: SmallSet, license: str = "CC-BY-4.0", formats: tuple[str, ...] = ("parquet",)) -> DatasetCard:
    about = replace(data_set.about, license=license)
    (path,) = write_card(data_set.folder, about, data_set.images, formats)
    return DatasetCard.load(path)


def test_the_header_names_splits_and_size(data_set: SmallSet) -> None:
    header = _card(data_set).data.to_dict()

    assert header["pretty_name"] == "Küste 1"
    assert header["size_categories"] == ["n<1K"]
    (default,) = header["configs"]
    assert default["data_files"] == [
        {"split": "train", "path": "data/train-*"},
        {"split": "validation", "path": "data/validation-*"},
        {"split": "test", "path": "data/test-*"},
    ]


def test_no_parquet_is_promised_where_there_is_none(data_set: SmallSet) -> None:
    card = _card(data_set, formats=("imagefolder",))

    assert "configs" not in card.data.to_dict()
    assert "imagefolder/" in card.text
    assert "`data/`" not in card.text


@pytest.mark.parametrize(
    ("stated", "header"),
    [
        ("CC-BY-4.0", "cc-by-4.0"),
        ("ODbL-1.0", "odbl"),
        ("Ask the agency first.", "other"),
        ("", "unknown"),
    ],
)
def test_the_licence_is_told_as_the_hub_has_it(data_set: SmallSet, stated: str, header: str) -> None:
    card = _card(data_set, stated)

    assert card.data.to_dict()["license"] == header
    assert card.text.rstrip().endswith(stated or "look at the terms of its scenes.")


def test_counts_and_limits_are_told(data_set: SmallSet) -> None:
    text = _card(data_set).text

    assert "| train | 2 | 2 | 4 |" in text
    assert "| test | 2 | 1 | 2 |" in text
    assert "| marina | 5 |" in text
    assert "1 of 6 pictures have no label." in text
    assert "seed 7" in text
