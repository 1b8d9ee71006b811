"""Scenes by the water: bridge, river, beach, island, lake."""

from __future__ import annotations

from math import cos, hypot, pi, sin

import numpy as np

from trsllava.sample.canvas import Canvas
from trsllava.sample.scenes import Scene, Thing
from trsllava.sample.shapes import blob, box, ellipse, inside, scatter, smooth
from trsllava.sample.textures import (
    Colour,
    coloured,
    fractal,
    grass,
    grid,
    lawn,
    sand,
    shaded,
    speckled,
    surface,
    to_bytes,
    water,
)
from trsllava.sample.things import (
    ROOF_COLOURS,
    WHITE,
    Plan,
    boats,
    houses,
    palms,
    road,
    traffic,
    trees,
)


def bridge(canvas: Canvas) -> Scene:
    """A bridge across a wide river, cars on it, houses and trees on the banks."""
    rng = canvas.rng
    canvas.fill(grass(rng))
    muddy = bool(rng.random() < 0.35)
    palette: tuple[Colour, ...] = (
        ((122, 108, 80), (142, 126, 96)) if muddy else ((34, 66, 84), (48, 84, 100), (58, 94, 108))
    )
    middle = [(-12.0, 128 + float(rng.uniform(-12, 12))), (80.0, 128 + float(rng.uniform(-14, 14)))]
    middle += [(176.0, 128 + float(rng.uniform(-14, 14))), (268.0, 128 + float(rng.uniform(-12, 12)))]
    path = smooth(middle, 4)
    width = float(rng.uniform(98, 122))
    bank = canvas.region()
    bank.line(path, width + 9)
    canvas.paint(bank, surface(rng, ((170, 152, 120), (186, 170, 138)), strength=5))
    river = canvas.region()
    river.line(path, width)
    canvas.paint(river, water(rng, palette))
    canvas.occupy_line(path, width + 14)
    x = float(rng.uniform(100, 156))
    way = [(x, -14.0), (x, 270.0)]
    top, bottom = 128 - width / 2 - 14, 128 + width / 2 + 14
    road(canvas, way, 22)
    piers = 4
    canvas.cast([(box(x, 128, 25, bottom - top), 8)], 0.45)
    for i in range(piers):
        y = 128 - width / 2 + (i + 0.5) * width / piers
        canvas.ellipse(x, y, 19, 4, (158, 156, 150))
    canvas.box(x, 128, 26, bottom - top, (206, 204, 198))
    canvas.box(x, 128, 22.5, bottom - top, (112, 112, 114))
    for y in np.arange(top, bottom, 8).tolist():
        canvas.box(x, y, 0.6, 4, WHITE)
    moving = traffic(canvas, way, 5.2, 24, 8)
    spots = [u for u in (26.0, 68.0, 190.0, 226.0)[: int(rng.integers(0, 5))] if abs(u - x) > 34]
    boats(canvas, [(u, 128 + float(rng.uniform(-20, 20)), 22.0, float(rng.uniform(-0.3, 0.3))) for u in spots])
    plots = scatter(rng, 26, 25, lambda u, v: canvas.is_free(u, v, 12), (10, 10, 246, 246))
    roof = str(rng.choice(["red", "grey", "brown"]))
    plans = [(u, v, 18.0, 13.0, float(rng.normal(0, 0.1))) for u, v in plots]
    for plan in plans:
        canvas.occupy(box(plan[0], plan[1], 24, 19))
    houses(canvas, plans, ROOF_COLOURS[roof])
    grove = scatter(rng, 110, 8, lambda u, v: canvas.is_free(u, v, 4))
    trees(canvas, grove, 4.8)
    return Scene(
        kind="bridge",
        subject=Thing("bridge", 1, ("long", "straight"), "across a wide river"),
        parts=(
            Thing("car", moving, (), "on the road and the bridge"),
            Thing("river", 1, ("wide", "muddy" if muddy else "blue"), "below the bridge", "middle"),
            *((Thing("boat", len(spots), ("white",), "on the river"),) if spots else ()),
        ),
        surroundings=(
            *((Thing("house", len(plans), (roof + "-roofed",), "on both banks"),) if _on_both(plans) else ()),
            Thing("tree", len(grove), ("green",), "on the banks"),
        ),
    )


def _on_both(plans: list[Plan]) -> bool:
    return len({y > 128 for _, y, *_ in plans}) == 2


