"""Scenes of towns: houses dense and sparse, apartment blocks, a church, a square."""

from __future__ import annotations

import itertools
from math import cos, hypot, pi, sin

from trsllava.sample.canvas import Canvas
from trsllava.sample.scenes import Scene, Thing
from trsllava.sample.shapes import Path, Point, blob, box, ellipse, placed, scatter, smooth
from trsllava.sample.textures import Colour, concrete, grass, shaded, surface, varied, water
from trsllava.sample.things import (
    ASPHALT,
    GREENS,
    ROOF_COLOURS,
    Plan,
    cars,
    halls,
    house,
    houses,
    road,
    traffic,
    trees,
)


def dense_residential(canvas: Canvas) -> Scene:
    """Blocks of houses, wall to wall, between narrow streets."""
    rng = canvas.rng
    canvas.fill(concrete(rng))
    roof = str(rng.choice(["red", "grey", "brown"]))
    roads_down = [float(rng.uniform(74, 92)), float(rng.uniform(160, 182))]
    roads_across = [float(rng.uniform(58, 74)), float(rng.uniform(124, 138)), float(rng.uniform(190, 206))]
    for y in roads_across:
        road(canvas, [(-10, y), (266, y)], 8, marked=False)
    for x in roads_down:
        road(canvas, [(x, -10), (x, 266)], 10)
    plans = []
    columns, rows = [-12.0, *roads_down, 268.0], [-16.0, *roads_across, 272.0]
    for left, right in itertools.pairwise(columns):
        for top, bottom in itertools.pairwise(rows):
            plans += _block(canvas, left + 7, right - 7, top + 6, bottom - 6)
    houses(canvas, plans, ROOF_COLOURS[roof])
    moving = traffic(canvas, [(roads_down[0], -10), (roads_down[0], 266)], 2.5, 26, 6)
    moving += traffic(canvas, [(roads_down[1], -10), (roads_down[1], 266)], 2.5, 26, 6)
    for x, y, width, depth, _ in plans:
        canvas.occupy(box(x, y, width, depth))
    grove = scatter(rng, 60, 7, lambda u, v: canvas.is_free(u, v, 2.2))
    trees(canvas, grove, 2.8)
    return Scene(
        kind="dense residential",
        subject=Thing("dense residential area"),
        parts=(
            Thing("house", len(plans), (roof + "-roofed",), "packed close together"),
            Thing("street", 5, ("narrow",), "between the houses"),
            Thing("car", moving, (), "on the streets"),
        ),
        surroundings=(Thing("tree", len(grove), ("small", "green"), "in the courtyards"),),
    )


def _block(canvas: Canvas, left: float, right: float, top: float, bottom: float) -> list[Plan]:
    rng = canvas.rng
    plans = []
    for side in (0, 1):
        x = left
        while x < right - 8:
            width = min(float(rng.uniform(11, 19)), right - x)
            depth = float(rng.uniform(0.34, 0.46)) * (bottom - top)
            y = top + depth / 2 if side == 0 else bottom - depth / 2
            if 4 < x + width / 2 < 252 and 2 < y < 254:
                plans.append((x + width / 2, y, width - 1.2, depth, 0.0))
            x += width
    return plans


