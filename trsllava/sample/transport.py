"""Scenes of traffic on the ground: airport, railway station, roundabout, viaduct, parking lot."""

from __future__ import annotations

from math import cos, hypot, pi, sin

import numpy as np

from trsllava.sample.canvas import Canvas
from trsllava.sample.scenes import Scene, Thing
from trsllava.sample.shapes import Path, along, arc, beside, box, ellipse, placed, scatter, smooth
from trsllava.sample.textures import Colour, asphalt, concrete, grass, shaded, surface
from trsllava.sample.things import ASPHALT, ROOF_COLOURS, WHITE, airplane, cars, halls, houses, road, traffic, trees


def airport(canvas: Canvas) -> Scene:
    """A runway with taxiways, an apron with airplanes, and a terminal building."""
    rng = canvas.rng
    canvas.fill(grass(rng))
    runways = 1 if rng.random() < 0.6 else 2
    pavement = canvas.region()
    for i in range(runways):
        pavement.polygon(box(128, 32 + 48 * i, 290, 22))
    low = 32 + 48 * (runways - 1)
    taxi = low + 34.0
    pavement.polygon(box(128, taxi, 290, 10))
    for x in (44.0, 208.0):
        pavement.line(smooth([(x - 34, 32), (x - 8, 32), (x, taxi), (x + 26, taxi)]), 9)
        pavement.line([(x, taxi), (x, taxi + 40)], 10)
    apron = (128.0, (taxi + 14 + 214) / 2, 250.0, 200 - taxi)
    canvas.paint(pavement, surface(rng, ((92, 92, 96), (112, 112, 114)), strength=4))
    region = canvas.region()
    region.polygon(box(*apron))
    canvas.paint(region, concrete(rng))
    for i in range(runways):
        _runway_marks(canvas, 32 + 48 * i)
    canvas.line([(-5, taxi), (261, taxi)], 0.6, (206, 178, 70))
    for x in range(16, 250, 12):
        canvas.line([(x, taxi + 16), (x, 212)], 0.3, (164, 162, 156))
    top = 232.0
    halls(canvas, [(128, top, 216, 22, 0)], ROOF_COLOURS[str(rng.choice(["white", "grey", "blue"]))], 7, 12)
    stands = [26 + 34.0 * i for i in range(7)]
    chosen = sorted(rng.choice(7, size=int(rng.integers(3, 7)), replace=False).tolist())
    piers = [(x, 216.0, 5.0, 20.0, 0.0) for i, x in enumerate(stands) if i in chosen]
    halls(canvas, piers, ROOF_COLOURS["grey"], 4, 0)
    for i in chosen:
        airplane(canvas, stands[i], 190, 31, pi / 2 + float(rng.normal(0, 0.02)))
    spots = [(8 + 6.0 * i, 250.0, pi / 2) for i in range(41) if rng.random() < 0.5]
    canvas.box(128, 250, 270, 12, ASPHALT)
    cars(canvas, spots, 6)
    return Scene(
        kind="airport",
        subject=Thing("airport"),
        parts=(
            Thing("airplane", len(chosen), ("white",), "parked at the terminal building"),
            Thing("runway", runways, ("long", "grey"), "beyond the apron", canvas.frame.zone("top")),
            Thing("terminal building", 1, ("long",), "", canvas.frame.zone("bottom")),
            Thing("taxiway", 1, ("narrow",), "running along the apron"),
        ),
        surroundings=(
            Thing("grass", None, ("green",), "beside the runway" if runways == 1 else "beside the runways"),
            Thing("car", len(spots), ("parked",), "behind the terminal building"),
        ),
    )


def _runway_marks(canvas: Canvas, y: float) -> None:
    canvas.line([(-5, y - 10), (261, y - 10)], 0.6, WHITE)
    canvas.line([(-5, y + 10), (261, y + 10)], 0.6, WHITE)
    for x in range(60, 256, 16):
        canvas.box(x, y, 8, 1.0, WHITE)
    for i in range(8):
        canvas.box(18, y - 7.7 + 2.2 * i, 18, 1.1, WHITE)
    for side in (-1, 1):
        canvas.box(44, y + side * 4.5, 12, 2.4, WHITE)
        canvas.box(92 + float(canvas.rng.uniform(-10, 10)), y + side * 2.2, 70, 1.2, (66, 66, 70))


