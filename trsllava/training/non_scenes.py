"""Pictures of nothing, to learn from when there is nothing to be seen: noise, flat colours, ramps, patterns, blobs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from trsllava.encoders.protocol import FloatArray
from trsllava.training.data import Pixels

_Generator = np.random.Generator
_Grey = NDArray[np.float64]


def draw_non_scenes(count: int, side: int, generator: _Generator, kinds: tuple[str, ...] | None = None) -> Pixels:
    """`(count, 3, side, side)` uint8, the kinds (None: all of `NON_SCENES`) by turns."""
    names = kinds or tuple(NON_SCENES)
    drawn = np.stack([NON_SCENES[names[place % len(names)]](side, generator) for place in range(count)])
    return np.asarray(np.clip(np.rint(drawn * 255), 0, 255), np.uint8)


def _colour(generator: _Generator) -> FloatArray:
    """`(3, 1, 1)`; often black, grey or white."""
    tone = generator.choice([0.0, generator.random(), 1.0], p=[0.15, 0.75, 0.1])
    tint = generator.normal(0, 0.2, (3, 1, 1)) * (generator.random() < 0.6)
    return np.asarray(np.clip(tone + tint, 0, 1), np.float32)


def _two_colours(share: _Grey, generator: _Generator) -> FloatArray:
    """A mixture by `share` in 0…1, `(side, side)`."""
    return np.asarray(_colour(generator) * (1 - share) + _colour(generator) * share, np.float32)


def _flat(side: int, generator: _Generator) -> FloatArray:
    grain = generator.normal(0, generator.choice([0.0, 0.01, 0.03]), (3, side, side))
    return np.asarray(_colour(generator) + grain, np.float32)


def _noise(side: int, generator: _Generator) -> FloatArray:
    """White noise of grey or colour, of any grain size, even or normal or black and white."""
    grain = int(generator.choice([1, 1, 2, 3, 4, 8]))
    shape = (int(generator.choice([1, 3])), -(-side // grain), -(-side // grain))
    kind = generator.integers(3)
    if kind == 0:
        drawn = generator.random(shape)
    elif kind == 1:
        drawn = generator.normal(generator.uniform(0.3, 0.7), generator.uniform(0.05, 0.35), shape)
    else:
        drawn = (generator.random(shape) < generator.uniform(0.02, 0.98)).astype(float)
    large = drawn.repeat(grain, 1).repeat(grain, 2)[:, :side, :side]
    return np.asarray(np.broadcast_to(large, (3, side, side)), np.float32)


def _cloudy_noise(side: int, generator: _Generator) -> FloatArray:
    """Noise whose power falls with frequency, but by another law than that of pictures of the ground."""
    slope = generator.choice([0.4, 0.7, 2.2, 3.0])
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None])
    frequency[0, 0] = np.inf
    phases = np.exp(2j * np.pi * generator.random(frequency.shape))
    field = np.fft.irfft2(phases / frequency**slope, (side, side))
    return _two_colours((field - field.min()) / np.ptp(field), generator)


def _ramp(side: int, generator: _Generator) -> FloatArray:
    """From one colour to another, straight or round."""
    down, across = np.mgrid[0:side, 0:side] / side
    turn = generator.uniform(0, 2 * np.pi)
    if generator.random() < 0.5:
        share = across * np.cos(turn) + down * np.sin(turn)
    else:
        share = np.hypot(across - generator.random(), down - generator.random())
    return _two_colours((share - share.min()) / np.ptp(share), generator)


def _pattern(side: int, generator: _Generator) -> FloatArray:
    """Stripes or a chessboard."""
    down, across = np.mgrid[0:side, 0:side]
    turn, period = generator.uniform(0, np.pi), generator.uniform(3, side / 3)
    along = across * np.cos(turn) + down * np.sin(turn)
    aside = -across * np.sin(turn) + down * np.cos(turn)
    share = (along // period + (aside // period if generator.random() < 0.5 else 0)) % 2
    return _two_colours(share, generator)


def _blob(side: int, generator: _Generator) -> FloatArray:
    """A spot or some on an even ground, hard or soft."""
    down, across = np.mgrid[0:side, 0:side] / side
    picture = np.broadcast_to(_colour(generator), (3, side, side)).astype(np.float32)
    for _ in range(generator.integers(1, 4)):
        x, y, a, b = generator.uniform((0.2, 0.2, 0.06, 0.06), (0.8, 0.8, 0.35, 0.35))
        distance = np.hypot((across - x) / a, (down - y) / b)
        wobble = 1 + 0.2 * generator.random() * np.sin(generator.integers(2, 6) * np.arctan2(down - y, across - x))
        share = 1 / (1 + np.exp(np.clip((distance - wobble) * generator.choice([4, 12, 60]), -60, 60)))
        picture = picture * (1 - share) + _colour(generator) * share
    return np.asarray(picture, np.float32)


def _strokes(side: int, generator: _Generator) -> FloatArray:
    """Thin lines at random on an even ground, as of writing."""
    share = np.zeros((side, side))
    for _ in range(generator.integers(3, 40)):
        y, x = generator.uniform(0, side, 2)
        turn, length = generator.uniform(0, 2 * np.pi), generator.integers(3, side // 2)
        steps = np.arange(length)
        rows = np.clip(y + steps * np.sin(turn), 0, side - 1).astype(int)
        cols = np.clip(x + steps * np.cos(turn), 0, side - 1).astype(int)
        share[rows, cols] = 1
    return _two_colours(share, generator)


NON_SCENES: dict[str, Callable[[int, _Generator], FloatArray]] = {
    "flat": _flat,
    "noise": _noise,
    "cloudy noise": _cloudy_noise,
    "ramp": _ramp,
    "pattern": _pattern,
    "blob": _blob,
    "strokes": _strokes,
}
"""Kinds of pictures of nothing: side and generator to `(3, side, side)` in 0…1."""
