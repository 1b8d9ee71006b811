"""A drawn data set in the shape of RSICD: pictures, splits, scenes, five captions each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trsllava.encoders.protocol import TextEncoder
from trsllava.sample.draw import draw
from trsllava.sample.grammar import describe
from trsllava.training.data import CaptionedSet, load_split

KINDS = ("airport", "beach", "forest", "farmland", "stadium", "bridge")
SIDE = 48


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `images/` and `captions.jsonl`: six kinds of scene, four pictures of each to learn from and one
    to validate on. Read only."""
    folder = tmp_path_factory.mktemp("drawn")
    (folder / "images").mkdir()
    lines = []
    for kind in KINDS:
        for seed in range(5):
            drawing = draw(kind, seed, size=SIDE)
            name = f"{kind.replace(' ', '-')}-{seed}.png"
            drawing.picture.save(folder / "images" / name)
            lines.append(
                {
                    "image": name,
                    "split": "val" if seed == 4 else "train",
                    "scene": kind,
                    "captions": [variant.one_sentence for variant in describe(drawing.scene, seed).variants],
                }
            )
    (folder / "captions.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def learnt(drawn: Path, words: TextEncoder) -> CaptionedSet:
    return load_split(drawn / "images", drawn / "captions.jsonl", "train", words, SIDE)


@pytest.fixture(scope="session")
def held_out(drawn: Path, words: TextEncoder) -> CaptionedSet:
    return load_split(drawn / "images", drawn / "captions.jsonl", "val", words, SIDE)


@pytest.fixture(scope="session")
def words() -> TextEncoder:
    from tests.standin.encoders import WordEncoder

    return WordEncoder()