def railway_station(canvas: Canvas) -> Scene:
    """Parallel tracks with platforms, trains and a station hall."""
    rng = canvas.rng
    canvas.fill(concrete(rng))
    platforms = int(rng.integers(2, 5))
    # Between two platforms lie two tracks; one more runs on each outer side.
    pitch, top = 13.0, 30.0
    tracks, y, edges = [], top, []
    for i in range(platforms):
        tracks.append(y)
        edges.append(y + 14)
        y += 28
        tracks.append(y)
        y += pitch if i < platforms - 1 else 0
    bed = canvas.region()
    bed.polygon(box(128, (top + y) / 2, 280, y - top + 18))
    canvas.paint(bed, surface(rng, ((116, 104, 92), (134, 122, 108)), cells=12, strength=9))
    for track in tracks:
        for x in range(-2, 258, 3):
            canvas.box(x, track, 1.3, 7.5, (96, 82, 72))
        for side in (-2, 2):
            canvas.line([(-5, track + side), (261, track + side)], 0.9, (176, 172, 170))
    canvas.cast([(box(128, edge, 200, 13), 3) for edge in edges])
    for edge in edges:
        canvas.box(128, edge, 216, 15, (178, 174, 166))
        for side in (-1, 1):
            canvas.line([(20, edge + side * 6.4), (236, edge + side * 6.4)], 0.7, (222, 196, 92))
        canvas.cast([(box(128, edge, 150, 9), 4)], 0.5)
        canvas.box(128, edge, 150, 9, (206, 206, 204))
        canvas.box(128, edge + 2.2, 150, 4.4, (186, 186, 186))
        for x in range(56, 204, 10):
            canvas.box(x, edge, 0.6, 9, (164, 164, 164))
    trains = int(rng.integers(1, min(5, len(tracks)) + 1))
    word, livery = (("white", (232, 232, 232)), ("red", (176, 52, 46)), ("green", (62, 120, 84)))[int(rng.integers(3))]
    for track in sorted(rng.choice(tracks, size=trains, replace=False).tolist()):
        _train(canvas, float(rng.uniform(96, 160)), track, int(rng.integers(4, 7)), livery)
    hall = y + 38
    zone = canvas.frame.zone("bottom") if hall > 140 else None
    roof = str(rng.choice(["red", "grey", "brown"]))
    halls(canvas, [(128, hall, 130, 26, 0), (128, hall - 2, 36, 38, 0)], ROOF_COLOURS[roof], 8, 8)
    canvas.occupy(box(128, hall, 150, 46))
    street = hall + 34
    if street < 250:
        road(canvas, [(-10, street), (266, street)], 13)
        canvas.occupy(box(128, street, 270, 18))
        traffic(canvas, [(-10, street), (266, street)], 3.2, 30, 7)
    row = [(x, street + 26, 26.0, 20.0, 0.0) for x in range(20, 250, 31)] if street < 226 else []
    houses(canvas, row, ROOF_COLOURS["red"])
    for plan in row:
        canvas.occupy(box(*plan))
    canvas.occupy(box(128, (top + y) / 2, 280, y - top + 22))
    grove = scatter(rng, 40, 9, lambda u, v: canvas.is_free(u, v, 4))
    trees(canvas, grove, 4.5)
    return Scene(
        kind="railway station",
        subject=Thing("railway station"),
        parts=(
            Thing("track", len(tracks), ("parallel",), "side by side"),
            Thing("platform", platforms, ("long", "roofed"), "between the tracks"),
            Thing("train", trains, ("long", word), "on the tracks"),
            Thing("station hall", 1, (roof + "-roofed",), "beside the tracks", zone),
        ),
        surroundings=(
            *((Thing("house", len(row), ("red-roofed",), "along the street"),) if row else ()),
            Thing("tree", len(grove), ("green",), "beside the station"),
        ),
    )


def _train(canvas: Canvas, x: float, y: float, coaches: int, livery: Colour) -> None:
    length = 31.0
    left = x - coaches * length / 2
    plans = [box(left + (i + 0.5) * length, y, length - 1.5, 7) for i in range(coaches)]
    canvas.cast([(plan, 3.5) for plan in plans], 0.5)
    for i, plan in enumerate(plans):
        centre = left + (i + 0.5) * length
        canvas.polygon(plan, livery)
        canvas.box(centre, y, length - 1.5, 2.6, shaded(livery, 0.82 if livery[1] > 200 else 1.25))
        for k in (-9, 0, 9):
            canvas.box(centre + k, y, 3.4, 3.2, (150, 150, 154))


