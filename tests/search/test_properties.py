"""Who captioned a tile is a filter and a facet beside the properties of its scene."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

import trsllava
from trsllava.errors import InputError
from trsllava.records import Filters
from trsllava.search.conditions import as_filters


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[trsllava.Archive]:
    """A picture captioned by Qwen-VL, two by GPT, one by somebody who left no name."""
    models = {"a.png": "Qwen-VL", "b.png": "GPT", "c.png": "GPT", "d.png": ""}
    folder = tmp_path / "images"
    folder.mkdir()
    lines = []
    for number, (name, model) in enumerate(models.items()):
        Image.new("RGB", (8, 8), (60 * number, 90, 0)).save(folder / name)
        variant = {"one_sentence": "A field.", "feature": [], "caption": ""}
        lines.append(json.dumps({"image": name, "variants": [variant], "model": model}))
    captions = tmp_path / "captions.jsonl"
    captions.write_text("\n".join(lines), encoding="utf-8")
    with trsllava.open(tmp_path / "home") as archive:
        archive.index(folder, captions=captions)
        yield archive


def test_tiles_are_counted_by_who_captioned_them(archive: trsllava.Archive) -> None:
    assert archive.facets().properties == {"captioned_by": {"GPT": 2, "Qwen-VL": 1}}
    by_gpt = as_filters(Filters(), properties="captioned_by=gpt")
    assert archive.facets(by_gpt).properties == {"captioned_by": {"GPT": 2}}


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("captioned_by=Qwen-VL", ["a.png"]),
        ("captioned_by=qwen-vl", ["a.png"]),
        ("captioned_by!=GPT", ["a.png", "d.png"]),
        ("captioned_by=nobody", []),
    ],
)
def test_a_model_is_a_filter(archive: trsllava.Archive, condition: str, names: list[str]) -> None:
    hits = archive.search("a field", properties=condition)
    assert sorted(Path(hit.paths[0]).name for hit in hits) == names


def test_a_model_is_no_property_of_a_scene(archive: trsllava.Archive) -> None:
    with pytest.raises(InputError, match="properties come with STAC items"):
        archive.search("a field", properties="cloud_cover<20")
