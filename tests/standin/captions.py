"""Rich captions drawn from a picture's hash: the same picture always gets the same answer."""

import random
from typing import Any

SCENES = ("harbor", "airport", "stadium", "farmland", "river bend", "residential area", "forest", "desert", "beach")
THINGS = (
    "ship",
    "plane",
    "warehouse",
    "house",
    "road",
    "bridge",
    "car",
    "tree",
    "crane",
    "storage tank",
    "tennis court",
)
COLOURS = ("white", "grey", "red", "blue", "green", "brown", "dark", "pale")
SIZES = ("small", "large", "narrow", "wide", "long", "round")
COUNTS = ("two", "three", "four", "several", "many", "a row of")
PLACES = ("in the centre", "at the edge", "in a corner", "next to each other", "along the shore", "near the road")
OPENINGS = (
    "A {scene} with {things}.",
    "Seen from above, {things} lie in a {scene}.",
    "{things} fill a {scene} from end to end.",
    "The ground is a {scene}; on it there are {things}.",
    "Around {things} spreads a wide {scene}.",
)


def answer(digest: str, variants: int) -> dict[str, Any]:
    """What the stand-in says of the picture with this hash."""
    rng = random.Random(digest)
    scene = rng.choice(SCENES)
    things = rng.sample(THINGS, 3)
    return {
        "variants": [_variant(rng, scene, things, number) for number in range(variants)],
        "labels": [scene, *things],
    }


def _variant(rng: random.Random, scene: str, things: list[str], number: int) -> dict[str, Any]:
    phrases = [f"{rng.choice(COUNTS)} {rng.choice(SIZES)} {rng.choice(COLOURS)} {thing}s" for thing in things]
    rng.shuffle(phrases)
    opening = OPENINGS[number % len(OPENINGS)].format(scene=scene, things=" and ".join(phrases[:2]))
    sentences = [f"{phrase.capitalize()} can be seen {rng.choice(PLACES)}." for phrase in phrases]
    return {
        "one_sentence": opening[0].upper() + opening[1:],
        "feature": [f"{phrase} {rng.choice(PLACES)}" for phrase in phrases],
        "caption": " ".join([opening, *sentences, f"Everything else is {rng.choice(COLOURS)} ground."]),
    }