def river(canvas: Canvas) -> Scene:
    """A river winding through meadows and woods, with sandbars in its bends."""
    rng = canvas.rng
    canvas.fill(grass(rng))
    swing = float(rng.uniform(34, 58)) * float(rng.choice([-1, 1]))
    nodes = [
        (-40.0, 128.0),
        (20.0, 128 + swing),
        (90.0, 128 - 1.3 * swing),
        (168.0, 128 + 1.3 * swing),
        (236.0, 128 - swing),
        (296.0, 128.0),
    ]
    path = smooth(nodes, 5)
    width = float(rng.uniform(22, 34))
    muddy = bool(rng.random() < 0.4)
    palette: tuple[Colour, ...] = (
        ((124, 110, 84), (144, 130, 100)) if muddy else ((38, 74, 88), (54, 92, 102), (64, 102, 110))
    )
    damp = canvas.region()
    damp.line(path, width + 5)
    damp.blur(1)
    canvas.paint(damp, surface(rng, ((112, 112, 76), (134, 130, 92))), 0.8)
    stream = canvas.region()
    stream.line(path, width)
    # A river drops its sand on the inner side of a bend: towards the line around which it swings.
    bends = [
        b
        for a, b, c in zip(path, path[1:], path[2:], strict=False)
        if (b[1] - a[1]) * (c[1] - b[1]) <= 0 and 8 < b[0] < 248
    ]
    bars = [(x, y - 0.4 * width * (1 if y > 128 else -1)) for x, y in bends if 24 < x < 232 and rng.random() < 0.8]
    for x, y in bars:
        bar = canvas.region()
        bar.polygon(blob(rng, x, y, 22, 0.36 * width, 0.15))
        canvas.paint(bar, sand(rng))
        stream.cut(blob(rng, x, y, 20, 0.3 * width, 0.15))
    stream.blur(0.5)
    canvas.paint(stream, water(rng, palette))
    canvas.occupy_line(path, width + 14)
    grove = scatter(rng, 330, 7, lambda u, v: canvas.is_free(u, v, 4) and _wooded(u, v, path, width))
    trees(canvas, grove, 5)
    return Scene(
        kind="river",
        subject=Thing("river", 1, ("winding", "muddy" if muddy else "blue")),
        parts=(
            *((Thing("sandbar", len(bars), ("pale",), "on the inner side of the bends"),) if bars else ()),
            Thing("bend", len(bends), ("wide",), "along the river"),
        ),
        surroundings=(
            Thing("tree", len(grove), ("green",), "on both banks"),
            Thing("grass", None, ("green",), "beyond the trees"),
        ),
    )


def _wooded(x: float, y: float, path: list[tuple[float, float]], width: float) -> bool:
    return min(hypot(x - px, y - py) for px, py in path[::6]) < 1.9 * width