def roundabout(canvas: Canvas) -> Scene:
    """A traffic circle with a planted island where several roads meet, houses and lawns around."""
    rng = canvas.rng
    canvas.fill(grass(rng))
    arms = int(rng.integers(3, 6))
    start = float(rng.uniform(0, 2 * pi))
    angles = [start + 2 * pi * i / arms + float(rng.uniform(-0.15, 0.15)) for i in range(arms)]
    x = y = 128.0
    radius = float(rng.uniform(40, 46))
    roads = [[(x + r * cos(t), y + r * sin(t)) for r in (radius, 80.0, 130.0, 200.0)] for t in angles]
    for path in roads:
        canvas.line(path, 24, (178, 172, 162))
    canvas.disc(x, y, radius + 15, (178, 172, 162))
    for path in roads:
        road(canvas, path, 20)
    canvas.disc(x, y, radius + 12, ASPHALT)
    canvas.occupy(ellipse(x, y, radius + 16, radius + 16))
    for t in angles:
        tip = [
            (x + r * cos(t + d), y + r * sin(t + d))
            for r, d in ((radius + 13, -0.07), (radius + 40, 0), (radius + 13, 0.07))
        ]
        canvas.polygon(tip, (128, 150, 92))
        for k in range(-4, 5):
            px, py = placed([(radius + 24, k * 2.1)], x, y, t)[0]
            if abs(k) > 0:
                canvas.box(px, py, 5, 1.0, WHITE, t)
    dashes = along(arc(x, y, radius + 1, 0, 2 * pi), 7)
    for px, py, t in dashes:
        canvas.box(px, py, 3, 0.6, WHITE, t)
    canvas.disc(x, y, radius - 9, (190, 186, 178))
    island = canvas.region()
    island.polygon(ellipse(x, y, radius - 11, radius - 11))
    canvas.paint(island, surface(rng, ((94, 132, 62), (112, 150, 74)), strength=4))
    for i in range(6):
        t = start + i * pi / 3
        canvas.ellipse(x + 17 * cos(t), y + 17 * sin(t), 5, 3, ((196, 72, 84), (222, 180, 70))[i % 2], t + pi / 2)
    trees(canvas, [(x, y)], 9)
    circle: list[tuple[float, float, float]] = []
    for t in rng.uniform(0, 2 * pi, 7).tolist():
        lane = radius - 3 + 9 * (len(circle) % 2)
        if all(hypot(x + lane * cos(t) - u, y + lane * sin(t) - v) > 11 for u, v, _ in circle):
            circle.append((x + lane * cos(t), y + lane * sin(t), t + pi / 2))
    cars(canvas, circle, 8)
    moving = len(circle) + sum(traffic(canvas, path[1:], 5, 30, 8) for path in roads)
    plots = scatter(rng, 20, 30, lambda u, v: canvas.is_free(u, v, 14), (14, 14, 242, 242))
    plans = []
    for u, v in plots:
        t = float(np.arctan2(v - y, u - x)) + pi / 2
        plans.append((u, v, 20.0, 13.0, t))
        canvas.occupy(box(u, v, 26, 19, t))
    roof = str(rng.choice(["red", "grey", "brown"]))
    houses(canvas, plans, ROOF_COLOURS[roof])
    grove = scatter(rng, 70, 9, lambda u, v: canvas.is_free(u, v, 5))
    trees(canvas, grove, 5)
    around = (Thing("house", len(plans), (roof + "-roofed",), "between the roads"),) if plans else ()
    return Scene(
        kind="roundabout",
        subject=Thing("roundabout", 1, ("large",), zone="middle"),
        parts=(
            Thing("road", arms, ("grey",), "leading into the roundabout"),
            Thing("tree", 1, ("large",), "on the grassy island"),
            Thing("car", moving, (), "on the roads"),
        ),
        surroundings=(*around, Thing("grass", None, ("green",), "between the roads")),
    )


