"""Surfaces seen from above: colour fields of `(256, 256, 3)` uint8, made of fractal noise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Colour = tuple[int, int, int]
Field = NDArray[np.float32]
Texture = NDArray[np.uint8]
PIXELS = 256


def fractal(rng: np.random.Generator, cells: int = 4, octaves: int = 5, persistence: float = 0.55) -> Field:
    """Value noise, `(256, 256)` float32 spread over 0…1: octaves of random grids, each twice as fine."""
    total = np.zeros((PIXELS, PIXELS), np.float32)
    weight = 1.0
    for octave in range(octaves):
        grid = rng.random((cells * 2**octave + 3,) * 2, dtype=np.float32)
        total += weight * stretched(grid)
        weight *= persistence
    low, high = float(total.min()), float(total.max())
    return (total - low) / max(high - low, 1e-6)


def stretched(grid: Field) -> Field:
    """A small grid, smoothly enlarged to `(256, 256)`."""
    side = grid.shape[0]
    return np.asarray(
        Image.fromarray(grid).resize((PIXELS, PIXELS), Image.Resampling.BICUBIC, box=(1, 1, side - 1, side - 1)),
        dtype=np.float32,
    )


def grain(rng: np.random.Generator) -> Field:
    """Fine noise of one pixel, `(256, 256)` float32 around 0 with deviation 1."""
    return rng.standard_normal((PIXELS, PIXELS), dtype=np.float32)


def grid() -> tuple[Field, Field]:
    """x and y of every pixel's centre in scene units, `(256, 256)` float32 each."""
    axis = np.arange(PIXELS, dtype=np.float32) + 0.5
    x, y = np.meshgrid(axis, axis)
    return x, y


def coloured(field: Field, colours: Sequence[Colour]) -> Texture:
    """A field of 0…1 shown in a palette, linearly between its colours."""
    palette = np.asarray(colours, np.float32)
    position = np.clip(field, 0, 1) * (len(palette) - 1)
    lower = np.minimum(position.astype(int), len(palette) - 2)
    share = (position - lower)[..., None]
    return to_bytes(palette[lower] * (1 - share) + palette[lower + 1] * share)


def to_bytes(values: NDArray[np.float32]) -> Texture:
    """Colours rounded and kept within 0…255."""
    bounded: Texture = np.clip(values + 0.5, 0, 255).astype(np.uint8)
    return bounded


def speckled(texture: Texture, rng: np.random.Generator, strength: float) -> Texture:
    """A texture with fine grey noise of the given deviation in grey levels."""
    return to_bytes(texture.astype(np.float32) + strength * grain(rng)[..., None])


def surface(
    rng: np.random.Generator, colours: Sequence[Colour], *, cells: int = 5, strength: float = 6.0, octaves: int = 5
) -> Texture:
    """Mottled ground in a palette, with fine grain."""
    return speckled(coloured(fractal(rng, cells, octaves), colours), rng, strength)


def shaded(colour: Colour, factor: float) -> Colour:
    """A colour made darker (below 1) or lighter (above 1)."""
    r, g, b = (max(0, min(255, round(channel * factor))) for channel in colour)
    return r, g, b


def varied(rng: np.random.Generator, colour: Colour, spread: float = 10.0) -> Colour:
    """A colour like the given one."""
    light = float(rng.normal(0, spread))
    r, g, b = (max(0, min(255, round(channel + light + float(rng.normal(0, spread / 3))))) for channel in colour)
    return r, g, b


def grass(rng: np.random.Generator) -> Texture:
    """Meadow or lawn, from lush to dry."""
    lush = ((72, 98, 50), (96, 122, 62), (120, 138, 80))
    dry = ((104, 108, 62), (132, 128, 78), (150, 144, 98))
    return surface(rng, lush if rng.random() < 0.7 else dry, strength=7)


def lawn(rng: np.random.Generator) -> Texture:
    """Tended grass."""
    return surface(rng, ((86, 122, 58), (104, 142, 70)), cells=8, strength=4)


def water(
    rng: np.random.Generator, colours: Sequence[Colour] = ((26, 54, 74), (38, 72, 92), (52, 88, 104))
) -> Texture:
    """Open water with faint ripples."""
    ripples = fractal(rng, 24, 3)
    field = 0.75 * fractal(rng, 3, 4) + 0.25 * ripples
    return speckled(coloured(field, colours), rng, 2.5)


def sand(rng: np.random.Generator) -> Texture:
    """Dry sand."""
    return surface(rng, ((204, 184, 146), (222, 204, 168), (234, 220, 190)), cells=6, strength=4)


def soil(rng: np.random.Generator) -> Texture:
    """Bare earth."""
    return surface(rng, ((146, 118, 88), (168, 140, 106), (186, 162, 128)), cells=5, strength=6)


def concrete(rng: np.random.Generator) -> Texture:
    """Light paved ground."""
    return surface(rng, ((160, 158, 152), (176, 174, 168), (190, 188, 182)), cells=8, strength=4)


def asphalt(rng: np.random.Generator) -> Texture:
    """Dark paved ground."""
    return surface(rng, ((88, 88, 90), (102, 102, 104), (116, 116, 116)), cells=10, strength=4)
