"""Scenes of sport: stadium, baseball, football and tennis."""

from __future__ import annotations

from math import cos, pi, sin

import numpy as np

from trsllava.sample.canvas import Canvas
from trsllava.sample.scenes import Scene, Thing, Zone
from trsllava.sample.shapes import arc, box, ellipse, inside, oblong, placed, scatter
from trsllava.sample.textures import Colour, asphalt, concrete, grain, grass, grid, lawn, shaded, surface, to_bytes
from trsllava.sample.things import ROOF_COLOURS, WHITE, cars, halls, road, trees

TOP: Zone = "top"
BOTTOM: Zone = "bottom"
LINE: Colour = (232, 236, 228)
TRACK: tuple[Colour, ...] = ((158, 74, 56), (172, 86, 66))


def mown(rng: np.random.Generator, stripe: float) -> np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]:
    """Grass mown in stripes across x."""
    x, _ = grid()
    light = np.where((x // stripe) % 2 == 0, 1.06, 0.94).astype(np.float32)[..., None]
    base = np.asarray((92, 136, 62), np.float32) * light
    return to_bytes(base + 4 * grain(rng)[..., None])


def pitch(canvas: Canvas, x: float, y: float, length: float, width: float, angle: float) -> None:
    """A football pitch: mown stripes and white lines."""
    region = canvas.region()
    region.polygon(box(x, y, length + 4, width + 4, angle))
    canvas.paint(region, mown(canvas.rng, length / 10))
    thin = 0.8
    canvas.outline(box(x, y, length, width, angle), thin, LINE)
    canvas.line(placed([(0, -width / 2), (0, width / 2)], x, y, angle), thin, LINE)
    canvas.outline(ellipse(x, y, 0.13 * width, 0.13 * width), thin, LINE)
    for side in (-1, 1):
        for depth, breadth in ((0.16, 0.6), (0.06, 0.28)):
            area = box(side * (0.5 - depth / 2) * length, 0, depth * length, breadth * width)
            canvas.outline(placed(area, x, y, angle), thin, LINE)


def track(canvas: Canvas, x: float, y: float, length: float, width: float, angle: float) -> None:
    """A red running track with white lanes around its inner `length` by `width` lawn."""
    region = canvas.region()
    region.polygon(oblong(x, y, length, width + 26, angle))
    canvas.paint(region, surface(canvas.rng, TRACK, strength=4))
    for lane in (5, 9.5, 14, 18.5):
        canvas.outline(oblong(x, y, length, width + 2 + lane, angle), 0.45, (214, 168, 152))
    inner = canvas.region()
    inner.polygon(oblong(x, y, length, width + 2, angle))
    canvas.paint(inner, lawn(canvas.rng))


def stadium(canvas: Canvas) -> Scene:
    """An oval arena with roofed stands around a lawn; parking lots and trees outside."""
    rng = canvas.rng
    canvas.fill(concrete(rng))
    road(canvas, [(-10, 16), (266, 16)], 12)
    x, y, a, b = 128.0, 136.0, float(rng.uniform(86, 94)), float(rng.uniform(70, 78))
    canvas.occupy(ellipse(x, y, a + 5, b + 5))
    lots = [(u, v) for u in (26, 230) for v in (54, 220)]
    parked = []
    for u, v in lots:
        region = canvas.region()
        region.polygon(box(u, v, 44, 46))
        canvas.paint(region, asphalt(rng))
        canvas.occupy(box(u, v, 48, 50))
        for row in (-15, -5, 5, 15):
            parked += [(u + i * 4.6 - 18.4, v + row, pi / 2) for i in range(9) if rng.random() < 0.6]
    parked = [spot for spot in parked if not inside(spot[0], spot[1], ellipse(x, y, a + 6, b + 6))]
    cars(canvas, parked, 6)
    canvas.cast([(ellipse(x, y, a, b), 11)], 0.5)
    roof: Colour = ((226, 226, 226), (196, 204, 212), (214, 206, 196))[int(rng.integers(3))]
    canvas.ellipse(x, y, a, b, roof)
    for i in range(64):
        t = 2 * pi * i / 64
        spoke = [(x + s * a * cos(t), y + s * b * sin(t)) for s in (0.72, 0.985)]
        canvas.line(spoke, 0.7, shaded(roof, 0.86 if i % 2 else 0.94))
    canvas.outline(ellipse(x, y, a - 1, b - 1), 1.6, shaded(roof, 0.8))
    seats: Colour = ((64, 96, 160), (172, 62, 56), (198, 200, 204), (70, 130, 90))[int(rng.integers(4))]
    canvas.ellipse(x, y, 0.74 * a, 0.74 * b, shaded(seats, 0.75))
    for i in range(8):
        share = 0.73 - 0.018 * i
        canvas.ellipse(x, y, share * a, share * b, shaded(seats, 0.98 if i % 2 else 0.84))
    canvas.ellipse(x, y, 0.585 * a, 0.585 * b, (150, 76, 58))
    canvas.ellipse(x, y, 0.52 * a, 0.52 * b, (98, 138, 70))
    pitch(canvas, x, y, 0.80 * a, 0.58 * b, 0)
    ring = canvas.region()
    ring.polygon(ellipse(x - canvas.lit[0] * 3, y - canvas.lit[1] * 3, 0.76 * a, 0.76 * b))
    ring.cut(ellipse(x - canvas.lit[0] * 9, y - canvas.lit[1] * 9, 0.74 * a, 0.74 * b))
    outer = canvas.region()
    outer.polygon(ellipse(x, y, 0.74 * a, 0.74 * b))
    ring.image.paste(0, mask=outer.image.point([255 - v for v in range(256)]))
    canvas.paint(ring, (14, 18, 28), 0.45)
    grove = scatter(rng, 34, 10, lambda u, v: canvas.is_free(u, v, 6))
    trees(canvas, grove, 5)
    return Scene(
        kind="stadium",
        subject=Thing("stadium", 1, ("large", "oval"), zone="middle"),
        parts=(
            Thing("football field", 1, ("green",), "inside the stands"),
            Thing("roof", 1, ("pale", "ring-shaped"), "over the stands"),
        ),
        surroundings=(
            Thing("parking lot", len(lots), (), "at the corners of the picture"),
            Thing("car", len(parked), (), "on the parking lots"),
            Thing("tree", len(grove), ("green",), "outside the stadium"),
            Thing("road", 1, ("straight",), "", canvas.frame.zone("top")),
        ),
    )


def baseball_field(canvas: Canvas) -> Scene:
    """One, two or four fan-shaped baseball fields among trees."""
    rng = canvas.rng
    canvas.fill(grass(rng))
    count = int(rng.choice([1, 2, 4]))
    layouts: dict[int, list[tuple[float, float, float, float]]] = {
        1: [(128 - 62, 190.0, -pi / 4, 150.0)],
        2: [(28.0, 236.0, -pi / 4, 106.0), (228.0, 20.0, 3 * pi / 4, 106.0)],
        4: [(128.0 + 7 * cos(t), 128 + 7 * sin(t), t, 94.0) for t in (pi / 4, 3 * pi / 4, 5 * pi / 4, 7 * pi / 4)],
    }
    if count == 4:
        region = canvas.region()
        region.polygon(ellipse(128, 128, 20, 20))
        canvas.paint(region, concrete(rng))
    for x, y, angle, reach in layouts[count]:
        _diamond(canvas, x, y, angle, reach)
    grove = scatter(rng, 70 if count == 1 else 40, 9, lambda u, v: canvas.is_free(u, v, 5))
    trees(canvas, grove, 5.5)
    where = Thing("baseball field", count, ("fan-shaped",), "", "middle" if count != 2 else None)
    return Scene(
        kind="baseball field",
        subject=where,
        parts=(
            Thing(
                "infield",
                count,
                ("brown", "sandy"),
                "at the tip of the field" if count == 1 else "at the tips of the fields",
            ),
            Thing("lawn", None, ("green", "mown"), "in the outfield" if count == 1 else "in the outfields"),
        ),
        surroundings=(
            Thing("tree", len(grove), ("green",), "around the field" if count == 1 else "around the fields"),
        ),
    )


def _diamond(canvas: Canvas, x: float, y: float, angle: float, reach: float) -> None:
    rng = canvas.rng
    clay = surface(rng, ((164, 120, 84), (182, 138, 100)), strength=5)
    fan = [(x, y), *arc(x, y, reach, angle - pi / 4, angle + pi / 4)]
    canvas.occupy(
        [(x - 14 * cos(angle), y - 14 * sin(angle)), *arc(x, y, reach + 6, angle - pi / 4 - 0.1, angle + pi / 4 + 0.1)]
    )
    warning = canvas.region()
    warning.polygon(fan)
    canvas.paint(warning, clay)
    outfield = canvas.region()
    outfield.polygon([(x, y), *arc(x, y, 0.94 * reach, angle - pi / 4 + 0.02, angle + pi / 4 - 0.02)])
    canvas.paint(outfield, mown(rng, reach / 9))
    base = 0.31 * reach
    infield = canvas.region()
    infield.polygon(
        [(x, y), *arc(x + 0.6 * base * cos(angle), y + 0.6 * base * sin(angle), base, angle - 1.35, angle + 1.35)]
    )
    infield.polygon(ellipse(x, y, 0.09 * reach, 0.09 * reach))
    canvas.paint(infield, clay)
    middle = 0.72 * base
    square = canvas.region()
    square.polygon(box(x + middle * cos(angle), y + middle * sin(angle), 0.86 * base, 0.86 * base, angle + pi / 4))
    canvas.paint(square, lawn(rng))
    canvas.disc(x + middle * cos(angle), y + middle * sin(angle), 0.022 * reach, (188, 146, 108))
    for side in (-1, 1):
        foul = angle + side * pi / 4
        canvas.line([(x, y), (x + reach * cos(foul), y + reach * sin(foul))], 0.7, LINE)
        canvas.box(x + base * cos(foul), y + base * sin(foul), 1.8, 1.8, LINE, foul)
        bench = angle + side * (pi / 4 + 0.32)
        canvas.box(x + 0.2 * reach * cos(bench), y + 0.2 * reach * sin(bench), 0.12 * reach, 3, (206, 204, 200), foul)
    canvas.box(x, y, 1.8, 1.8, LINE, angle)
    canvas.outline(fan, 0.6, (196, 196, 190))


def football_field(canvas: Canvas) -> Scene:
    """A football field within a running track, ball courts and a school beside it."""
    rng = canvas.rng
    canvas.fill(grass(rng))
    y = 96.0
    track(canvas, 128, y, 116, 78, 0)
    canvas.occupy(oblong(128, y, 124, 112))
    pitch(canvas, 128, y, 108, 66, 0)
    stand = bool(rng.random() < 0.6)
    if stand:
        halls(canvas, [(128, 26, 110, 12, 0)], ROOF_COLOURS["white"], 4, 0)
        for step in range(4):
            canvas.box(128, 22 + 3 * step, 108, 0.6, (170, 172, 176))
        canvas.occupy(box(128, 26, 116, 18))
    road(canvas, [(-10, 164), (266, 164)], 10)
    courts = int(rng.integers(2, 5))
    colour: Colour = ((64, 104, 150), (60, 122, 92), (166, 86, 70))[int(rng.integers(3))]
    for i in range(courts):
        _basketball_court(canvas, 34 + 36 * i, 207, 30, 52, colour)
    left = 34 + 36 * courts
    school = [((left + 246) / 2, 192.0, 240.0 - left, 22.0, 0.0), ((left + 246) / 2, 234.0, 240.0 - left, 20.0, 0.0)]
    for plan in school:
        canvas.occupy(box(plan[0], plan[1], plan[2] + 8, plan[3] + 8))
    halls(canvas, school, ROOF_COLOURS["grey"], 6)
    grove = scatter(rng, 90, 8, lambda u, v: canvas.is_free(u, v, 4.5))
    trees(canvas, grove, 4.5)
    name = {(64, 104, 150): "blue", (60, 122, 92): "green", (166, 86, 70): "red"}[colour]
    stands = (
        (Thing("stand", 1, ("long", "white"), "along the running track", canvas.frame.zone("top")),) if stand else ()
    )
    return Scene(
        kind="football field",
        subject=Thing("football field", 1, ("green", "striped")),
        parts=(
            Thing("running track", 1, ("red",), "around the football field"),
            *stands,
            Thing("basketball court", courts, (name,), "across the road", canvas.frame.zone("bottom")),
        ),
        surroundings=(
            Thing("school building", 2, ("grey",), "next to the basketball courts"),
            Thing("road", 1, ("straight",), "between the football field and the basketball courts"),
            Thing("tree", len(grove), ("green",)),
        ),
    )


def _basketball_court(canvas: Canvas, x: float, y: float, width: float, length: float, colour: Colour) -> None:
    canvas.box(x, y, width + 3, length + 4, shaded(colour, 0.8))
    canvas.occupy(box(x, y, width + 6, length + 8))
    canvas.box(x, y, width, length, colour)
    canvas.outline(box(x, y, width - 3, length - 3), 0.6, LINE)
    canvas.line([(x - width / 2 + 1.5, y), (x + width / 2 - 1.5, y)], 0.6, LINE)
    canvas.outline(ellipse(x, y, 4, 4), 0.6, LINE)
    for side in (-1, 1):
        canvas.outline(box(x, y + side * (length / 2 - 6), 9, 9), 0.6, LINE)
        canvas.outline(arc(x, y + side * (length / 2 - 2), 11, 0, -side * pi), 0.6, LINE)


def tennis_court(canvas: Canvas) -> Scene:
    """Rows of tennis courts with a clubhouse and trees."""
    rng = canvas.rng
    canvas.fill(grass(rng))
    columns, rows = int(rng.integers(3, 5)), int(rng.integers(1, 3))
    inner, outer, word, ground = (
        ((66, 106, 158), (92, 138, 96), "blue", "green"),
        ((96, 142, 98), (158, 90, 70), "green", "red"),
        ((186, 110, 78), (160, 92, 68), "red", "reddish"),
    )[int(rng.integers(3))]
    width, length = 34.0, 72.0
    left, top = 128 - columns * 46 / 2 + 23, (146 if rows == 1 else 120) - (rows - 1) * 46.0
    middle = top + (rows - 1) * 46
    area = box(128, middle, columns * 46 + 6, rows * 92 + 2)
    canvas.polygon(area, outer)
    canvas.outline(area, 0.8, (70, 80, 72))
    canvas.occupy(box(128, middle, columns * 46 + 14, rows * 92 + 10))
    for i in range(columns):
        for j in range(rows):
            _tennis_lines(canvas, left + 46 * i, top + 92 * j, width, length, inner)
    house_y, side = (232.0, BOTTOM) if rows == 2 else (40.0, TOP)
    canvas.polygon(box(128, house_y, 250, 26), (188, 184, 176))
    canvas.occupy(box(128, house_y, 256, 30))
    roof = ("red", "grey", "white")[int(rng.integers(3))]
    halls(canvas, [(82, house_y, 54, 18, 0)], ROOF_COLOURS[roof], 4)
    parked = [(140 + 7.0 * i, house_y, pi / 2) for i in range(14) if rng.random() < 0.65]
    cars(canvas, parked, 8)
    grove = scatter(rng, 80, 9, lambda u, v: canvas.is_free(u, v, 5))
    trees(canvas, grove, 5.5)
    return Scene(
        kind="tennis court",
        subject=Thing("tennis court", columns * rows, (word,), "side by side" if rows == 1 else "in two rows"),
        parts=(Thing("ground", None, (ground,), "around the courts"),),
        surroundings=(
            Thing("clubhouse", 1, (roof + "-roofed",), "next to the courts", canvas.frame.zone(side)),
            Thing("car", len(parked), ("parked",), "beside the clubhouse"),
            Thing("tree", len(grove), ("green",), "around the courts"),
        ),
    )


def _tennis_lines(canvas: Canvas, x: float, y: float, width: float, length: float, colour: Colour) -> None:
    canvas.box(x, y, width, length, colour)
    canvas.outline(box(x, y, width, length), 0.7, LINE)
    inner = width * 0.75
    for side in (-1, 1):
        canvas.line([(x + side * inner / 2, y - length / 2), (x + side * inner / 2, y + length / 2)], 0.6, LINE)
        canvas.line([(x - inner / 2, y + side * length * 0.27), (x + inner / 2, y + side * length * 0.27)], 0.6, LINE)
    canvas.line([(x, y - length * 0.27), (x, y + length * 0.27)], 0.6, LINE)
    canvas.line([(x - width / 2 - 2, y + 0.6), (x + width / 2 + 2, y + 0.6)], 0.9, (40, 44, 48))
    canvas.line([(x - width / 2 - 2, y), (x + width / 2 + 2, y)], 0.5, WHITE)
