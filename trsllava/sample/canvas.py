"""A picture in the making: drawn three times as fine as it is kept, in a frame that may be turned and mirrored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import cos, hypot, pi, sin
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from trsllava.sample.scenes import Zone
from trsllava.sample.shapes import SIDE, Path, Point, box, ellipse
from trsllava.sample.textures import Colour, Field, Texture, fractal, to_bytes

_Pixel = TypeVar("_Pixel", np.uint8, np.float32)

FINE = 3
"""Pixels of the drawing a scene unit."""

# Where each side goes when the frame is turned by a quarter (clockwise, y down).
_TURNED: dict[str, str] = {"top": "right", "right": "bottom", "bottom": "left", "left": "top"}
_MIRRORED: dict[str, str] = {"left": "right", "right": "left"}


@dataclass(frozen=True)
class Frame:
    """How scene coordinates lie in the picture: mirrored left to right, then turned by quarters clockwise."""

    quarters: int = 0
    mirrored: bool = False

    def at(self, point: Point) -> Point:
        """Scene units to scene units in the picture."""
        x, y = point
        if self.mirrored:
            x = SIDE - x
        for _ in range(self.quarters):
            x, y = SIDE - y, x
        return x, y

    def back(self, vector: Point) -> Point:
        """A direction in the picture to the same direction in the scene."""
        x, y = vector
        for _ in range(self.quarters):
            x, y = y, -x
        return (-x if self.mirrored else x), y

    def zone(self, zone: Zone) -> Zone:
        """The same part of the scene, named as it lies in the picture."""
        words = zone.split()
        if self.mirrored:
            words = [_MIRRORED.get(word, word) for word in words]
        for _ in range(self.quarters):
            words = [_TURNED.get(word, word) for word in words]
        words.sort(key=lambda word: word in ("left", "right"))
        return cast(Zone, " ".join(words))


class Region:
    """A set of pixels, drawn shape by shape."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        side = round(SIDE) * FINE
        self.image = Image.new("L", (side, side))
        self._pen = ImageDraw.Draw(self.image)

    def polygon(self, path: Path) -> None:
        """Add the inside of an outline."""
        self._pen.polygon(_pixels(self.frame, path), fill=255)

    def line(self, path: Path, width: float) -> None:
        """Add a stroke with round joints and ends."""
        _stroke(self._pen, _pixels(self.frame, path), width, 255)

    def cut(self, path: Path) -> None:
        """Take the inside of an outline away."""
        self._pen.polygon(_pixels(self.frame, path), fill=0)

    def share(self) -> float:
        """How much of the picture it covers, 0…1."""
        return sum(value * number for value, number in enumerate(self.image.histogram())) / 255 / self.image.width**2

    def blur(self, radius: float) -> None:
        """Soften the border."""
        self.image = self.image.filter(ImageFilter.GaussianBlur(radius * FINE))
        self._pen = ImageDraw.Draw(self.image)


