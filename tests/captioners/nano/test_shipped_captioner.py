"""The captioner that comes with the package, on pictures it was not trained on."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from trsllava.captioners.checks.faults import faults
from trsllava.captioners.nano.captioner import NanoCaptioner, shipped_captioner
from trsllava.captioners.protocol import CaptionJob
from trsllava.records import RichText, Tile, Window
from trsllava.sample.draw import draw

SIDE = 200
KINDS = {"airport": "airport", "harbor": "boat", "stadium": "stadium", "viaduct": "viaduct", "beach": "beach"}
"""Drawn kinds of scene, with a word that belongs to each."""
ROWS, COLS = np.mgrid[0:SIDE, 0:SIDE]


def noise(channels: int) -> NDArray[np.uint8]:
    drawn = np.random.default_rng(12).integers(0, 256, (SIDE, SIDE, channels), np.uint8)
    return np.broadcast_to(drawn, (SIDE, SIDE, 3)).copy()


def blob() -> NDArray[np.uint8]:
    picture = np.full((SIDE, SIDE, 3), (90, 120, 90), np.uint8)
    picture[np.hypot(ROWS - 80, COLS - 110) < 40] = (200, 60, 60)
    return picture


NOTHING: dict[str, Callable[[], NDArray[np.uint8]]] = {
    "noise": lambda: noise(3),
    "grey noise": lambda: noise(1),
    "black": lambda: np.zeros((SIDE, SIDE, 3), np.uint8),
    "white": lambda: np.full((SIDE, SIDE, 3), 255, np.uint8),
    "a blob": blob,
    "a ramp": lambda: (COLS[..., None] * np.ones(3)).astype(np.uint8),
}


@pytest.fixture(scope="module")
def captioner() -> NanoCaptioner:
    return shipped_captioner()


@pytest.fixture(scope="module")
def texts(captioner: NanoCaptioner, tmp_path_factory: pytest.TempPathFactory) -> dict[str, RichText]:
    """By name of what is drawn."""
    folder = tmp_path_factory.mktemp("pictures")
    jobs, names = [], {}
    pictures = {name: made() for name, made in NOTHING.items()} | {
        kind: np.asarray(draw(kind, 2000).picture) for kind in KINDS
    }
    for number, (name, pixels) in enumerate(pictures.items()):
        path = folder / f"{number}.png"
        Image.fromarray(pixels).save(path)
        height, width = pixels.shape[:2]
        tile = Tile(id=uuid.UUID(int=number), sha256="0" * 64, window=Window(0, 0, width, height))
        jobs.append(CaptionJob(tile, (Path(path).as_posix(),)))
        names[str(tile.id)] = name
    return {names[answer.tile_id]: answer.text for answer in captioner.caption(jobs) if answer.text is not None}


@pytest.mark.parametrize("kind", KINDS)
def test_a_drawn_scene_is_described_in_five_ways(texts: dict[str, RichText], kind: str) -> None:
    text = texts[kind]
    assert len(text.variants) == 5
    assert KINDS[kind] in " ".join(text.texts()).lower()
    assert text.labels
    assert text.confidence is not None
    assert text.confidence > 0.3
    assert list(faults(text, north_up=False)) == []


@pytest.mark.parametrize("name", NOTHING)
def test_of_a_picture_of_nothing_little_is_claimed_at_low_confidence(texts: dict[str, RichText], name: str) -> None:
    text = texts[name]
    assert text.labels == ()
    assert text.confidence is not None
    assert text.confidence < 0.2
    assert len(text.variants) == 1
