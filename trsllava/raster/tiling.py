"""How a scene is cut into tiles."""

from __future__ import annotations

from trsllava.errors import InputError, Parameter
from trsllava.records import Recipe, Window

LONGEST_WHOLE = 1024
"""Pixels: an image with no longer side is one tile unless told otherwise."""
TILE = 512
_OVERLAP_SHARE = 8
"""An eighth of a tile's side is shared with each neighbour: 64 of 512 pixels."""


def check_tiling(recipe: Recipe) -> None:
    """Raises InputError where tiles would not get on: an overlap as large as the tile."""
    if recipe.tile != 0 and _overlap(recipe) >= (recipe.tile or TILE):
        raise InputError(
            f"An overlap of {_overlap(recipe)} pixels is no smaller than the tile's {recipe.tile or TILE}. "
            "Choose a smaller ",
            Parameter("overlap"),
            " or a larger ",
            Parameter("tile"),
            ".",
        )


def cut(width: int, height: int, recipe: Recipe) -> list[Window]:
    """The windows of an image's tiles, row by row; together they cover every pixel.

    All are of the same size: the last of a row or column is moved back to end at the image's edge, so that it
    overlaps its neighbour by more. An image that is narrower than a tile gives tiles as narrow.
    """
    if recipe.tile == 0 or max(width, height) <= (recipe.tile or LONGEST_WHOLE):
        return [Window(0, 0, width, height)]
    side = recipe.tile or TILE
    stride = side - _overlap(recipe)
    return [
        Window(col, row, min(side, width), min(side, height))
        for row in _starts(height, side, stride)
        for col in _starts(width, side, stride)
    ]


def _overlap(recipe: Recipe) -> int:
    return (recipe.tile or TILE) // _OVERLAP_SHARE if recipe.overlap is None else recipe.overlap


def _starts(length: int, side: int, stride: int) -> list[int]:
    last = max(0, length - side)
    return [*range(0, last, stride), last]
