"""How large a picture reaches a model: the size that its own processor makes of it, so that no pixel goes in vain."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Protocol

_ONEVISION = tuple((384 * rows, 384 * columns) for rows in range(1, 7) for columns in range(1, 7))
_NEXT = ((336, 672), (672, 336), (672, 672), (1008, 336), (336, 1008))


class PixelRule(Protocol):
    """A model's way with picture sizes."""

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height, in pixels, that the model makes of a picture of this width and height."""
        ...


@dataclass(frozen=True)
class LongestSide:
    """Any size will do: the longest side has at most `max_side` pixels."""

    max_side: int

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Shrunk, never enlarged."""
        scale = min(1.0, self.max_side / max(width, height))
        return max(1, round(width * scale)), max(1, round(height * scale))


@dataclass(frozen=True)
class Patches:
    """Both sides multiples of `factor` (patch size times merge size), between `least` and `most` pixels in all.

    Source: `smart_resize` of the Qwen2-VL image processor (arXiv:2409.12191, section 2.1).
    """

    factor: int
    least: int
    most: int
    max_side: int

    def size(self, width: int, height: int) -> tuple[int, int]:
        """The nearest multiples; of a picture that is shrunk first where its longest side is past `max_side`."""
        limited = LongestSide(self.max_side).size(width, height)
        snapped = [max(self.factor, round(side / self.factor) * self.factor) for side in limited]
        pixels = math.prod(limited)
        if math.prod(snapped) > self.most:
            shrink = math.sqrt(pixels / self.most)
            snapped = [max(self.factor, math.floor(side / shrink / self.factor) * self.factor) for side in limited]
        elif math.prod(snapped) < self.least:
            grow = math.sqrt(self.least / pixels)
            snapped = [math.ceil(side * grow / self.factor) * self.factor for side in limited]
        return snapped[0], snapped[1]


@dataclass(frozen=True)
class Tiles:
    """The picture is fitted into that of some fixed canvases (height, width) that wastes least, then cut into tiles.

    Source: `select_best_resolution` of the LLaVA-NeXT and LLaVA-OneVision image processors (arXiv:2408.03326, 3.2).
    """

    canvases: tuple[tuple[int, int], ...]
    max_side: int

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Fitted, without the margin that pads it to the canvas."""
        limited = LongestSide(self.max_side).size(width, height)
        tall, wide = max(self.canvases, key=lambda canvas: _use_and_waste(limited, canvas))
        across, down = wide / limited[0], tall / limited[1]
        if across < down:
            return wide, min(math.ceil(limited[1] * across), tall)
        return min(math.ceil(limited[0] * down), wide), tall


def pixel_rule(model: str, max_side: int) -> PixelRule:
    """The rule of the family that a model's name or folder tells of; without one, the longest side alone."""
    families: tuple[tuple[str, PixelRule], ...] = (
        (r"qwen.?3.*vl", Patches(32, 65_536, 16_777_216, max_side)),
        (r"qwen.?2.*vl|onevision-1\.5", Patches(28, 3_136, 12_845_056, max_side)),
        (r"llava.*onevision", Tiles(_ONEVISION, max_side)),
        (r"llava.*(next|1\.6)", Tiles(_NEXT, max_side)),
        (r"llava.*1\.5", LongestSide(min(336, max_side))),
    )
    found = (rule for pattern, rule in families if re.search(pattern, model, re.IGNORECASE))
    return next(found, LongestSide(max_side))


def _use_and_waste(size: tuple[int, int], canvas: tuple[int, int]) -> tuple[int, int]:
    """Pixels of the picture that a canvas shows, and, negated, pixels of the canvas that show nothing of it."""
    tall, wide = canvas
    scale = min(wide / size[0], tall / size[1])
    used = min(int(size[0] * scale) * int(size[1] * scale), math.prod(size))
    return used, used - tall * wide
