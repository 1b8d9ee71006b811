"""Scenes of open land: fields, forest, desert, mountain, golf course."""

from __future__ import annotations

import itertools
from math import cos, pi, sin
from typing import cast

import numpy as np

from trsllava.sample.canvas import Canvas
from trsllava.sample.scenes import Scene, Thing, Zone
from trsllava.sample.shapes import blob, box, ellipse, placed, scatter, smooth
from trsllava.sample.textures import (
    Colour,
    Field,
    Texture,
    coloured,
    fractal,
    grain,
    grass,
    grid,
    sand,
    shaded,
    soil,
    speckled,
    surface,
    to_bytes,
    varied,
    water,
)
from trsllava.sample.things import GREENS, ROOF_COLOURS, houses, trees

CROPS: dict[str, Colour] = {
    "green": (96, 128, 62),
    "yellow": (198, 176, 98),
    "brown": (148, 118, 86),
}


def furrows(rng: np.random.Generator, colour: Colour, angle: float, pitch: float) -> Texture:
    """A crop in parallel rows, `pitch` units apart, with patches that grow worse."""
    x, y = grid()
    across = x * np.float32(-sin(angle)) + y * np.float32(cos(angle)) + 2.5 * fractal(rng, 2, 2)
    rows = 1 + 0.09 * np.sin(2 * np.pi * across / pitch).astype(np.float32)
    patches = 0.86 + 0.26 * fractal(rng, 4, 4)
    return to_bytes(np.asarray(colour, np.float32) * (rows * patches)[..., None] + 4 * grain(rng)[..., None])


