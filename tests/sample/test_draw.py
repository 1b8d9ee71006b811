"""Drawn scenes: what the picture shows is what its scene says."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from trsllava.sample.canvas import Frame
from trsllava.sample.draw import SCENES, draw
from trsllava.sample.scenes import Scene, Thing, Zone

EDGES: dict[str, tuple[slice, slice]] = {
    "top": (slice(0, 32), slice(None)),
    "bottom": (slice(-32, None), slice(None)),
    "left": (slice(None), slice(0, 32)),
    "right": (slice(None), slice(-32, None)),
}
OPPOSITE = {"top": "bottom", "bottom": "top", "left": "right", "right": "left"}


def thing(scene: Scene, noun: str) -> Thing:
    return next(thing for thing in scene.things() if thing.noun == noun)


def patches(mask: NDArray[np.bool_], smallest: int) -> int:
    """How many connected areas of at least `smallest` pixels a mask has."""
    left = {(int(y), int(x)) for y, x in np.argwhere(mask)}
    found = 0
    while left:
        border, size = [left.pop()], 0
        while border:
            y, x = border.pop()
            size += 1
            near = {(y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)} & left
            left -= near
            border += near
        found += size >= smallest
    return found


@pytest.mark.parametrize("kind", SCENES)
def test_every_kind_draws_a_coloured_picture_and_says_what_is_in_it(kind: str) -> None:
    drawing = draw(kind, 11, size=96)

    assert drawing.picture.mode == "RGB"
    assert drawing.picture.size == (96, 96)
    assert np.asarray(drawing.picture).std() > 8
    assert drawing.scene.kind == kind
    assert len(drawing.scene.things()) >= 3
    assert all(thing.count is None or thing.count >= 1 for thing in drawing.scene.things())
    assert not drawing.scene.north_up


def test_equal_seeds_give_equal_pictures_and_others_differ() -> None:
    first, again, other = draw("harbor", 1), draw("harbor", 1), draw("harbor", 2)

    assert first.picture.tobytes() == again.picture.tobytes()
    assert first.scene == again.scene
    assert first.picture.tobytes() != other.picture.tobytes()


@pytest.mark.parametrize("seed", range(4))
def test_as_many_circular_fields_are_green_as_the_scene_says(seed: int) -> None:
    drawing = draw("circular farmland", seed, size=96)
    red, green, _ = np.moveaxis(np.asarray(drawing.picture, int), 2, 0)
    fallow = sum(thing.noun == "fallow field" for thing in drawing.scene.things())

    assert patches(green > red, smallest=200) == (drawing.scene.subject.count or 0) - fallow


@pytest.mark.parametrize("seed", range(4))
def test_as_many_sandbars_are_drawn_as_the_scene_says(seed: int) -> None:
    drawing = draw("river", seed, size=128)
    bars = sum(thing.count or 0 for thing in drawing.scene.things() if thing.noun == "sandbar")

    assert patches(np.asarray(drawing.picture).min(axis=2) > 140, smallest=20) == bars


@pytest.mark.parametrize("seed", range(4))
def test_as_many_storage_tanks_are_drawn_as_the_scene_says(seed: int) -> None:
    drawing = draw("storage tanks", seed, size=128)

    assert patches(np.asarray(drawing.picture).min(axis=2) > 190, smallest=80) == drawing.scene.subject.count


@pytest.mark.parametrize("seed", range(6))
def test_the_sea_lies_where_the_scene_says(seed: int) -> None:
    drawing = draw("beach", seed)
    zone = thing(drawing.scene, "sea").zone
    assert zone is not None
    pixels = np.asarray(drawing.picture, float)
    blueness = pixels[..., 2] - pixels[..., 0]

    assert blueness[EDGES[zone]].mean() > blueness[EDGES[OPPOSITE[zone]]].mean() + 40


@pytest.mark.parametrize("frame", [Frame(quarters, mirrored) for quarters in range(4) for mirrored in (False, True)])
@pytest.mark.parametrize("zone", sorted(set(get_args(Zone)) - {"middle", "edge"}))
def test_a_turned_frame_moves_places_and_their_names_alike(frame: Frame, zone: Zone) -> None:
    def spot(words: str) -> tuple[float, float]:
        return 128 + 100 * ("right" in words) - 100 * ("left" in words), 128 + 100 * ("bottom" in words) - 100 * (
            "top" in words
        )

    assert frame.at(spot(zone)) == spot(frame.zone(zone))
    assert frame.zone(zone) in get_args(Zone)


@pytest.mark.parametrize("frame", [Frame(quarters, mirrored) for quarters in range(4) for mirrored in (False, True)])
def test_a_direction_in_the_picture_is_led_back_to_the_scene(frame: Frame) -> None:
    (ax, ay), (bx, by) = frame.at((10, 20)), frame.at((13, 24))

    assert frame.back((bx - ax, by - ay)) == (3, 4)


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(KeyError):
        draw("volcano", 0)