def beach(canvas: Canvas) -> Scene:
    """Sand between green land and the sea, waves along the shore, parasols in rows."""
    rng = canvas.rng
    x, y = grid()
    bend = (
        118
        + 16 * np.sin((x + float(rng.uniform(0, 256))) / float(rng.uniform(44, 70)))
        + 10 * (fractal(rng, 2, 2) - 0.5)
    )
    deep: tuple[Colour, ...] = ((206, 214, 190), (126, 190, 186), (64, 150, 168), (36, 112, 146), (26, 88, 124))
    sea = coloured(np.clip((y - bend) / 120 + 0.05 * fractal(rng, 6, 3), 0, 1).astype(np.float32), deep).astype(
        np.float32
    )
    foam = np.zeros_like(x)
    waves = int(rng.integers(2, 5))
    for k in range(waves):
        line = bend + 5 + 15 * k + 7 * (fractal(rng, 4, 3) - 0.5)
        strength = np.exp(-(((y - line) / (2.4 - 0.3 * k)) ** 2)) * (0.35 + 0.65 * fractal(rng, 8, 3)) * (1 - 0.14 * k)
        foam = np.maximum(foam, strength.astype(np.float32))
    sea = sea * (1 - foam[..., None]) + 248 * foam[..., None]
    shore = np.clip((y - bend) / 2, 0, 1)[..., None]
    dry = sand(rng).astype(np.float32)
    wet = np.clip(1 - (bend - y) / 14, 0, 1)[..., None] * 0.24
    ground = dry * (1 - wet) * (1 - shore) + sea * shore
    green = np.clip((52 + 8 * fractal(rng, 5, 3) - y) / 3, 0, 1)[..., None]
    ground = ground * (1 - green) + grass(rng).astype(np.float32) * green
    canvas.fill(speckled(to_bytes(ground.astype(np.float32)), rng, 2))
    road(canvas, [(-10, 22), (266, 22)], 12, verge=(196, 186, 164))
    moving = traffic(canvas, [(-10, 22), (266, 22)], 3, 34, 7)
    rows = int(rng.integers(1, 4))
    tops: list[tuple[float, float]] = []
    for j in range(rows):
        for px in (16.0 + 15 * i for i in range(16)):
            spot = float(bend[128, int(px)]) - 17 - 13 * j + float(rng.normal(0, 1))
            if rng.random() < 0.85 and spot > 64:
                tops.append((px + float(rng.normal(0, 1.2)), spot))
    canvas.cast([(ellipse(px, py, 3.6, 3.6), 3) for px, py in tops], 0.4)
    for px, py in tops:
        colour: Colour = ((206, 62, 58), (62, 110, 176), (238, 236, 228), (232, 186, 70))[int(rng.integers(4))]
        canvas.disc(px, py, 3.8, colour)
        for k in range(4):
            t = k * pi / 2
            canvas.polygon(
                [(px, py), (px + 3.8 * cos(t), py + 3.8 * sin(t)), (px + 3.8 * cos(t + 0.7), py + 3.8 * sin(t + 0.7))],
                shaded(colour, 1.25 if colour[2] < 200 else 0.88),
            )
    lane = [(px, 42 + float(rng.normal(0, 3))) for px in np.arange(8, 252, 15).tolist()]
    palms(canvas, lane, 7)
    afloat = int(rng.integers(0, 4))
    boats(
        canvas,
        [(44 + 70.0 * i, float(rng.uniform(206, 240)), 18.0, float(rng.uniform(-0.8, 0.8))) for i in range(afloat)],
    )
    return Scene(
        kind="beach",
        subject=Thing("beach", 1, ("sandy",), "between the sea and a road"),
        parts=(
            Thing("parasol", len(tops), ("colourful",), "on the sand"),
            Thing("wave", waves, ("white", "foaming"), "along the shore"),
            *((Thing("boat", afloat, ("small", "white"), "on the water"),) if afloat else ()),
        ),
        surroundings=(
            Thing("sea", 1, ("blue-green",), "", canvas.frame.zone("bottom")),
            Thing("palm tree", len(lane), ("green",), "behind the sand"),
            Thing("road", 1, ("straight",), "behind the palm trees", canvas.frame.zone("top")),
            *((Thing("car", moving, (), "on the road"),) if moving else ()),
        ),
    )


def island(canvas: Canvas) -> Scene:
    """A small island with a beach ring and palm trees in a shallow reef, open sea around."""
    rng = canvas.rng
    x, y = grid()
    cx, cy = 128 + float(rng.uniform(-14, 14)), 128 + float(rng.uniform(-14, 14))
    a, b = float(rng.uniform(44, 62)), float(rng.uniform(36, 52))
    outline = blob(rng, cx, cy, a, b, 0.24)
    land = canvas.region()
    land.polygon(outline)
    reach = np.hypot((x - cx) / (a / b), y - cy) / (b * 2.0) + 0.42 * (fractal(rng, 4, 4) - 0.5)
    reef: tuple[Colour, ...] = ((158, 214, 200), (96, 184, 188), (46, 132, 160), (22, 82, 124), (18, 68, 110))
    canvas.fill(speckled(coloured(np.clip(reach - 0.22, 0, 1).astype(np.float32), reef), rng, 3))
    surf = canvas.region()
    surf.line([*outline, outline[0]], 5)
    surf.blur(1.0)
    canvas.paint(surf, (242, 248, 246), 0.75)
    canvas.paint(land, sand(rng))
    inner = [(cx + 0.8 * (px - cx), cy + 0.8 * (py - cy)) for px, py in outline]
    green = canvas.region()
    green.polygon(inner)
    green.blur(0.8)
    canvas.paint(green, surface(rng, ((84, 112, 56), (106, 130, 70)), strength=7))
    tip = max(outline, key=lambda p: p[0])
    jetty = bool(rng.random() < 0.6)
    huts = int(rng.integers(0, 5))
    if jetty:
        canvas.cast([(box(tip[0] + 18, tip[1], 42, 3.5), 1.5)], 0.4)
        canvas.box(tip[0] + 18, tip[1], 42, 3.5, (168, 138, 104))
        boats(canvas, [(tip[0] + 34, tip[1] + 7, 14.0, 0.0)])
    spots = [(cx + 0.55 * (px - cx), cy + 0.55 * (py - cy)) for px, py in outline[::20]][:huts]
    grove = scatter(
        rng, 90, 7, lambda u, v: inside(u, v, inner) and all(hypot(u - px, v - py) > 11 for px, py in spots)
    )
    houses(canvas, [(px, py, 11.0, 9.0, 0.3 * i) for i, (px, py) in enumerate(spots)], ROOF_COLOURS["brown"])
    palms(canvas, grove, 5.5)
    return Scene(
        kind="island",
        subject=Thing("island", 1, ("small", "green"), "", "middle"),
        parts=(
            Thing("beach", 1, ("narrow", "sandy"), "around the island"),
            Thing("palm tree", len(grove), ("green",), "on the island"),
            *((Thing("hut", len(spots), ("brown",), "among the palm trees"),) if spots else ()),
            *(
                (Thing("jetty", 1, ("wooden",), "on one side of the island", canvas.frame.zone("right")),)
                if jetty
                else ()
            ),
            *((Thing("boat", 1, ("white",), "beside the jetty"),) if jetty else ()),
        ),
        surroundings=(
            Thing("reef", 1, ("turquoise",), "around the island"),
            Thing("sea", 1, ("deep blue",), "around the reef"),
        ),
    )