def farmland(canvas: Canvas) -> Scene:
    """A patchwork of fields with furrows, a dirt road, a farmhouse and a row of trees."""
    rng = canvas.rng
    canvas.fill(soil(rng))
    tilt = float(rng.uniform(-0.25, 0.25))
    seams = [-70.0]
    while seams[-1] < 320:
        seams.append(seams[-1] + float(rng.uniform(40, 78)))
    words: list[str] = []
    middle = float(rng.uniform(110, 150))
    for left, right in itertools.pairwise(seams):
        split = bool(rng.random() < 0.45)
        bands = [(-60.0, middle - 3), (middle + 3, 320.0)]
        previous = ""
        for top, bottom in bands:
            word = previous if previous and not split else str(rng.choice(list(CROPS)))
            previous = word
            colour = varied(rng, CROPS[word], 9)
            field = canvas.region()
            corners = [(left + 1.2, top), (right - 1.2, top), (right - 1.2, bottom), (left + 1.2, bottom)]
            field.polygon(placed([(u - 128, v - 128) for u, v in corners], 128, 128, tilt))
            if field.share() > 0.01:
                words.append(word)
            angle = tilt + (pi / 2 if rng.random() < 0.7 else 0)
            canvas.paint(field, furrows(rng, colour, angle, float(rng.uniform(4, 8))))
    path = placed([(-200, middle - 128), (200, middle - 128)], 128, 128, tilt)
    canvas.line(path, 7, (188, 166, 130))
    for side in (-1.4, 1.4):
        canvas.line(
            placed([(-200, middle - 128 + side), (200, middle - 128 + side)], 128, 128, tilt), 1.0, (160, 138, 106)
        )
    farm = bool(rng.random() < 0.7)
    x, y = placed([(float(rng.uniform(-80, 80)), middle - 128 - 20)], 128, 128, tilt)[0]
    if farm:
        yard = canvas.region()
        yard.polygon(box(x, y, 54, 32, tilt))
        canvas.paint(yard, surface(rng, ((176, 162, 136), (192, 178, 152)), strength=5))
        plans = [
            (*placed([(-14, -4)], x, y, tilt)[0], 20.0, 12.0, tilt),
            (*placed([(12, 0)], x, y, tilt)[0], 12.0, 20.0, tilt),
        ]
        houses(canvas, plans, ROOF_COLOURS["red"])
    row = [(u, middle - 128 + 9 + float(rng.normal(0, 0.8))) for u in np.arange(-180, 180, 11).tolist()]
    lane = [p for p in placed(row, 128, 128, tilt) if 4 < p[0] < 252 and 4 < p[1] < 252]
    trees(canvas, lane, 4.5)
    names = sorted(set(words), key=words.index)
    return Scene(
        kind="farmland",
        subject=Thing(
            "farmland",
            None,
            (" and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names), "striped"),
        ),
        parts=(
            Thing("field", len(words), ("long",), "side by side"),
            *((Thing("farm building", 2, ("red-roofed",), "beside the dirt road"),) if farm else ()),
            Thing("dirt road", 1, ("straight",), "between the fields"),
        ),
        surroundings=(Thing("tree", len(lane), ("green",), "in a row along the dirt road"),),
    )


def circular_farmland(canvas: Canvas) -> Scene:
    """Round irrigated fields in a grid on dry ground."""
    rng = canvas.rng
    canvas.fill(surface(rng, ((178, 148, 112), (196, 168, 132), (208, 184, 150)), strength=5))
    n = int(rng.integers(2, 4))
    pitch = 256 / n
    radius = 0.46 * pitch
    dark: Colour = (178, 152, 118)
    for k in range(1, n):
        canvas.line([(k * pitch, -5), (k * pitch, 261)], 2.2, dark)
        canvas.line([(-5, k * pitch), (261, k * pitch)], 2.2, dark)
    greens = 0
    spots = [((i + 0.5) * pitch, (j + 0.5) * pitch) for i in range(n) for j in range(n)]
    fallow = int(rng.integers(len(spots))) if len(spots) > 4 else -1
    for index, (x, y) in enumerate(spots):
        circle = canvas.region()
        circle.polygon(ellipse(x, y, radius, radius))
        green = index != fallow
        greens += green
        colour = varied(
            rng, ((84, 122, 56), (104, 138, 66), (72, 106, 54))[int(rng.integers(3))] if green else (168, 140, 96), 9
        )
        canvas.paint(circle, _pivot_crop(canvas, x, y, colour))
        if green and rng.random() < 0.6:
            start, span = float(rng.uniform(0, 2 * pi)), float(rng.uniform(0.5, 1.8))
            steps = [start + span * k / 12 for k in range(13)]
            sector = canvas.region()
            sector.polygon([(x, y), *((x + radius * cos(t), y + radius * sin(t)) for t in steps)])
            canvas.paint(sector, _pivot_crop(canvas, x, y, varied(rng, (142, 150, 82), 8)))
        t = float(rng.uniform(0, 2 * pi))
        canvas.line([(x, y), (x + radius * cos(t), y + radius * sin(t))], 0.9, (226, 226, 220))
        canvas.disc(x, y, 1.6, (226, 226, 220))
    return Scene(
        kind="circular farmland",
        subject=Thing("circular field", len(spots), ("irrigated",), "in a grid"),
        parts=(
            Thing("crop", None, ("green",), "in the circles"),
            Thing("irrigation arm", len(spots), ("thin", "white"), "reaching out from the centre of each field"),
            *(
                (Thing("fallow field", 1, ("brown",), "among the green fields", canvas.frame.zone(_cell(fallow))),)
                if fallow >= 0
                else ()
            ),
        ),
        surroundings=(
            Thing("soil", None, ("dry", "bare"), "between the fields"),
            Thing("track", 2 * (n - 1), ("narrow",), "between the fields"),
        ),
    )


def _cell(index: int) -> Zone:
    """The place of a cell of a three by three grid that is filled column by column."""
    column, row = ("left", "", "right")[index // 3], ("top", "", "bottom")[index % 3]
    return cast(Zone, f"{row} {column}".strip() or "middle")


def _pivot_crop(canvas: Canvas, x: float, y: float, colour: Colour) -> Texture:
    gx, gy = grid()
    rings = 1 + 0.05 * np.sin(np.hypot(gx - x, gy - y) * np.float32(1.3))
    light = rings * (0.9 + 0.2 * fractal(canvas.rng, 4, 4))
    return to_bytes(np.asarray(colour, np.float32) * light[..., None] + 3 * grain(canvas.rng)[..., None])


def forest(canvas: Canvas) -> Scene:
    """Dense treetops, with a clearing or a winding track."""
    rng = canvas.rng
    canvas.fill(surface(rng, ((44, 62, 36), (58, 76, 42)), strength=6))
    autumn = bool(rng.random() < 0.3)
    clearing = bool(rng.random() < 0.5)
    if clearing:
        x, y = float(rng.uniform(90, 166)), float(rng.uniform(90, 166))
        outline = blob(rng, x, y, 44, 34, 0.25)
        glade = canvas.region()
        glade.polygon(outline)
        canvas.paint(glade, grass(rng))
        canvas.occupy(outline)
    else:
        path = smooth(
            [
                (-10, float(rng.uniform(60, 200))),
                (80, float(rng.uniform(60, 200))),
                (170, float(rng.uniform(60, 200))),
                (266, float(rng.uniform(60, 200))),
            ],
            4,
        )
        canvas.line(path, 9, (176, 154, 120))
        canvas.line(path, 2, (150, 146, 98))
        canvas.occupy_line(path, 14)
    mixed: tuple[Colour, ...] = (
        (*GREENS, (168, 118, 54), (184, 142, 66), (150, 84, 48)) if autumn else (*GREENS, (88, 114, 58))
    )
    crowns = scatter(rng, 1100, 5.6, lambda u, v: canvas.is_free(u, v, 1))
    trees(canvas, crowns, 5.2, mixed)
    feature = (
        Thing("clearing", 1, ("grassy",), "", "middle")
        if clearing
        else Thing("track", 1, ("narrow",), "winding through the trees")
    )
    return Scene(
        kind="forest",
        subject=Thing("forest", 1, ("dense", "autumn" if autumn else "green")),
        parts=(
            Thing("tree", len(crowns), ("yellow and green" if autumn else "green",), "close together"),
            feature,
            Thing("shade", None, ("dark",), "between the treetops"),
        ),
    )


def relief(height: Field, canvas: Canvas, steepness: float) -> Field:
    """How light each pixel of a height field is under the canvas's sun, float32 around 1."""
    dy, dx = np.gradient(height * np.float32(steepness))
    lx, ly = canvas.lit
    slope = -(dx * np.float32(lx) + dy * np.float32(ly))
    light: Field = 1 + 0.8 * slope / np.sqrt(1 + dx**2 + dy**2)
    return light


def desert(canvas: Canvas) -> Scene:
    """Sand dunes in long curved crests with fine ripples, with or without a track."""
    rng = canvas.rng
    red = bool(rng.random() < 0.4)
    palette: tuple[Colour, ...] = (
        ((190, 122, 76), (208, 142, 92), (222, 164, 114))
        if red
        else ((206, 178, 128), (220, 194, 146), (232, 210, 168))
    )
    canvas.fill(surface(rng, palette, cells=3, strength=3))
    x, y = grid()
    warp = 60 * fractal(rng, 2, 3) + 10 * fractal(rng, 6, 2)
    phase = (x * float(rng.uniform(0.1, 0.5)) + y + warp) / float(rng.uniform(30, 46))
    wave = phase - np.floor(phase)
    dunes = int((np.unique(np.floor(phase), return_counts=True)[1] > 0.02 * wave.size).sum())
    # A dune rises slowly and falls steeply; where it dies out it is flat.
    slope = np.where(wave < 0.7, wave / 0.7, (1 - wave) / 0.3).astype(np.float32)
    height = slope * slope * (3 - 2 * slope) * (0.35 + 0.65 * fractal(rng, 3, 2))
    ripples = np.sin((x + 0.2 * y + 1.5 * warp) * 1.15).astype(np.float32)
    light = relief(height * 13 + 0.18 * ripples + 5 * fractal(rng, 3, 3), canvas, 0.55)
    canvas.shade(np.clip(light, 0.6, 1.16).astype(np.float32))
    track = bool(rng.random() < 0.5)
    if track:
        path = smooth([(-10, 190), (90, 150), (150, 110), (266, 70)], 4)
        canvas.line(path, 5, shaded(palette[1], 0.8))
        canvas.line(path, 3, shaded(palette[1], 0.95))
        extra = Thing("track", 1, ("winding",), "across the dunes")
    else:
        spots = scatter(rng, int(rng.integers(14, 30)), 16, lambda u, v: canvas.is_free(u, v, 4))
        trees(canvas, spots, 2.6, ((92, 98, 60), (104, 104, 66)))
        extra = Thing("shrub", len(spots), ("small", "dry"), "scattered on the sand")
    return Scene(
        kind="desert",
        subject=Thing("desert", 1, ("wide", "reddish" if red else "yellow")),
        parts=(
            Thing("dune", dunes, ("long", "curved"), "side by side"),
            Thing("ripple", 60, ("fine",), "on the sand"),
            extra,
        ),
        surroundings=(),
    )


def mountain(canvas: Canvas) -> Scene:
    """Rugged ridges with snow on the heights and forest in the valleys."""
    rng = canvas.rng
    x, y = grid()
    warp = 70 * (fractal(rng, 2, 3) - 0.5)
    crest = 128 + warp + 40 * np.sin((x + float(rng.uniform(0, 256))) / float(rng.uniform(45, 70))).astype(np.float32)
    away = np.abs(y - crest)
    # Spurs run down from the crest on both sides, and gullies between them, finer and finer.
    spurs = np.zeros_like(x)
    along = x + 26 * (fractal(rng, 4, 3) - 0.5) + np.where(y > crest, 17, 0)
    for pitch, weight in ((52.0, 1.0), (23.0, 0.45), (11.0, 0.2)):
        spurs += weight * np.abs(np.mod(along / pitch + 0.3 * fractal(rng, 6, 2), 1) * 2 - 1).astype(np.float32)
    height = np.exp(-away / 95) * (1 + 0.1 * fractal(rng, 3, 2)) + 0.22 * spurs * np.minimum(away / 60, 1) * np.exp(
        -away / 160
    )
    height = (height + 0.05 * fractal(rng, 8, 5, 0.6)).astype(np.float32)
    height = (height - height.min()) / (height.max() - height.min())
    rock = coloured(height, ((98, 90, 78), (126, 118, 108), (150, 144, 136)))
    woods = surface(rng, ((48, 66, 42), (66, 84, 52)), cells=16, strength=8)
    snow_line = float(np.quantile(height, rng.uniform(0.55, 0.75)))
    tree_line = float(np.quantile(height, 0.3))
    rough = 0.10 * (fractal(rng, 16, 3) - 0.5)
    snow = np.clip((height + rough - snow_line) / 0.05, 0, 1)[..., None]
    wood = np.clip((tree_line - height + rough) / 0.04, 0, 1)[..., None]
    ground = rock * (1 - wood) + woods * wood
    canvas.fill(speckled(to_bytes(ground * (1 - snow) + np.asarray((238, 242, 248), np.float32) * snow), rng, 3))
    canvas.shade(np.clip(relief(height, canvas, 60), 0.42, 1.25).astype(np.float32))
    return Scene(
        kind="mountain",
        subject=Thing("mountain ridge", 1, ("rugged",)),
        parts=(
            Thing("snow", None, ("white",), "along the crest"),
            Thing("rock", None, ("grey", "bare"), "on the slopes"),
            Thing("forest", None, ("dark",), "in the valleys"),
            Thing("shadow", None, ("dark",), "on one side of the ridge"),
        ),
    )


def golf_course(canvas: Canvas) -> Scene:
    """Smooth fairways and greens with sand bunkers and a pond among trees."""
    rng = canvas.rng
    canvas.fill(surface(rng, ((76, 104, 52), (92, 118, 62)), strength=7))
    fairways: list[list[tuple[float, float]]] = [
        smooth([(26, 60), (90, float(rng.uniform(24, 60))), (160, float(rng.uniform(60, 90))), (226, 44)], 4),
        smooth([(30, 214), (80, float(rng.uniform(180, 224))), (150, float(rng.uniform(190, 226))), (222, 196)], 4),
    ]
    bunkers = 0
    flags: list[tuple[float, float]] = []
    for path in fairways:
        widths = (
            14 + 7 * np.sin(np.linspace(0, float(rng.uniform(5, 9)), len(path)) + float(rng.uniform(0, 6)))
        ).tolist()
        for margin, light in ((3.5, 0.94), (0.0, 1.06)):
            strip = canvas.region()
            for (u, v), width in zip(path, widths, strict=True):
                strip.polygon(ellipse(u, v, width + margin, width + margin))
            canvas.paint(strip, _striped(rng, shaded((116, 156, 78), light)))
        canvas.occupy_line(path, 42)
        for x, y in (path[0], path[-1]):
            canvas.occupy(ellipse(x, y, 24, 24))
        x, y = path[-1]
        green = canvas.region()
        green.polygon(blob(rng, x, y, 17, 14, 0.15))
        canvas.paint(green, surface(rng, ((134, 182, 96), (146, 192, 108)), strength=2))
        flags.append((x, y))
        for t in rng.choice(np.linspace(0, 2 * pi, 6)[:5], size=int(rng.integers(2, 4)), replace=False).tolist():
            _bunker(canvas, x + 25 * cos(t), y + 22 * sin(t))
            bunkers += 1
        for step in (len(path) // 4, len(path) // 2):
            if rng.random() < 0.7:
                (u, v), width = path[step], widths[step]
                _bunker(canvas, u, v + float(rng.choice([-1, 1])) * (width + 7))
                bunkers += 1
    x, y = float(rng.uniform(90, 166)), 132.0
    shore = blob(rng, x, y, 44, 22, 0.22)
    pond = canvas.region()
    pond.polygon(shore)
    canvas.paint(pond, water(rng, ((46, 84, 104), (66, 108, 126))))
    canvas.outline(shore, 1.0, (142, 148, 104))
    canvas.occupy(ellipse(x, y, 56, 30))
    for u, v in flags:
        canvas.cast([([(u, v), (u + 0.7, v), (u + 0.7, v + 0.7)], 8)], 0.4)
        canvas.disc(u, v, 1.2, (208, 46, 42))
    grove = scatter(rng, 150, 8, lambda u, v: canvas.is_free(u, v, 4.5))
    trees(canvas, grove, 5.2)
    return Scene(
        kind="golf course",
        subject=Thing("golf course", 1, ("green",)),
        parts=(
            Thing("bunker", bunkers, ("sandy",), "beside the fairways"),
            Thing("fairway", 2, ("smooth",), "between the trees"),
            Thing("putting green", 2, ("light green",), "at the ends of the fairways"),
            Thing("pond", 1, ("blue",), "between the fairways"),
        ),
        surroundings=(Thing("tree", len(grove), ("dark green",), "along the fairways"),),
    )


def _striped(rng: np.random.Generator, colour: Colour) -> Texture:
    x, y = grid()
    light = np.where(((x + y) // 9) % 2 == 0, 1.03, 0.97).astype(np.float32)[..., None]
    return to_bytes(np.asarray(colour, np.float32) * light + 3 * grain(rng)[..., None])


def _bunker(canvas: Canvas, x: float, y: float) -> None:
    rng = canvas.rng
    outline = blob(rng, x, y, float(rng.uniform(7, 11)), float(rng.uniform(5, 8)), 0.3)
    region = canvas.region()
    region.polygon(outline)
    canvas.paint(region, sand(rng))
    canvas.outline(outline, 0.7, (126, 148, 84))
    canvas.occupy(ellipse(x, y, 14, 11))
