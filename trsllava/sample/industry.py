"""Scenes of industry and energy: storage tanks, factories, a solar farm."""

from __future__ import annotations

from math import cos, pi, sin

from trsllava.sample.canvas import Canvas
from trsllava.sample.phrases import NUMBERS
from trsllava.sample.scenes import Scene, Thing
from trsllava.sample.shapes import box, ellipse, scatter
from trsllava.sample.textures import Colour, concrete, grass, shaded, soil, surface, varied
from trsllava.sample.things import ROOF_COLOURS, WHITE, cars, container_colour, halls, ribbed, road, trees


def storage_tanks(canvas: Canvas) -> Scene:
    """Round white tanks in rows within earthen walls, pipelines between them."""
    rng = canvas.rng
    canvas.fill(surface(rng, ((168, 158, 140), (184, 174, 156)), cells=8, strength=6))
    columns, rows = ((2, 2), (3, 2), (3, 3), (4, 3), (4, 4))[int(rng.integers(5))]
    pitch = min(216 / columns, 196 / rows)
    radius = 0.34 * pitch
    left, top = 128 - (columns - 1) * pitch / 2, 112 - (rows - 1) * pitch / 2
    spots = [(left + i * pitch, top + j * pitch) for i in range(columns) for j in range(rows)]
    wall = 0.94 * pitch
    for x, y in spots:
        canvas.cast([(box(x, y, wall, wall), 1.2)], 0.35)
        canvas.box(x, y, wall, wall, (158, 142, 116))
        canvas.box(x, y, wall - 5, wall - 5, (186, 174, 152))
    for j in range(rows):
        y = top + j * pitch + 0.47 * pitch
        for k in (-1.2, 1.2):
            canvas.line([(0, y + k), (256, y + k)], 1.0, (206, 204, 198))
    for x, y in spots:
        canvas.line([(x, y), (x, y + 0.47 * pitch)], 1.4, (204, 202, 196))
    canvas.cast([(ellipse(x, y, radius, radius), 0.32 * radius + 3) for x, y in spots], 0.55)
    white = bool(rng.random() < 0.75)
    base: Colour = WHITE if white else (176, 182, 188)
    for x, y in spots:
        _tank(canvas, x, y, radius, varied(rng, base, 4))
    road_y = top + (rows - 0.5) * pitch + 16
    road(canvas, [(-10, road_y), (266, road_y)], 11)
    trucks = int(rng.integers(1, 5))
    for i in range(trucks):
        x = 30 + 58 * i + float(rng.uniform(-8, 8))
        canvas.cast([(box(x, road_y - 2.6, 17, 4), 1.5)], 0.5)
        canvas.box(x, road_y - 2.6, 12.5, 4, (232, 232, 230))
        canvas.box(x + 8.4, road_y - 2.6, 3.6, 3.8, (176, 50, 44))
    for x, y in spots:
        canvas.occupy(box(x, y, wall + 4, wall + 4))
    bushes = scatter(rng, 40, 9, lambda u, v: canvas.is_free(u, v, 5))
    trees(canvas, bushes, 4)
    green = (Thing("bush", len(bushes), ("green",), "at the edge"),) if len(bushes) > 1 else ()
    return Scene(
        kind="storage tanks",
        subject=Thing("storage tank", len(spots), ("round", "white" if white else "grey"), f"in {NUMBERS[rows]} rows"),
        parts=(
            Thing("wall", len(spots), ("low", "earthen"), "around the storage tanks"),
            Thing("pipeline", 2 * rows, ("straight",), "between the storage tanks"),
        ),
        surroundings=(
            Thing("road", 1, ("grey",), "beside the storage tanks", canvas.frame.zone("bottom")),
            Thing("tank truck", trucks, ("white",), "on the road"),
            *green,
        ),
    )


def _tank(canvas: Canvas, x: float, y: float, radius: float, colour: Colour) -> None:
    lx, ly = canvas.lit
    canvas.disc(x, y, radius, shaded(colour, 0.8))
    canvas.disc(x, y, 0.95 * radius, colour)
    canvas.disc(x - 0.06 * radius * lx, y - 0.06 * radius * ly, 0.86 * radius, shaded(colour, 0.93))
    canvas.disc(x + 0.03 * radius * lx, y + 0.03 * radius * ly, 0.78 * radius, shaded(colour, 0.985))
    for i in range(12):
        t = pi * i / 6
        canvas.line([(x, y), (x + 0.92 * radius * cos(t), y + 0.92 * radius * sin(t))], 0.35, shaded(colour, 0.88))
    canvas.disc(x, y, 0.1 * radius, shaded(colour, 0.82))