class Canvas:
    """The picture, the light that falls on it, and the places already taken."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.frame = Frame(int(rng.integers(4)), bool(rng.integers(2)))
        side = round(SIDE) * FINE
        self.image = Image.new("RGB", (side, side))
        self._pen = ImageDraw.Draw(self.image)
        self._taken = Image.new("L", (round(SIDE), round(SIDE)))
        self._taken_pen = ImageDraw.Draw(self._taken)
        # The direction in which shadows fall, in picture coordinates.
        angle = float(rng.uniform(0, 2 * pi))
        self.shadow = cos(angle), sin(angle)
        self.lit = self.frame.back((-self.shadow[0], -self.shadow[1]))
        """The direction towards the sun, in scene coordinates."""

    def region(self) -> Region:
        """An empty region."""
        return Region(self.frame)

    def fill(self, texture: Texture) -> None:
        """Cover everything."""
        self.image.paste(_enlarged(self._in_frame(texture)))

    def paint(self, region: Region, texture: Texture | Colour, opacity: float = 1.0) -> None:
        """Cover a region with a texture or a colour."""
        mask = region.image if opacity == 1 else region.image.point([round(v * opacity) for v in range(256)])
        if isinstance(texture, tuple):
            self.image.paste(texture, mask=mask)
        else:
            self.image.paste(_enlarged(self._in_frame(texture)), mask=mask)

    def polygon(self, path: Path, colour: Colour) -> None:
        """Fill an outline."""
        self._pen.polygon(_pixels(self.frame, path), fill=colour)

    def line(self, path: Path, width: float, colour: Colour) -> None:
        """Draw a stroke with round joints and ends."""
        _stroke(self._pen, _pixels(self.frame, path), width, colour)

    def outline(self, path: Path, width: float, colour: Colour) -> None:
        """Draw a closed stroke."""
        self.line([*path, path[0]], width, colour)

    def box(self, x: float, y: float, width: float, height: float, colour: Colour, angle: float = 0.0) -> None:
        """Fill a rectangle centred at (x, y)."""
        self.polygon(box(x, y, width, height, angle), colour)

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """Fill a circle."""
        (cx, cy), r = self.frame.at((x, y)), radius * FINE
        self._pen.ellipse((cx * FINE - r, cy * FINE - r, cx * FINE + r, cy * FINE + r), fill=colour)

    def ellipse(self, x: float, y: float, rx: float, ry: float, colour: Colour, angle: float = 0.0) -> None:
        """Fill an ellipse."""
        self.polygon(ellipse(x, y, rx, ry, angle), colour)

    def cast(self, bodies: Iterable[tuple[Path, float]], darkness: float = 0.5) -> None:
        """Lay the shadows of upright bodies, each an outline and a height in scene units."""
        region = self.region()
        pen = ImageDraw.Draw(region.image)
        for path, height in bodies:
            pixels = _pixels(self.frame, path)
            steps = max(1, round(height))
            for step in range(steps + 1):
                dx, dy = (axis * height * FINE * step / steps for axis in self.shadow)
                pen.polygon([(x + dx, y + dy) for x, y in pixels], fill=255)
        self.paint(region, (14, 18, 28), darkness)

    def shade(self, field: Field) -> None:
        """Multiply the picture by a field of light, `(256, 256)` float32, 1 where nothing changes."""
        turned = Image.fromarray(self._in_frame(field)).resize(self.image.size, Image.Resampling.BILINEAR)
        light = np.asarray(turned, np.float32)[..., None]
        self.image.paste(Image.fromarray(to_bytes(np.asarray(self.image, np.float32) * light)))

    def sunlight(self, path: Path) -> float:
        """How light a slope is that falls along the given step, 0.8 (away from the sun) to 1.2."""
        (ax, ay), (bx, by) = (self.frame.at(point) for point in path[:2])
        length = hypot(bx - ax, by - ay) or 1.0
        return 1 - 0.2 * ((bx - ax) * self.shadow[0] + (by - ay) * self.shadow[1]) / length

    def occupy(self, path: Path) -> None:
        """Mark an area where nothing may be scattered any more."""
        self._taken_pen.polygon([self.frame.at(point) for point in path], fill=255)

    def occupy_line(self, path: Path, width: float) -> None:
        """Mark a strip where nothing may be scattered any more."""
        self._taken_pen.line([self.frame.at(point) for point in path], fill=255, width=round(width), joint="curve")

    def is_free(self, x: float, y: float, radius: float = 0.0) -> bool:
        """True where a disc lies in the picture and on nothing that has been marked."""
        ring = [(radius * cos(t), radius * sin(t)) for t in (0, 0.8, 1.6, 2.4, 3.1, 3.9, 4.7, 5.5)]
        for dx, dy in [(0.0, 0.0), *ring] if radius else [(0.0, 0.0)]:
            px, py = self.frame.at((x + dx, y + dy))
            if not (0 <= px < SIDE and 0 <= py < SIDE) or self._taken.getpixel((int(px), int(py))):
                return False
        return True

    def picture(self, size: int) -> Image.Image:
        """The finished picture, `size` pixels a side: light, haze and grain of a sensor added."""
        rng = self.rng
        small = np.asarray(self.image.resize((size, size), Image.Resampling.BOX), np.float32)
        grey = small.mean(axis=2, keepdims=True)
        small = grey + 0.82 * (small - grey)
        slow = Image.fromarray(fractal(rng, 2, 3)).resize((size, size), Image.Resampling.BILINEAR)
        light = 0.95 + 0.1 * np.asarray(slow, np.float32)[..., None]
        gain = rng.uniform(0.97, 1.03, 3).astype(np.float32) * np.float32(rng.uniform(0.92, 1.03))
        haze = np.float32(rng.uniform(0, 12))
        noise = np.float32(rng.uniform(1.2, 2.8)) * rng.standard_normal((size, size, 1), dtype=np.float32)
        return Image.fromarray(to_bytes(small * light * gain + haze + noise))

    def _in_frame(self, field: NDArray[_Pixel]) -> NDArray[_Pixel]:
        flipped = field[:, ::-1] if self.frame.mirrored else field
        return np.ascontiguousarray(np.rot90(flipped, -self.frame.quarters))


def _pixels(frame: Frame, path: Path) -> list[Point]:
    return [(x * FINE, y * FINE) for x, y in map(frame.at, path)]


def _stroke(pen: ImageDraw.ImageDraw, pixels: list[Point], width: float, fill: int | Colour) -> None:
    # Pillow's own curved joints leave notches in wide strokes with close points: a disc at every point does not.
    thick = max(1, round(width * FINE))
    pen.line(pixels, fill=fill, width=thick)
    if thick > 3:
        r = (thick - 1) / 2
        for x, y in pixels:
            pen.ellipse((x - r, y - r, x + r, y + r), fill=fill)


def _enlarged(texture: Texture) -> Image.Image:
    side = round(SIDE) * FINE
    return Image.fromarray(texture).resize((side, side), Image.Resampling.BILINEAR)
