"""Outlines and placements in scene coordinates: x to the right, y down, 256 units a side."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from math import ceil, cos, hypot, pi, sin

import numpy as np

Point = tuple[float, float]
Path = Sequence[Point]
SIDE = 256.0
"""Side of a scene in scene units, whatever the size of the picture."""


def box(x: float, y: float, width: float, height: float, angle: float = 0.0) -> list[Point]:
    """Corners of a rectangle centred at (x, y), turned by `angle` radians."""
    corners = [(-width / 2, -height / 2), (width / 2, -height / 2), (width / 2, height / 2), (-width / 2, height / 2)]
    return [moved(corner, x, y, angle) for corner in corners]


def moved(point: Point, x: float, y: float, angle: float = 0.0) -> Point:
    """A point of a local frame, put at (x, y) and turned by `angle` radians."""
    c, s = cos(angle), sin(angle)
    return x + point[0] * c - point[1] * s, y + point[0] * s + point[1] * c


def placed(path: Path, x: float, y: float, angle: float = 0.0) -> list[Point]:
    """A path of a local frame, put at (x, y) and turned by `angle` radians."""
    return [moved(point, x, y, angle) for point in path]


def ellipse(x: float, y: float, rx: float, ry: float, angle: float = 0.0) -> list[Point]:
    """Outline of an ellipse."""
    n = max(12, int(2 * max(rx, ry)))
    return placed([(rx * cos(2 * pi * i / n), ry * sin(2 * pi * i / n)) for i in range(n)], x, y, angle)


def arc(x: float, y: float, radius: float, start: float, end: float) -> list[Point]:
    """Points along a circle from angle `start` to `end`, radians."""
    n = max(6, ceil(abs(end - start) * radius / 3))
    return [(x + radius * cos(t), y + radius * sin(t)) for t in np.linspace(start, end, n).tolist()]


def oblong(x: float, y: float, length: float, width: float, angle: float = 0.0) -> list[Point]:
    """Outline of a rectangle of `length` with half circles of diameter `width` at its ends: a running track."""
    half = length / 2
    right, left = arc(half, 0, width / 2, -pi / 2, pi / 2), arc(-half, 0, width / 2, pi / 2, 3 * pi / 2)
    return placed(right + left, x, y, angle)


def blob(rng: np.random.Generator, x: float, y: float, rx: float, ry: float, wobble: float = 0.2) -> list[Point]:
    """An irregular rounded outline around (x, y), within (1 ± wobble) times the radii."""
    angles = np.linspace(0, 2 * pi, 96, endpoint=False)
    radius = np.zeros_like(angles)
    for order in (2, 3, 4, 5, 7):
        radius += rng.uniform(-1, 1) / order * np.sin(order * angles + rng.uniform(0, 2 * pi))
    radius = 1 + wobble * radius / max(1e-6, float(np.abs(radius).max()))
    return [(x + rx * r * cos(a), y + ry * r * sin(a)) for a, r in zip(angles.tolist(), radius.tolist(), strict=True)]


def smooth(path: Path, rounds: int = 4) -> list[Point]:
    """A path with its corners cut (Chaikin 1974); the ends stay."""
    points = list(path)
    for _ in range(rounds):
        cut = [points[0]]
        for (ax, ay), (bx, by) in itertools.pairwise(points):
            cut += [(0.75 * ax + 0.25 * bx, 0.75 * ay + 0.25 * by), (0.25 * ax + 0.75 * bx, 0.25 * ay + 0.75 * by)]
        points = [*cut, points[-1]]
    return points


def along(path: Path, step: float, start: float = 0.0) -> list[tuple[float, float, float]]:
    """(x, y, direction in radians) every `step` units along a path, the first after `start` units."""
    found: list[tuple[float, float, float]] = []
    due = start
    for (ax, ay), (bx, by) in itertools.pairwise(path):
        length = hypot(bx - ax, by - ay)
        while length > 0 and due <= length:
            share = due / length
            found.append((ax + share * (bx - ax), ay + share * (by - ay), float(np.arctan2(by - ay, bx - ax))))
            due += step
        due -= length
    return found


def beside(path: Path, distance: float) -> list[Point]:
    """The path shifted by `distance` to its right (seen along it, y down)."""
    points = np.asarray(path, dtype=float)
    ahead = np.gradient(points, axis=0)
    ahead /= np.maximum(np.hypot(ahead[:, 0], ahead[:, 1])[:, None], 1e-9)
    shifted = points + distance * np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)
    return [(float(x), float(y)) for x, y in shifted]


def inside(x: float, y: float, outline: Path) -> bool:
    """True where the point lies within the outline (even-odd rule)."""
    odd = False
    for (ax, ay), (bx, by) in zip(outline, [*outline[1:], outline[0]], strict=True):
        if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
            odd = not odd
    return odd


def scatter(
    rng: np.random.Generator,
    count: int,
    distance: float,
    free: Callable[[float, float], bool],
    within: tuple[float, float, float, float] = (0, 0, SIDE, SIDE),
) -> list[Point]:
    """Up to `count` random points at least `distance` apart where `free` holds; fewer where there is no room."""
    cell = max(distance, 1e-6)
    grid: dict[tuple[int, int], list[Point]] = {}
    found: list[Point] = []
    for _ in range(count * 12):
        if len(found) == count:
            break
        x, y = float(rng.uniform(within[0], within[2])), float(rng.uniform(within[1], within[3]))
        column, row = int(x // cell), int(y // cell)
        near = (p for i in (-1, 0, 1) for j in (-1, 0, 1) for p in grid.get((column + i, row + j), ()))
        if any(hypot(x - px, y - py) < distance for px, py in near) or not free(x, y):
            continue
        grid.setdefault((column, row), []).append((x, y))
        found.append((x, y))
    return found