def sparse_residential(canvas: Canvas) -> Scene:
    """A few houses far apart on lawns, along a winding road, with many trees."""
    rng = canvas.rng
    canvas.fill(grass(rng))
    bend = float(rng.uniform(90, 166))
    path = smooth([(-10, 150), (70, bend + 20), (150, 256 - bend), (266, 118)], 4)
    road(canvas, path, 11, verge=(172, 160, 134))
    count = int(rng.integers(3, 7))
    plans: list[Plan] = []
    for _ in range(60):
        x, y = float(rng.uniform(34, 222)), float(rng.uniform(30, 226))
        # Neighbours stand far apart, also along the road, so that no drive runs across another garden.
        if len(plans) < count and canvas.is_free(x, y, 26) and all(_apart(path, (x, y), p[:2]) for p in plans):
            plans.append((x, y, 28.0, 19.0, float(rng.choice([0, pi / 2])) + float(rng.normal(0, 0.2))))
    roof = str(rng.choice(["red", "grey", "brown", "white"]))
    pools = 0
    for x, y, _, _, angle in plans:
        nearest = _foot(path, (x, y))
        canvas.line([(x, y), nearest], 4.5, (176, 168, 152))
        canvas.occupy_line([(x, y), nearest], 9)
        yard = canvas.region()
        yard.polygon(blob(rng, x, y, 30, 26, 0.15))
        yard.blur(1.5)
        canvas.paint(yard, surface(rng, ((104, 140, 70), (122, 154, 84)), strength=5), 0.75)
        canvas.line([(x, y), nearest], 4.5, (176, 168, 152))
        canvas.occupy(ellipse(x, y, 24, 22))
        if rng.random() < 0.4:
            u, v = placed([(-19, 8)], x, y, angle)[0]
            canvas.ellipse(u, v, 6.5, 4.5, (214, 210, 200), angle)
            canvas.ellipse(u, v, 5.5, 3.6, (84, 172, 200), angle)
            pools += 1
    houses(canvas, [(x, y, w, d, a) for x, y, w, d, a in plans], ROOF_COLOURS[roof])
    annexes = [(*placed([(8, 13)], x, y, a)[0], 13.0, 12.0, a) for x, y, _, _, a in plans]
    houses(canvas, annexes, ROOF_COLOURS[roof])
    grove = scatter(rng, 150, 9, lambda u, v: canvas.is_free(u, v, 4))
    trees(canvas, grove, 6)
    swimming = (Thing("swimming pool", pools, ("blue",), "beside the houses"),) if pools else ()
    return Scene(
        kind="sparse residential",
        subject=Thing("sparse residential area"),
        parts=(
            Thing("house", len(plans), (roof + "-roofed",), "far apart on green lawns"),
            *swimming,
            Thing("road", 1, ("winding",), "between the houses"),
        ),
        surroundings=(Thing("tree", len(grove), ("green",), "around the houses"),),
    )


def _foot(path: Path, point: Point) -> Point:
    return min(path, key=lambda p: hypot(p[0] - point[0], p[1] - point[1]))


def _apart(path: Path, a: Point, b: Point) -> bool:
    (ax, ay), (bx, by) = _foot(path, a), _foot(path, b)
    same_side = (a[0] - ax) * (b[0] - bx) + (a[1] - ay) * (b[1] - by) > 0
    return hypot(a[0] - b[0], a[1] - b[1]) > 55 and (not same_side or hypot(ax - bx, ay - by) > 55)


def apartment_blocks(canvas: Canvas) -> Scene:
    """Long tall buildings in parallel rows with long shadows."""
    rng = canvas.rng
    canvas.fill(grass(rng))
    road(canvas, [(128, -10), (128, 266)], 14)
    rows = int(rng.integers(3, 6))
    roof = str(rng.choice(["white", "grey", "red"]))
    pitch = 256 / rows
    plans = []
    for i in range(rows):
        y = (i + 0.42) * pitch
        for x, width in ((61.0, 96.0), (195.0, 96.0)):
            plans.append((x, y, width, 17.0, 0.0))
            canvas.polygon(box(x, y + 15, 104, 9), (164, 162, 158))
            canvas.occupy(box(x, y + 6, 106, 34))
            cars(canvas, [(x - 46 + 5.0 * k, y + 15.5, pi / 2) for k in range(19) if rng.random() < 0.6], 6.5)
    canvas.cast([(box(*plan), 16) for plan in plans], 0.45)
    halls(canvas, plans, ROOF_COLOURS[roof], 4, 8)
    for x, y, width, _, _ in plans:
        for k in range(-2, 3):
            canvas.line([(x + k * width / 5.2, y - 8), (x + k * width / 5.2, y + 8)], 0.5, (150, 148, 146))
    moving = traffic(canvas, [(128, -10), (128, 266)], 3.4, 26, 7)
    grove = scatter(rng, 110, 7, lambda u, v: canvas.is_free(u, v, 3))
    trees(canvas, grove, 4)
    return Scene(
        kind="apartment blocks",
        subject=Thing("apartment block", len(plans), ("tall", roof + "-roofed"), "in parallel rows"),
        parts=(
            Thing("parking strip", len(plans), ("narrow",), "in front of the apartment blocks"),
            Thing("road", 1, ("straight",), "between the apartment blocks", canvas.frame.zone("middle")),
            Thing("car", moving, (), "on the road"),
        ),
        surroundings=(Thing("tree", len(grove), ("green",), "on the lawns"),),
    )