def lake(canvas: Canvas) -> Scene:
    """A lake among meadows and trees, with a jetty, boats and a path around it."""
    rng = canvas.rng
    canvas.fill(grass(rng))
    a, b = float(rng.uniform(70, 88)), float(rng.uniform(56, 72))
    outline = blob(rng, 128, 128, a, b, 0.2)
    around = [(128 + 1.2 * (x - 128), 128 + 1.24 * (y - 128)) for x, y in outline]
    canvas.outline(around, 3.2, (206, 190, 154))
    canvas.occupy_line([*around, around[0]], 8)
    rim = canvas.region()
    rim.line([*outline, outline[0]], 6)
    rim.blur(1.2)
    canvas.paint(rim, surface(rng, ((118, 112, 76), (140, 132, 94))), 0.8)
    pool = canvas.region()
    pool.polygon(outline)
    dark = bool(rng.random() < 0.5)
    palette: tuple[Colour, ...] = (
        ((30, 54, 52), (42, 70, 64)) if dark else ((40, 82, 108), (56, 102, 124), (70, 116, 134))
    )
    canvas.paint(pool, water(rng, palette))
    islet = bool(rng.random() < 0.4)
    if islet:
        isle = blob(rng, 142, 120, 15, 11, 0.2)
        patch = canvas.region()
        patch.polygon(isle)
        canvas.paint(patch, lawn(rng))
        trees(canvas, [(138, 119), (146, 122)], 5)
    canvas.occupy(outline)
    left = min(outline, key=lambda p: p[0])
    canvas.cast([(box(left[0] + 14, left[1], 36, 4), 1.5)], 0.4)
    canvas.box(left[0] + 14, left[1], 36, 4, (166, 136, 102))
    core = [(128 + 0.6 * (x - 128), 128 + 0.6 * (y - 128)) for x, y in outline]
    afloat = int(rng.integers(1, 5))
    spots = scatter(rng, afloat, 24, lambda u, v: inside(u, v, core) and hypot(u - 142, v - 120) > 27)
    boats(canvas, [(u, v, 14.0, float(rng.uniform(0, 2 * pi))) for u, v in spots])
    house = bool(rng.random() < 0.5)
    grove = scatter(rng, 260, 8, lambda u, v: canvas.is_free(u, v, 5) and not (house and hypot(u - 36, v - 36) < 24))
    if house:
        houses(canvas, [(36, 36, 24, 16, 0.2)], ROOF_COLOURS["red"])
    trees(canvas, grove, 5.5)
    return Scene(
        kind="lake",
        subject=Thing("lake", 1, ("dark green" if dark else "blue",), "", "middle"),
        parts=(
            *((Thing("boat", len(spots), ("small", "white"), "on the lake"),) if spots else ()),
            Thing("jetty", 1, ("wooden",), "at the shore", canvas.frame.zone("left")),
            *((Thing("islet", 1, ("grassy",), "in the lake"),) if islet else ()),
        ),
        surroundings=(
            Thing("path", 1, ("sandy",), "around the lake"),
            Thing("tree", len(grove), ("green",), "around the lake"),
            *((Thing("house", 1, ("red-roofed",), "", canvas.frame.zone("top left")),) if house else ()),
        ),
    )