def viaduct(canvas: Canvas) -> Scene:
    """Two motorways crossing on two levels, joined by loops or by curved ramps."""
    rng = canvas.rng
    canvas.fill(grass(rng))
    loops = bool(rng.random() < 0.6)
    level, above = [(-20.0, 128.0), (276.0, 128.0)], [(128.0, -20.0), (128.0, 276.0)]
    ramp = 9.0
    ramps: list[list[tuple[float, float]]] = []
    for sx in (-1, 1):
        for sy in (-1, 1):
            outer = [
                (128 + sx * 14, 128 + sy * 150),
                (128 + sx * 14, 128 + sy * 104),
                (128 + sx * 104, 128 + sy * 14),
                (128 + sx * 150, 128 + sy * 14),
            ]
            ramps.append(smooth(outer, 5))
            if loops:
                start = {(1, 1): pi, (-1, 1): 0.0, (1, -1): pi, (-1, -1): 0.0}[(sx, sy)]
                ramps.append(arc(128 + sx * 44, 128 + sy * 44, 30, start, start + 2 * pi))
    for path in ramps:
        canvas.line(path, ramp + 3, (176, 172, 160))
    for path in ramps:
        canvas.line(path, ramp, ASPHALT)
        canvas.occupy_line(path, ramp + 5)
    _motorway(canvas, level)
    moving = traffic(canvas, level, 4, 36, 7) + traffic(canvas, level, 10, 36, 7)
    canvas.cast([(box(128, 128, 32, 46), 4)], 0.5)
    _motorway(canvas, above)
    for side in (-1, 1):
        canvas.line([(128 + side * 15, 104), (128 + side * 15, 152)], 1.2, (214, 210, 202))
    moving += traffic(canvas, above, 4, 36, 7) + traffic(canvas, above, 10, 36, 7)
    for path in ramps:
        spots = [
            spot for spot in along(path, 46, float(rng.uniform(5, 40))) if 6 < spot[0] < 250 and 6 < spot[1] < 250
        ]
        cars(canvas, spots, 7)
        moving += len(spots)
    grove = scatter(rng, 130, 8, lambda u, v: canvas.is_free(u, v, 4))
    trees(canvas, grove, 4.5)
    return Scene(
        kind="viaduct",
        subject=Thing("viaduct", 1, ("large",), zone="middle"),
        parts=(
            Thing("motorway", 2, ("wide", "grey"), "crossing on two levels"),
            Thing("ramp", len(ramps), ("curved",), "around the crossing"),
            Thing("car", moving, (), "on the lanes"),
        ),
        surroundings=(
            Thing("grass", None, ("green",), "between the ramps"),
            Thing("tree", len(grove), ("green",), "beside the lanes"),
        ),
    )


def _motorway(canvas: Canvas, path: Path) -> None:
    canvas.line(path, 32, (182, 178, 168))
    canvas.line(path, 29, ASPHALT)
    canvas.line(path, 2, (150, 158, 120))
    canvas.occupy_line(path, 36)
    for lane in (-13.4, -1.6, 1.6, 13.4):
        canvas.line(beside(path, lane), 0.6, WHITE)
    for lane in (-7.2, 7.2):
        for x, y, t in along(beside(path, lane), 9):
            canvas.box(x, y, 4, 0.6, WHITE, t)


def parking_lot(canvas: Canvas) -> Scene:
    """Rows of parked cars in front of a mall."""
    rng = canvas.rng
    canvas.fill(asphalt(rng))
    share = float(rng.choice([0.45, 0.75, 0.92]))
    rows = [64.0, 84.0, 124.0, 144.0, 184.0, 204.0]
    parked = []
    islands = []
    for index, y in enumerate(rows):
        for i in range(25):
            x = 14 + 9.5 * i
            if i in (0, 12, 24):
                if index % 2 == 0:
                    islands.append((x, y + 10))
                continue
            canvas.line([(x - 4.75, y - 9), (x - 4.75, y + 9)], 0.6, WHITE)
            if rng.random() < share:
                parked.append((x, y + float(rng.normal(0, 0.6)), pi / 2))
        canvas.line(
            [(18, y + (10 if index % 2 == 0 else -10)), (238, y + (10 if index % 2 == 0 else -10))], 0.6, WHITE
        )
    for x, y in islands:
        canvas.polygon(box(x, y, 8, 40), (196, 192, 184))
        canvas.polygon(box(x, y, 6, 38), (108, 138, 74))
    cars(canvas, parked, 14.5)
    trees(canvas, [(x, y + d) for x, y in islands for d in (-10, 10)], 5)
    roof = str(rng.choice(["white", "grey", "brown"]))
    canvas.box(128, 46, 256, 4, (190, 186, 178))
    halls(canvas, [(128, 14, 250, 50, 0)], ROOF_COLOURS[roof], 9, 16)
    canvas.polygon(box(128, 244, 270, 26), (116, 142, 80))
    edge = [(float(x), 243.0) for x in range(12, 250, 14)]
    trees(canvas, edge, 6)
    amount = {0.45: "half-empty", 0.75: "busy", 0.92: "full"}[share]
    return Scene(
        kind="parking lot",
        subject=Thing("parking lot", 1, ("large", amount)),
        parts=(Thing("car", len(parked), (), "parked in rows"),),
        surroundings=(
            Thing("shopping mall", 1, ("large", roof), "", canvas.frame.zone("top")),
            Thing("tree", len(edge) + 2 * len(islands), ("green",), "on the islands and at the edge"),
        ),
    )