def church(canvas: Canvas) -> Scene:
    """A cross-shaped church with a tower on a paved square, town houses around."""
    rng = canvas.rng
    canvas.fill(surface(rng, ((182, 172, 156), (198, 188, 172)), cells=10, strength=5))
    for k in range(0, 256, 8):
        canvas.line([(k, 0), (k, 256)], 0.3, (172, 164, 150))
        canvas.line([(0, k), (256, k)], 0.3, (172, 164, 150))
    roof = str(rng.choice(["red", "grey", "brown"]))
    colour = varied(rng, ROOF_COLOURS[roof][0], 6)
    nave, cross = (128.0, 132.0, 108.0, 32.0, 0.0), (142.0, 132.0, 28.0, 80.0, 0.0)
    apse = ellipse(182, 132, 16, 16)
    tower = box(70, 132, 26, 26)
    canvas.cast([(box(*nave), 9), (box(*cross), 9), (apse, 7), (tower, 26)], 0.5)
    canvas.polygon(apse, shaded(colour, 0.92))
    house(canvas, *nave, colour)
    house(canvas, *cross, colour)
    for t in (pi / 4, -pi / 4, 3 * pi / 4, -3 * pi / 4):
        canvas.line([(142, 132), (142 + 16 * cos(t), 132 + 16 * sin(t))], 0.5, shaded(colour, 0.85))
    spire: Colour = (92, 140, 122) if rng.random() < 0.5 else (112, 112, 120)
    for t in range(4):
        a = t * pi / 2
        side = [
            (0.0, 0.0),
            (13 * cos(a) - 13 * sin(a), 13 * sin(a) + 13 * cos(a)),
            (13 * cos(a) + 13 * sin(a), 13 * sin(a) - 13 * cos(a)),
        ]
        light = canvas.sunlight([(0, 0), (cos(a), sin(a))])
        canvas.polygon(placed(side, 70, 132), shaded(spire, light))
    canvas.occupy(box(128, 132, 168, 108))
    size = 30.0
    plans = []
    for i in range(9):
        plans += [(i * size + 8, 14.0, size - 2, 28.0, 0.0), (i * size + 8, 246.0, size - 2, 28.0, 0.0)]
    sides = [(-1.0, 4), (257.0, 4)]
    for x, count in sides:
        plans += [(x, 62.0 + i * 46, 30.0, 42.0, 0.0) for i in range(count)]
    town = str(rng.choice(["red", "brown"]))
    houses(canvas, plans, ROOF_COLOURS[town])
    for plan in plans:
        canvas.occupy(box(plan[0], plan[1], plan[2] + 8, plan[3] + 8))
    beds = [(58.0, 72.0), (206.0, 72.0), (58.0, 192.0), (206.0, 192.0)]
    for x, y in beds:
        bed = canvas.region()
        bed.polygon(box(x, y, 46, 30))
        canvas.paint(bed, surface(rng, ((96, 130, 64), (112, 146, 76)), strength=5))
    grove = [(x + dx, y + dy) for x, y in beds for dx in (-14, 0, 14) for dy in (-7, 7)]
    trees(canvas, grove, 6)
    return Scene(
        kind="church",
        subject=Thing("church", 1, ("large", "cross-shaped"), "on a paved square", "middle"),
        parts=(
            Thing("roof", 1, (roof,), "over the nave"),
            Thing("tower", 1, ("tall",), "at one end of the church"),
        ),
        surroundings=(
            Thing("house", len(plans), (town + "-roofed",), "around the square"),
            Thing("lawn", len(beds), ("small",), "at the corners of the square"),
            Thing("tree", len(grove), ("green",), "on the lawns"),
        ),
    )


