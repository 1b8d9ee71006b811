"""Tiles of one scene that overlap show the same things: of those that a query finds, the best one stands for all."""

from __future__ import annotations

from trsllava.records import Tile, Window


class Merging:
    """Fed with tiles, best first. Greedy, as non-maximum suppression is: a tile counts to the best kept tile of the
    same content that it overlaps, and tiles that were left out suppress nothing themselves."""

    def __init__(self) -> None:
        self._kept: dict[str, list[Tile]] = {}
        self._merged: dict[str, int] = {}

    def keeps(self, tile: Tile) -> bool:
        """True where the tile is a hit of its own; otherwise it is counted with the one that stands for it."""
        scene = self._kept.setdefault(tile.sha256, [])
        for better in scene:
            if overlap(better.window, tile.window) and better.rendering == tile.rendering:
                self._merged[str(better.id)] = self.merged(better) + 1
                return False
        scene.append(tile)
        return True

    def merged(self, tile: Tile) -> int:
        """How many tiles a kept one stands for, beside itself."""
        return self._merged.get(str(tile.id), 0)


def overlap(one: Window, other: Window) -> bool:
    """True where two windows share a pixel."""
    return (
        one.col < other.col + other.width
        and other.col < one.col + one.width
        and one.row < other.row + other.height
        and other.row < one.row + one.height
    )
