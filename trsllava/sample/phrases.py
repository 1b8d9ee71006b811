"""English for drawn things: numbers, plurals, articles, places."""

from __future__ import annotations

from random import Random

from trsllava.sample.scenes import Thing, Zone

NUMBERS = ("no", "one", "two", "three", "four", "five", "six")
"""Counts that are said exactly; from seven on an amount is said in words that stay true."""
SEVERAL = ("several", "a number of")
MANY = ("many", "numerous", "lots of")
FEW_LIMIT = len(NUMBERS) - 1
SEVERAL_LIMIT = 12

SYNONYMS: dict[str, tuple[str, ...]] = {
    "airplane": ("airplane", "plane", "aircraft"),
    "airport": ("airport", "airfield"),
    "apartment block": ("apartment block", "apartment building", "residential block"),
    "baseball field": ("baseball field", "baseball diamond"),
    "car": ("car", "vehicle"),
    "container ship": ("container ship", "cargo ship", "ship"),
    "factory hall": ("factory hall", "industrial building", "factory building"),
    "football field": ("football field", "soccer field"),
    "harbor": ("harbor", "port"),
    "house": ("house", "home"),
    "jetty": ("jetty", "pier"),
    "lake": ("lake",),
    "parking lot": ("parking lot", "car park"),
    "ship": ("ship", "vessel"),
    "solar farm": ("solar farm", "solar power plant", "photovoltaic plant"),
    "storage tank": ("storage tank", "tank", "oil tank"),
    "train": ("train",),
    "warehouse": ("warehouse",),
}
"""Other names that are just as true; the first is the label."""

_IRREGULAR = {"aircraft": "aircraft", "leaf": "leaves", "railway": "railways", "runway": "runways", "buoy": "buoys"}

_PLAIN: dict[Zone, tuple[str, ...]] = {
    "middle": ("in the middle", "in the centre", "at the centre of the picture"),
    "top": ("at the upper edge", "along the top of the picture", "in the upper part"),
    "bottom": ("at the lower edge", "along the bottom of the picture", "in the lower part"),
    "left": ("on the left side", "at the left edge", "in the left part"),
    "right": ("on the right side", "at the right edge", "in the right part"),
    "top left": ("in the upper left corner", "at the upper left"),
    "top right": ("in the upper right corner", "at the upper right"),
    "bottom left": ("in the lower left corner", "at the lower left"),
    "bottom right": ("in the lower right corner", "at the lower right"),
    "edge": ("at the edge of the picture", "along the edge"),
}
_COMPASS: dict[Zone, tuple[str, ...]] = {
    "top": ("in the north", "in the northern part"),
    "bottom": ("in the south", "in the southern part"),
    "left": ("in the west", "in the western part"),
    "right": ("in the east", "in the eastern part"),
    "top left": ("in the northwest", "in the northwestern corner"),
    "top right": ("in the northeast", "in the northeastern corner"),
    "bottom left": ("in the southwest", "in the southwestern corner"),
    "bottom right": ("in the southeast", "in the southeastern corner"),
}


def plural(noun: str) -> str:
    """The plural of a noun or of a phrase's head: `church` → `churches`, `patch of grass` → `patches of grass`."""
    head, of, rest = noun.partition(" of ")
    *before, last = head.split()
    return " ".join([*before, _plural_word(last)]) + of + rest


def _plural_word(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith(("ch", "sh", "s", "x")):
        return word + "es"
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


def with_article(phrase: str) -> str:
    """`oval stadium` → `an oval stadium`."""
    return ("an " if phrase[0] in "aeiou" and not phrase.startswith(("one", "uni", "use")) else "a ") + phrase


def amount(count: int, rng: Random) -> str:
    """A word for a count above one: exact up to six, then one that stays true."""
    if count <= FEW_LIMIT:
        return NUMBERS[count]
    return rng.choice(SEVERAL if count <= SEVERAL_LIMIT else MANY)


def name(thing: Thing, rng: Random) -> str:
    """The thing by one of its names, in the number it has been drawn: `ships`."""
    noun = rng.choice(SYNONYMS.get(thing.noun, (thing.noun,)))
    return plural(noun) if is_plural(thing) else noun


def is_plural(thing: Thing) -> bool:
    """True where the verb must be plural."""
    return thing.count is not None and thing.count > 1


def noun_phrase(thing: Thing, rng: Random, *, traits: int = 9) -> str:
    """Amount, the first `traits` adjectives, and the name: `four long white ships`."""
    words = " ".join([*thing.traits[:traits], name(thing, rng)])
    if thing.count is None:
        return words
    return f"{amount(thing.count, rng)} {words}" if thing.count > 1 else with_article(words)


def place(zone: Zone, rng: Random, *, compass: bool) -> str:
    """Words for a part of the picture; compass words only where the caller knows that north is up."""
    choices = _COMPASS.get(zone, _PLAIN[zone]) if compass else _PLAIN[zone]
    return rng.choice(choices)


def listing(phrases: list[str]) -> str:
    """`a, b and c`."""
    return phrases[0] if len(phrases) == 1 else ", ".join(phrases[:-1]) + " and " + phrases[-1]


def sentence(text: str) -> str:
    """Capital letter first, full stop last."""
    return text[0].upper() + text[1:] + ("" if text.endswith(".") else ".")