def square(canvas: Canvas) -> Scene:
    """A symmetrical square with a fountain, paths, lawns and flower beds, large buildings around."""
    rng = canvas.rng
    canvas.fill(surface(rng, ((196, 186, 168), (210, 200, 184)), cells=10, strength=4))
    round_square = bool(rng.random() < 0.5)
    arms = int(rng.choice([4, 6, 8])) if round_square else 4
    outer = ellipse(128, 128, 88, 88) if round_square else box(128, 128, 168, 168)
    green = canvas.region()
    green.polygon(outer)
    start = pi / arms if round_square else 0.0
    for i in range(arms if round_square else 8):
        t = start + 2 * pi * i / (arms if round_square else 8)
        green.cut(placed(box(70, 0, 140, 9), 128, 128, t))
    green.cut(ellipse(128, 128, 34, 34))
    canvas.paint(green, surface(rng, ((92, 130, 62), (110, 146, 76)), strength=5))
    canvas.outline(outer, 1.2, (226, 218, 204))
    beds = arms if round_square else 8
    for i in range(beds):
        t = start + 2 * pi * (i + 0.5) / beds
        colour: Colour = ((196, 66, 78), (222, 176, 66), (184, 104, 170))[i % 3]
        canvas.ellipse(128 + 50 * cos(t), 128 + 50 * sin(t), 7, 5, varied(rng, colour, 6), t)
    canvas.disc(128, 128, 18, (222, 218, 208))
    basin = canvas.region()
    basin.polygon(ellipse(128, 128, 15, 15))
    canvas.paint(basin, water(rng, ((66, 132, 160), (92, 158, 182))))
    canvas.disc(128, 128, 4.5, (206, 226, 232))
    canvas.disc(128, 128, 2, (246, 250, 250))
    reach = 76.0 if round_square else 74.0
    if round_square:
        n = 24
        ring = [
            (128 + reach * cos(2 * pi * (i + 0.5) / n), 128 + reach * sin(2 * pi * (i + 0.5) / n)) for i in range(n)
        ]
    else:
        steps = [-74.0, -56.0, -38.0, -20.0, 20.0, 38.0, 56.0, 74.0]
        ring = [(128 + s, 128 + side * reach) for s in steps for side in (-1, 1)]
        ring += [(128 + side * reach, 128 + s) for s in steps[1:-1] for side in (-1, 1)]
    trees(canvas, ring, 5, GREENS)
    for x, y, across in ((128.0, 31.0, True), (128.0, 225.0, True), (31.0, 128.0, False), (225.0, 128.0, False)):
        canvas.box(x, y, 270 if across else 14, 14 if across else 270, ASPHALT)
    moving = 0
    for x in (31.0, 225.0):
        moving += traffic(canvas, [(x, -8), (x, 264)], 3.4, 24, 6.5)
    roof = str(rng.choice(["red", "grey", "brown"]))
    plans = [(x, y, 92.0, 24.0, 0.0) for x in (76.0, 180.0) for y in (8.0, 248.0)]
    plans += [(x, y, 24.0, 92.0, 0.0) for x in (8.0, 248.0) for y in (76.0, 180.0)]
    halls(canvas, plans, ROOF_COLOURS[roof], 7, 6)
    return Scene(
        kind="square",
        subject=Thing("square", 1, ("round" if round_square else "large", "paved"), zone="middle"),
        parts=(
            Thing("fountain", 1, ("round",), "at the centre of the square"),
            Thing("flower bed", beds, ("colourful",), "around the fountain"),
            Thing("tree", len(ring), ("green",), "along the border of the square"),
        ),
        surroundings=(
            Thing("building", len(plans), (roof + "-roofed",), "around the square"),
            Thing("street", 4, (), "around the square"),
            Thing("car", moving, (), "on the streets"),
        ),
    )