def industrial_area(canvas: Canvas) -> Scene:
    """Large factory halls in rows, chimneys, trucks and containers in the yard."""
    rng = canvas.rng
    canvas.fill(concrete(rng))
    road(canvas, [(-10, 130), (266, 130)], 14)
    road(canvas, [(140, -10), (140, 266)], 12)
    word = str(rng.choice(["blue", "white", "grey", "red"]))
    cells = [(66.0, 60.0), (202.0, 60.0), (66.0, 200.0)]
    plans = []
    for x, y in cells:
        depth, count = (92.0 / 2 - 3, 2) if rng.random() < 0.6 else (96.0, 1)
        for k in range(count):
            offset = (k - (count - 1) / 2) * 49
            plans.append((x, y + offset, 106.0 if x < 128 else 92.0, depth, 0.0))
    canvas.cast([(box(*plan), 7) for plan in plans], 0.5)
    for plan in plans:
        colour = varied(rng, ROOF_COLOURS[word][int(rng.integers(3))], 6)
        ribbed(canvas, *plan, colour)
        for k in range(3):
            canvas.box(plan[0] - 30 + 30 * k, plan[1], 14, 3, shaded(colour, 1.3))
    chimneys = int(rng.integers(1, 4))
    stacks = [(164.0 + 18 * i, 158.0) for i in range(chimneys)]
    canvas.cast([(ellipse(x, y, 4, 4), 34) for x, y in stacks], 0.5)
    for x, y in stacks:
        canvas.disc(x, y, 5.4, (196, 190, 184))
        canvas.disc(x, y, 4.2, (186, 70, 58))
        canvas.disc(x, y, 2.6, (52, 50, 52))
    stacked = 0
    for i in range(10):
        for j in range(6):
            if rng.random() < 0.75:
                canvas.box(160 + 9.2 * i, 190 + 5.2 * j, 8.6, 4.4, container_colour(canvas))
                stacked += 1
    trucks = int(rng.integers(2, 6))
    for i in range(trucks):
        x = 158 + 20.0 * i
        canvas.cast([(box(x, 236, 5, 17), 1.8)], 0.5)
        canvas.box(x, 238, 4.6, 13, (228, 228, 226))
        canvas.box(x, 229.5, 4.4, 3.4, (60, 96, 150))
    spots = [(20 + 7.0 * i, 130 + (3.6 if i % 2 else -3.6), 0.0) for i in range(33) if rng.random() < 0.25]
    cars(canvas, spots, 6)
    edge = [(float(x), 250.0) for x in range(8, 130, 10)] + [(float(x), 3.0) for x in range(8, 252, 10)]
    trees(canvas, edge, 4.5)
    return Scene(
        kind="industrial area",
        subject=Thing("industrial area"),
        parts=(
            Thing("factory hall", len(plans), ("large", word + "-roofed"), "along the roads"),
            Thing("chimney", chimneys, ("tall", "red"), "beside the yard", canvas.frame.zone("bottom right")),
            Thing("container", stacked, ("colourful",), "in the yard", canvas.frame.zone("bottom right")),
            Thing("truck", trucks, ("white",), "parked in the yard"),
        ),
        surroundings=(
            Thing("road", 2, ("straight",), "crossing between the factory halls"),
            Thing("tree", len(edge), ("green",), "at the edge"),
        ),
    )


def solar_farm(canvas: Canvas) -> Scene:
    """Blocks of dark blue solar panels in parallel rows on dry ground."""
    rng = canvas.rng
    dry = bool(rng.random() < 0.5)
    canvas.fill(soil(rng) if dry else grass(rng))
    columns, rows = int(rng.integers(2, 4)), int(rng.integers(2, 4))
    track: Colour = (196, 178, 148)
    width, height = 236 / columns, 228 / rows
    for i in range(columns + 1):
        canvas.line([(10 + i * width, 10), (10 + i * width, 10 + rows * height)], 4.5, track)
    for j in range(rows + 1):
        canvas.line([(10, 10 + j * height), (246, 10 + j * height)], 4.5, track)
    for i in range(columns):
        for j in range(rows):
            _panels(canvas, 10 + i * width + 7, 10 + j * height + 7, width - 14, height - 14)
    cabins = [(10 + (i + 1) * width, 10 + (j + 0.5) * height) for i in range(columns - 1) for j in range(rows)]
    halls(canvas, [(x, y, 6.0, 9.0, 0.0) for x, y in cabins], ROOF_COLOURS["white"], 3, 0)
    canvas.occupy(box(128, 124, 246, 238))
    edge = scatter(rng, 30, 8, lambda u, v: canvas.is_free(u, v, 2.5))
    trees(canvas, edge, 3)
    ground = (
        Thing("bare soil", None, ("brown",), "between the blocks")
        if dry
        else Thing("grass", None, ("green",), "between the blocks")
    )
    return Scene(
        kind="solar farm",
        subject=Thing("solar farm", 1, ("large",)),
        parts=(
            Thing("block of solar panels", columns * rows, ("dark blue",), "in parallel rows"),
            Thing("cabin", len(cabins), ("small", "white"), "between the blocks"),
            Thing("track", columns + rows + 2, ("narrow", "sandy"), "around the blocks"),
        ),
        surroundings=(ground,),
    )


def _panels(canvas: Canvas, x: float, y: float, width: float, height: float) -> None:
    rng = canvas.rng
    rows = int(height // 7)
    tables = [box(x + width / 2, y + (k + 0.5) * height / rows, width, 4.6) for k in range(rows)]
    canvas.cast([(table, 1.6) for table in tables], 0.5)
    for k, table in enumerate(tables):
        colour = varied(rng, (44, 66, 112), 4)
        canvas.polygon(table, colour)
        middle = y + (k + 0.5) * height / rows
        canvas.line([(x, middle - 1.6), (x + width, middle - 1.6)], 0.7, shaded(colour, 1.5))
        for u in range(6, int(width), 6):
            canvas.line([(x + u, middle - 2.2), (x + u, middle + 2.2)], 0.3, shaded(colour, 1.7))
