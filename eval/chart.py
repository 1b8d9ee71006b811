"""Line charts as SVG."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

COLOURS = ("#1f5fbf", "#d9730d", "#0f8a6d", "#9a3fc2", "#c22f4d", "#6a7b16", "#0e86b5", "#6b5b4f")
"""Of lines, by place; after them they come again, dashed. Pages have their own for the classes s0 to s7."""
_WIDTH, _HEIGHT = 520, 330
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 14, 14, 40
_HEAD, _KEYS = 24, 110
"""Above a chart for its title, and beside it for the names of its lines, in a file of its own."""


@dataclass(frozen=True)
class Line:
    """A name, and points `(x, y)` from left to right."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Chart:
    """Lines in one pair of axes."""

    title: str
    lines: Sequence[Line]
    across: str
    """What the horizontal axis shows; it goes from the first of its marks to the last point."""
    x_marks: Sequence[float]
    y_marks: Sequence[float]
    """From 0 to the end of the axis."""
    logarithmic: bool = False

    def svg(self) -> str:
        """For a page, which has styles for its classes and tells the lines' names."""
        told = "; ".join(
            f"{line.name}: {line.points[0][1]:.1f} at {line.points[0][0]:g}, "
            f"{line.points[-1][1]:.1f} at {line.points[-1][0]:g}"
            for line in self.lines
        )
        title = escape(self.title)
        return (
            f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{title}"><desc>{escape(told)}</desc>'
            f"{self._inside()}</svg>"
        )

    def _inside(self) -> str:
        grid = "".join(
            f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{self._y(y):.1f}" y2="{self._y(y):.1f}"/>'
            f'<text class="tick" x="{_LEFT - 7}" y="{self._y(y) + 4:.1f}" text-anchor="end">{y:.3g}</text>'
            for y in self.y_marks
        )
        grid += "".join(
            f'<line class="grid" x1="{self._x(x):.1f}" x2="{self._x(x):.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}"/>'
            f'<text class="tick" x="{self._x(x):.1f}" y="{_HEIGHT - _BOTTOM + 17}" text-anchor="middle">{x:g}</text>'
            for x in self.x_marks
        )
        drawn = "".join(
            f'<polyline class="{style(number)}" '
            f'points="{" ".join(f"{self._x(x):.1f},{self._y(y):.1f}" for x, y in line.points)}">'
            f"<title>{escape(line.name)}</title></polyline>"
            for number, line in enumerate(self.lines)
        )
        return (
            f'{grid}{drawn}<text class="tick" x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{_HEIGHT - 6}" '
            f'text-anchor="middle">{escape(self.across)}</text>'
        )

    def _x(self, x: float) -> float:
        scale = math.log if self.logarithmic else float
        low, high = scale(self.x_marks[0]), scale(max(line.points[-1][0] for line in self.lines))
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (scale(x) - low) / (high - low)

    def _y(self, y: float) -> float:
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * y / self.y_marks[-1]


def style(number: int) -> str:
    """Classes of a line by its place."""
    return f"line s{number % len(COLOURS)}" + (" dashed" if number >= len(COLOURS) else "")


def svg_file(*charts: Chart) -> str:
    """Charts side by side as a file of its own, each with its title and the names of its lines."""
    colours = " ".join(f".s{number} {{ stroke: {colour} }}" for number, colour in enumerate(COLOURS))
    panels = "".join(
        f'<g transform="translate({number * (_WIDTH + _KEYS)},{_HEAD})">'
        f'<text x="{_LEFT}" y="0">{escape(chart.title)}</text>{chart._inside()}{_keys(chart)}</g>'
        for number, chart in enumerate(charts)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{len(charts) * (_WIDTH + _KEYS)}" height="{_HEAD + _HEIGHT}" '
        'font-family="sans-serif" font-size="12">'
        f"<style>.grid {{ stroke: #ddd }} .line {{ fill: none; stroke-width: 2 }} .dashed {{ stroke-dasharray: 6 4 }} "
        f'{colours}</style><rect width="100%" height="100%" fill="white"/>{panels}</svg>\n'
    )


def _keys(chart: Chart) -> str:
    return "".join(
        f'<text x="{_WIDTH - _RIGHT + 6}" y="{_TOP + 10 + 15 * number}" fill="{COLOURS[number % len(COLOURS)]}">'
        f"{escape(line.name)}</text>"
        for number, line in enumerate(chart.lines)
    )


def curve_file(points: Mapping[float, float], title: str, across: str) -> str:
    """An SVG file of y (0 and up) by x, at least two points; it names the highest with its place."""
    xs = sorted(points)
    best = max(xs, key=lambda x: points[x])
    line = Line(f"{points[best]:.2f} at {best:g}", [(x, points[x]) for x in xs])
    return svg_file(Chart(title, [line], across, (xs[0], (xs[0] + xs[-1]) / 2, xs[-1]), marks_to(points[best])))


def marks_to(highest: float) -> tuple[float, float, float]:
    """Marks of an axis that ends with the highest value."""
    return 0.0, (highest or 1.0) / 2, highest or 1.0
