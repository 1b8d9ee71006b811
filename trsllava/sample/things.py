"""Things that many scenes share: trees, houses, halls, roads, cars, ships, airplanes."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi, sin

from trsllava.sample.canvas import Canvas
from trsllava.sample.shapes import Path, Point, along, beside, box, ellipse, placed
from trsllava.sample.textures import Colour, shaded, varied

Plan = tuple[float, float, float, float, float]
"""A rectangular footprint: x, y, width, depth, angle in radians."""

GREENS: tuple[Colour, ...] = ((52, 82, 40), (62, 92, 44), (74, 104, 54), (48, 74, 44))
CAR_COLOURS: tuple[Colour, ...] = (
    (236, 236, 234),
    (222, 222, 222),
    (174, 178, 184),
    (58, 60, 66),
    (34, 36, 42),
    (152, 40, 38),
    (48, 78, 134),
)
ROOF_COLOURS: dict[str, tuple[Colour, ...]] = {
    "red": ((168, 86, 64), (182, 98, 72), (152, 74, 58)),
    "grey": ((128, 128, 130), (146, 144, 144), (112, 114, 120)),
    "brown": ((134, 104, 82), (150, 118, 94), (116, 92, 74)),
    "white": ((216, 215, 210), (206, 206, 204), (224, 222, 217)),
    "blue": ((72, 118, 172), (86, 132, 182), (64, 104, 156)),
}
WHITE: Colour = (230, 230, 227)
ASPHALT: Colour = (104, 104, 106)


def trees(canvas: Canvas, spots: Sequence[Point], radius: float = 4.0, greens: Sequence[Colour] = GREENS) -> None:
    """Crowns with their shadows, one a spot, of varied size."""
    rng = canvas.rng
    lx, ly = canvas.lit
    crowns = [(x, y, radius * float(rng.uniform(0.7, 1.3)), greens[int(rng.integers(len(greens)))]) for x, y in spots]
    region = canvas.region()
    for x, y, r, _ in crowns:
        region.polygon(ellipse(x - 0.75 * r * lx, y - 0.75 * r * ly, 0.95 * r, 0.95 * r))
    region.blur(0.5)
    canvas.paint(region, (14, 20, 24), 0.5)
    for x, y, r, colour in crowns:
        # Three layers of leaves, each smaller, lighter and nearer to the sun.
        for light, shift, reach, size, leaves in (
            (0.85, 0.0, 0.55, 0.55, 7),
            (1.1, 0.15, 0.5, 0.34, 6),
            (1.4, 0.3, 0.35, 0.22, 5),
        ):
            layer = shaded(colour, light)
            for _ in range(leaves):
                a, d = float(rng.uniform(0, 2 * pi)), reach * r * float(rng.uniform(0.3, 1))
                canvas.disc(
                    x + shift * r * lx + d * cos(a), y + shift * r * ly + d * sin(a), size * r, varied(rng, layer, 5)
                )


def palms(canvas: Canvas, spots: Sequence[Point], radius: float = 5.0) -> None:
    """Palm trees: a star of fronds each."""
    rng = canvas.rng
    stars = []
    for x, y in spots:
        r, turn = radius * float(rng.uniform(0.8, 1.2)), float(rng.uniform(0, pi))
        stars.append((x, y, [(r * cos(turn + i * pi / 4), r * sin(turn + i * pi / 4)) for i in range(8)]))
    lx, ly = canvas.lit
    region = canvas.region()
    for x, y, tips in stars:
        for tx, ty in tips:
            region.line(
                [
                    (x - 0.8 * radius * lx, y - 0.8 * radius * ly),
                    (x - 0.8 * radius * lx + tx, y - 0.8 * radius * ly + ty),
                ],
                1.3,
            )
    canvas.paint(region, (14, 18, 28), 0.4)
    for x, y, tips in stars:
        colour = varied(rng, (66, 104, 50), 8)
        for tx, ty in tips:
            canvas.line([(x, y), (x + tx, y + ty)], 1.5, shaded(colour, 1.0 + 0.25 * (tx * lx + ty * ly) / radius))


def house(canvas: Canvas, x: float, y: float, width: float, depth: float, angle: float, colour: Colour) -> None:
    """A gabled roof, lit on one side; its shadow must have been cast before. The ridge runs along the longer side."""
    if depth > width:
        width, depth, angle = depth, width, angle + pi / 2
    w, d = width / 2, depth / 2
    light = canvas.sunlight([(0, 0), (-sin(angle), cos(angle))])
    canvas.polygon(placed([(-w, 0), (w, 0), (w, d), (-w, d)], x, y, angle), shaded(colour, light * 0.98))
    canvas.polygon(placed([(-w, -d), (w, -d), (w, 0), (-w, 0)], x, y, angle), shaded(colour, (2 - light) * 0.98))
    canvas.line(placed([(-w, 0), (w, 0)], x, y, angle), 0.4, shaded(colour, 1.2))


def houses(canvas: Canvas, plans: Sequence[Plan], roofs: Sequence[Colour]) -> None:
    """Detached houses, each (x, y, width, depth, angle), with shadows."""
    rng = canvas.rng
    canvas.cast([(box(*plan), 3.0) for plan in plans])
    for plan in plans:
        house(canvas, *plan, varied(rng, roofs[int(rng.integers(len(roofs)))], 9))


def halls(
    canvas: Canvas,
    plans: Sequence[Plan],
    roofs: Sequence[Colour],
    height: float = 5.0,
    units: int = 3,
) -> None:
    """Flat-roofed buildings, each (x, y, width, depth, angle), with parapets, `units` roof units and shadows."""
    rng = canvas.rng
    canvas.cast([(box(*plan), height) for plan in plans])
    for x, y, width, depth, angle in plans:
        colour = varied(rng, roofs[int(rng.integers(len(roofs)))], 7)
        canvas.box(x, y, width, depth, shaded(colour, 1.12), angle)
        canvas.box(x, y, width - 1.4, depth - 1.4, colour, angle)
        spots = [
            (float(rng.uniform(-0.36, 0.36)) * width, float(rng.uniform(-0.3, 0.3)) * depth) for _ in range(units)
        ]
        plates = [placed(box(u, v, float(rng.uniform(1.5, 3.5)), 2.0), x, y, angle) for u, v in spots]
        canvas.cast([(plate, 1.5) for plate in plates], 0.35)
        for plate in plates:
            canvas.polygon(plate, shaded(colour, float(rng.choice([0.8, 1.18]))))


def ribbed(canvas: Canvas, x: float, y: float, width: float, depth: float, angle: float, colour: Colour) -> None:
    """A factory roof: bays side by side, each lit on one slope."""
    bays = max(2, round(width / 8))
    for i in range(bays):
        u = (i + 0.5) / bays * width - width / 2
        canvas.polygon(
            placed(box(u - width / bays / 4, 0, width / bays / 2, depth), x, y, angle), shaded(colour, 1.06)
        )
        canvas.polygon(placed(box(u + width / bays / 4, 0, width / bays / 2, depth), x, y, angle), shaded(colour, 0.9))
    canvas.outline(box(x, y, width, depth, angle), 0.6, shaded(colour, 0.8))


def road(
    canvas: Canvas,
    path: Path,
    width: float,
    *,
    colour: Colour = ASPHALT,
    marked: bool = True,
    verge: Colour | None = None,
) -> None:
    """A road with a dashed centre line; the strip it takes is marked as occupied."""
    if verge:
        canvas.line(path, width + 3, verge)
    canvas.line(path, width, colour)
    canvas.occupy_line(path, width + 4)
    if marked:
        for x, y, angle in along(path, 8, 2):
            canvas.box(x, y, 3.5, 0.6, (214, 212, 202), angle)


def cars(canvas: Canvas, spots: Sequence[tuple[float, float, float]], length: float = 5.0) -> None:
    """Cars, each (x, y, direction), with shadows."""
    rng = canvas.rng
    width = 0.46 * length
    canvas.cast([(box(x, y, length, width, angle), 1.0) for x, y, angle in spots], 0.5)
    for x, y, angle in spots:
        colour = varied(rng, CAR_COLOURS[int(rng.integers(len(CAR_COLOURS)))], 6)
        canvas.box(x, y, length, width, colour, angle)
        canvas.polygon(placed(box(0.16 * length, 0, 0.14 * length, 0.8 * width), x, y, angle), (44, 50, 58))
        canvas.polygon(placed(box(-0.32 * length, 0, 0.1 * length, 0.76 * width), x, y, angle), (52, 58, 66))


def traffic(canvas: Canvas, path: Path, lane: float, gap: float, length: float = 5.0) -> int:
    """Cars in both lanes of a road, `lane` from its centre, about `gap` apart; returns how many."""
    rng = canvas.rng
    spots = []
    for side in (-1, 1):
        for x, y, angle in along(beside(path, side * lane), length + 2, float(rng.uniform(2, 8))):
            if rng.random() < (length + 2) / gap and 4 < x < 252 and 4 < y < 252:
                spots.append((x, y, angle))
    cars(canvas, spots, length)
    return len(spots)


# A ship's outline and deck, bow ahead: shares of its length and of half its width; the other half mirrors it.
_HULL = ((-0.5, 0.8), (-0.46, 1.0), (0.34, 1.0), (0.44, 0.6), (0.5, 0.0))
_DECK = ((-0.46, 0.68), (0.32, 0.68), (0.43, 0.0))


def ship(canvas: Canvas, x: float, y: float, length: float, angle: float, hull: Colour) -> None:
    """A container ship seen from above, bow ahead."""
    rng = canvas.rng
    w = 0.085 * length
    outline, deck = (
        placed([(length * u, w * v) for u, v in (*half, *_flipped(half[::-1]))], x, y, angle)
        for half in (_HULL, _DECK)
    )
    canvas.cast([(outline, 2.5)], 0.5)
    canvas.polygon(outline, hull)
    canvas.polygon(deck, (122, 112, 106))
    for i in range(int(0.62 * length / 4)):
        for j in (-1, 0, 1):
            if rng.random() < 0.9:
                block = box(-0.26 * length + (i + 0.5) * 4, j * 0.43 * w, 3.7, 0.39 * w)
                canvas.polygon(placed(block, x, y, angle), container_colour(canvas))
    bridge = placed(box(-0.37 * length, 0, 0.09 * length, 1.5 * w), x, y, angle)
    canvas.cast([(bridge, 2.0)], 0.45)
    canvas.polygon(bridge, (240, 240, 238))
    canvas.polygon(placed(box(-0.42 * length, 0, 0.03 * length, 0.5 * w), x, y, angle), (90, 60, 60))


def container_colour(canvas: Canvas) -> Colour:
    """One of the colours of shipping containers."""
    colours: tuple[Colour, ...] = (
        (178, 66, 50),
        (44, 92, 150),
        (70, 128, 96),
        (212, 148, 60),
        (198, 198, 194),
        (112, 66, 58),
        (38, 62, 98),
    )
    return varied(canvas.rng, colours[int(canvas.rng.integers(len(colours)))], 8)


def boats(canvas: Canvas, plans: Sequence[tuple[float, float, float, float]]) -> None:
    """Small white boats, each (x, y, length, direction)."""
    rng = canvas.rng
    hulls = []
    for x, y, length, angle in plans:
        w = 0.17 * length
        hull = [(-length / 2, -w), (0.15 * length, -w), (length / 2, 0.0), (0.15 * length, w), (-length / 2, w)]
        hulls.append(placed(hull, x, y, angle))
    canvas.cast([(hull, 1.2) for hull in hulls], 0.5)
    decks: tuple[Colour, ...] = ((172, 142, 108), (96, 128, 158), (206, 206, 204))
    for hull, (x, y, length, angle) in zip(hulls, plans, strict=True):
        canvas.polygon(hull, varied(rng, WHITE, 5))
        deck = placed(box(-0.1 * length, 0, 0.4 * length, 0.19 * length), x, y, angle)
        canvas.polygon(deck, decks[int(rng.integers(3))])


def airplane(canvas: Canvas, x: float, y: float, size: float, angle: float) -> None:
    """An airliner seen from above, nose ahead, `size` units long."""
    body = [(-0.48, -0.02), (-0.3, -0.055), (0.34, -0.055), (0.46, -0.035), (0.5, 0)]
    body += [(px, -py) for px, py in reversed(body[:-1])]
    wing = [(0.12, 0.05), (-0.02, 0.05), (-0.2, 0.48), (-0.13, 0.48)]
    tail = [(-0.36, 0.03), (-0.45, 0.03), (-0.5, 0.18), (-0.45, 0.18)]
    parts = [body, wing, _flipped(wing), tail, _flipped(tail)]
    outlines = [placed([(px * size, py * size) for px, py in part], x, y, angle) for part in parts]
    canvas.cast([(outline, 3.0) for outline in outlines], 0.5)
    for outline in outlines[1:]:
        canvas.polygon(outline, (214, 216, 220))
    for side in (-1, 1):
        engine = box(0.02 * size, side * 0.19 * size, 0.12 * size, 0.05 * size)
        canvas.polygon(placed(engine, x, y, angle), (150, 154, 160))
    canvas.polygon(outlines[0], (244, 244, 244))
    canvas.line(placed([(-0.48 * size, 0), (-0.34 * size, 0)], x, y, angle), 0.035 * size, (60, 90, 150))


def _flipped(path: Path) -> list[Point]:
    return [(x, -y) for x, y in path]
