"""Scenes of ports: cargo harbor and marina."""

from __future__ import annotations

from math import pi

from trsllava.sample.canvas import Canvas
from trsllava.sample.scenes import Scene, Thing
from trsllava.sample.shapes import box
from trsllava.sample.textures import Colour, concrete, varied, water
from trsllava.sample.things import ROOF_COLOURS, boats, container_colour, halls, palms, road, ship, traffic

HULLS: dict[str, Colour] = {"red": (142, 52, 46), "blue": (44, 74, 120), "black": (44, 46, 52)}


def harbor(canvas: Canvas) -> Scene:
    """A quay with gantry cranes, containers and warehouses; cargo ships along the quay and at a jetty."""
    rng = canvas.rng
    canvas.fill(water(rng))
    quay = 118.0
    land = canvas.region()
    land.polygon(box(128, quay / 2 - 10, 290, quay + 20))
    canvas.paint(land, concrete(rng))
    jetty_x = float(rng.choice([62.0, 194.0]))
    jetty = [(box(jetty_x, quay + 52, 15, 112), 2.0)]
    canvas.cast([(box(128, quay / 2, 280, quay), 2.0), *jetty], 0.5)
    canvas.paint(land, concrete(rng))
    canvas.box(jetty_x, quay + 52, 15, 112, (168, 166, 160))
    canvas.line([(-5, quay), (261, quay)], 1.6, (128, 124, 118))
    for rail in (quay - 6, quay - 24):
        canvas.line([(-5, rail), (261, rail)], 0.7, (110, 106, 102))
    hull = str(rng.choice(list(HULLS)))
    ships = 0
    free = (74.0, 244.0) if jetty_x < 128 else (12.0, 182.0)
    berths = [(free[0] + free[1]) / 2] if rng.random() < 0.4 else [free[0] + 43, free[1] - 43]
    for x in berths:
        length = 148.0 if len(berths) == 1 else 80.0
        ship(
            canvas,
            x,
            quay + 14 if len(berths) == 1 else quay + 11,
            length,
            float(rng.choice([0, pi])),
            varied(rng, HULLS[hull], 6),
        )
        ships += 1
    for side in (-1, 1):
        if rng.random() < 0.75:
            ship(
                canvas,
                jetty_x + side * 19,
                quay + 72,
                84,
                float(rng.choice([-1, 1])) * pi / 2,
                varied(rng, HULLS[hull], 6),
            )
            ships += 1
    cranes = _cranes(canvas, berths, quay)
    stacked = 0
    for block in range(5):
        for i in range(4):
            for j in range(5):
                if rng.random() < 0.82:
                    x, y = 22 + 48 * block + 10.2 * i, 62 + 5.2 * j
                    if x < 250:
                        canvas.box(x, y, 9.4, 4.5, container_colour(canvas))
                        stacked += 1
    road(canvas, [(-10, 46), (266, 46)], 9)
    traffic(canvas, [(-10, 46), (266, 46)], 2.3, 34, 6)
    roof = str(rng.choice(["grey", "white", "red", "blue"]))
    stores = [(x, 20.0, 52.0, 28.0, 0.0) for x in ((44.0, 128.0, 212.0) if rng.random() < 0.6 else (76.0, 180.0))]
    halls(canvas, stores, ROOF_COLOURS[roof], 6, 5)
    return Scene(
        kind="harbor",
        subject=Thing("harbor"),
        parts=(
            Thing(
                "container ship",
                ships,
                (hull,),
                "moored at the quay and the jetty" if ships > len(berths) else "moored along the quay",
            ),
            Thing("crane", cranes, ("large", "orange"), "on the quay"),
            Thing("container", stacked, ("colourful", "stacked"), "behind the quay"),
            Thing("jetty", 1, ("long",), "reaching into the water"),
            Thing("warehouse", len(stores), (roof + "-roofed",), "behind the containers", canvas.frame.zone("top")),
        ),
        surroundings=(
            Thing("water", None, ("dark",), "", canvas.frame.zone("bottom")),
            Thing("road", 1, ("straight",), "between the containers and the warehouses"),
        ),
    )


def _cranes(canvas: Canvas, berths: list[float], quay: float) -> int:
    reach = 32.0
    spots = [x + d for x in berths for d in ((-40, 0, 40) if len(berths) == 1 else (-16, 16))]
    if canvas.rng.random() < 0.5:
        spots.pop()
    beams = [box(x, quay + 1, 3.2, 2 * reach) for x in spots]
    canvas.cast([(beam, 9) for beam in beams], 0.4)
    for x in spots:
        for dx in (-5.5, 5.5):
            canvas.line([(x + dx, quay - 25), (x + dx, quay - 5)], 1.8, (196, 96, 40))
        for y in (quay - 25, quay - 5):
            canvas.line([(x - 5.5, y), (x + 5.5, y)], 1.8, (196, 96, 40))
        canvas.box(x, quay + 1, 3.2, 2 * reach, (226, 118, 48))
        canvas.box(x, quay - 14, 7, 6, (238, 150, 76))
        canvas.box(x, quay + 18, 5, 4, (240, 236, 228))
    return len(spots)


def marina(canvas: Canvas) -> Scene:
    """Parallel jetties with white boats on both sides, a promenade behind."""
    rng = canvas.rng
    canvas.fill(water(rng, ((30, 76, 92), (44, 96, 110), (60, 112, 124))))
    shore = 58.0
    land = canvas.region()
    land.polygon(box(128, shore / 2 - 10, 290, shore + 20))
    canvas.paint(land, concrete(rng))
    canvas.line([(-5, shore), (261, shore)], 2, (142, 136, 128))
    jetties = int(rng.integers(2, 5))
    moored = []
    for i in range(jetties):
        x = (i + 0.5) * 256 / jetties
        end = float(rng.uniform(206, 236))
        deck: Colour = (176, 150, 118)
        canvas.cast([(box(x, (shore + end) / 2, 6, end - shore), 1.5)], 0.5)
        canvas.box(x, (shore + end) / 2, 6, end - shore, deck)
        canvas.box(x, end, 26, 5, deck)
        y = shore + 14.0
        while y < end - 8:
            for side in (-1, 1):
                if rng.random() < 0.8:
                    length = float(rng.uniform(17, 24))
                    moored.append((x + side * (5 + length / 2), y, length, 0 if side > 0 else pi))
            y += 11
    sailing = int(rng.integers(0, 3))
    boats(canvas, moored + [(70 + 110.0 * i, 247.0, 18.0, float(rng.uniform(-0.2, 0.2))) for i in range(sailing)])
    road(canvas, [(-10, 22), (266, 22)], 12)
    traffic(canvas, [(-10, 22), (266, 22)], 3, 30, 7)
    spots = [(float(x), 42.0) for x in range(10, 252, 16)]
    palms(canvas, spots, 6)
    return Scene(
        kind="marina",
        subject=Thing("marina"),
        parts=(
            Thing("boat", len(moored), ("white",), "moored at the jetties"),
            Thing("jetty", jetties, ("long", "wooden"), "reaching into the water"),
            *((Thing("motorboat", sailing, ("white",), "passing outside the jetties"),) if sailing else ()),
        ),
        surroundings=(
            Thing("water", None, ("blue-green",), "", canvas.frame.zone("bottom")),
            Thing("palm tree", len(spots), ("green",), "along the shore"),
            Thing("road", 1, ("straight",), "behind the palm trees", canvas.frame.zone("top")),
        ),
    )
