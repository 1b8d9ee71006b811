"""The place that a query in words names, told from words that only look like one."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from trsllava.places.gazetteer import DATA, Gazetteer, Place, folded, gazetteer
from trsllava.records import Footprint

Relation = Literal["in", "near", "along", "within"]

_NUMBER = r"[-+\N{MINUS SIGN}]?\d{1,3}(?:\.\d+)?"
_COORDINATES = re.compile(
    rf"(?P<lat>{_NUMBER})\s?°?\s?(?P<ns>[NSns])?(?:\s*,\s*|\s+)(?P<lon>{_NUMBER})\s?°?\s?(?P<ew>[EWew])?(?![\w.])"
)
_DISTANCE = (
    r"(?:(?:with)?in|up\s+to|no\s+more\s+than|less\s+than|at\s+most|not\s+more\s+than)?\s*"
    r"(?:a\s+radius\s+of\s+)?(?P<km>\d+(?:\.\d+)?)\s?-?(?P<unit>km|kms|kilomet(?:er|re)s?|mi|miles?|met(?:er|re)s?|m)"
    r"\s+(?:of|from|around|away\s+from)"
)
_KM = {"k": 1.0, "m": 0.001, "mi": 1.609344}
_NEAR = (
    r"near(?:\s+to)?|close\s+to|next\s+to|around|nearby|not\s+far\s+from|outside\s+of|beside"
    r"|(?:in|on|at)\s+the\s+(?:vicinity|outskirts|surroundings|area)\s+of|off(?:\s+the\s+coast\s+of)?"
)
_ALONG = r"along|on\s+the\s+(?:banks?|shores?)\s+of|up\s+and\s+down|beside"
_IN = r"in|within|inside|throughout|across|all\s+over"
_WEAK = r"of|at|from|on|by|over|through|to"
_BEFORE = re.compile(
    rf"(?:^|(?<=[\s,;(]))(?:(?P<distance>{_DISTANCE})|(?P<along>{_ALONG})|(?P<near>{_NEAR})|(?P<in>{_IN})|(?P<weak>{_WEAK}))\s+"
    r"(?P<part>(?:the\s+)?(?:(?:far\s+)?(?:north|south|east|west|centre|center|middle|interior)\s*-?\s*(?:east|west)?\s+of|[a-z]+(?:[-\s]?[a-z]+)?)\s+)??"
    r"(?:the\s+)?(?:(?:city|town|village|state|province|region|island|country|county)\s+of\s+)?(?:the\s+)?$",
    re.IGNORECASE,
)
_PART = re.compile(
    r"^(?:the\s+)?(?:far\s+)?(?P<ns>north|south)?\s*-?\s*(?P<ew>east|west)?(?P<mid>central|centre|center|middle|interior)?(?:ern)?(?:\s+of)?$",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"(?:\bnot|\bexcept|\bexcluding|\bwithout|\bother\s+than|\boutside|\bno)\s+(?:\w+\s+)?$", re.IGNORECASE
)
_TOKEN = re.compile(r"[^\W_]+")
_JOINS = re.compile(r"(?:\s+|-|['’`]|\.\s?)\Z")
_ENDS = re.compile(
    r"\s*(?:$|[,;.:!?()]|(?:and|or|with|without|near|in|on|at|by|along|from|to|between|before|after|since|during|until"
    r"|but|that|which|where|showing|seen|taken|beside|next|around|within|of|for|last|this)\b)",
    re.IGNORECASE,
)
_THE = re.compile(r"\bthe\s+$", re.IGNORECASE)
"""`the region`, `the greenland`: hardly a name, unless it is one of several, as `the netherlands`."""
_KIND_AFTER = re.compile(r"\s+(?P<kind>state|province|county|prefecture|governorate|oblast)\b", re.IGNORECASE)

_KNOWN_TOWN = 100_000
"""Inhabitants from which on a town's name alone, with a capital, is taken; of two words and more: any."""
_SMALL_LETTERS = 50_000
"""From which on it may be written in small letters after a preposition,"""
_LARGE = 500_000
"""from which on without one,"""
_METROPOLIS = 1_000_000
"""and from which on even where its name is an ordinary word."""
_MIN_LETTERS = 3
_SHORT = frozenset({"us", "uk", "uae", "usa", "u s", "u k", "u s a"})
"""Taken with capitals only."""
_WET = ("sea", "lake", "river", "waterway")
"""Things lie on them and by them."""
_BESIDE_EXTENT = 3.0
"""Orders of magnitude of inhabitants that it counts for a place to lie where the archive does."""
_TOLD = 1.5
"""Others of the same name that are at most so many orders of magnitude less likely are told."""


@dataclass(frozen=True)
class NamedPlace:
    """A place as a query names it."""

    place: Place
    relation: Relation
    start: int
    end: int
    """What of the text says so."""
    km: float | None = None
    """Told in the text."""
    part: str = ""
    """`north`, `southeast`, `central` where only a part of it is meant."""
    others: tuple[Place, ...] = ()
    """Other places of the name that are likely as well."""


def named_place(text: str, extent: Footprint | None = None, places: Gazetteer | None = None) -> NamedPlace | None:
    """The place that a text names; None where it names none. `extent`: where the archive lies, which makes places
    there likelier.

    A name that is an ordinary word (Nice, Reading, Orange) counts where a preposition goes before, it is written with
    a capital amid small letters, and no noun follows; countries and large cities also in small letters. Other names
    count after a preposition, and without one if they are well known.
    """
    point = _coordinates(text)
    if point is not None:
        return point
    places = places or gazetteer()
    found = list(_named(text, extent, places))
    return max(found, key=lambda one: (one.relation != "in" or _has_preposition(text, one), -one.start), default=None)


def _has_preposition(text: str, one: NamedPlace) -> bool:
    return not text[one.start : one.end][:1].isupper()


def _coordinates(text: str) -> NamedPlace | None:
    for match in _COORDINATES.finditer(text):
        before = _BEFORE.search(text[: match.start()])
        if before is None or before["part"]:
            continue
        plain = "." in match["lat"] or "." in match["lon"] or (match["ns"] and match["ew"]) or before["distance"]
        if not plain:
            continue
        lat, lon = _degrees(match["lat"], match["ns"], "sS"), _degrees(match["lon"], match["ew"], "wW")
        if abs(lat) > 90 or abs(lon) > 180:
            continue
        place = Place(f"{lat:g}, {lon:g}", "point", "", lon, lat)
        km = _km(before)
        return NamedPlace(place, "within" if km else "near", before.start(), match.end(), km)
    return None


def _degrees(number: str, letter: str | None, negative: str) -> float:
    value = float(number.replace("\N{MINUS SIGN}", "-"))
    return -abs(value) if letter and letter in negative else value


def _km(before: re.Match[str]) -> float | None:
    if before["distance"] is None:
        return None
    unit = before["unit"].lower()
    scale = 1.609344 if unit.startswith("mi") else 1.0 if unit.startswith("k") else 0.001
    return float(before["km"]) * scale


def _named(text: str, extent: Footprint | None, places: Gazetteer) -> Iterator[NamedPlace]:
    """Every place in a text, from left to right; of names within names the longest."""
    tokens = list(_TOKEN.finditer(text))
    done = 0
    for first in range(len(tokens)):
        if tokens[first].start() < done:
            continue
        for last in range(min(len(tokens), first + places.longest) - 1, first - 1, -1):
            if not all(
                _JOINS.match(text, a.end(), b.start())
                for a, b in zip(tokens[first:last], tokens[first + 1 : last + 1], strict=True)
            ):
                continue
            one = _at(text, tokens[first].start(), tokens[last].end(), extent, places)
            if one is not None:
                yield one
                done = one.end
                break


def _at(text: str, start: int, end: int, extent: Footprint | None, places: Gazetteer) -> NamedPlace | None:
    """The place that a part of a text names; None where it is no name, or hardly meant as one."""
    name = folded(text[start:end])
    if len(name) < _MIN_LETTERS and name not in _SHORT:
        return None
    known: Sequence[Place] = places.find(name)
    if not known or (name in _SHORT and not text[start:end].replace(".", "").isupper()):
        return None
    if end < len(text) and text[end : end + 1] == "." and name in _SHORT:
        end += 1
    before = _before(text[:start])
    if before and before["along"]:
        known = places.find(f"{name} river") or known
    if _REFUSED.search(text[: before.start() if before else start]):
        return None
    known, end, qualified = _qualified(text, end, known, places)
    kind = _KIND_AFTER.match(text, end)
    if kind and any(place.kind == "province" for place in known):
        known, end, qualified = [place for place in known if place.kind == "province"], kind.end(), True
    ranked = sorted(known, key=lambda place: -_likelihood(place, extent))
    likely = ranked[0]
    if not qualified and not _meant(text, start, end, name, likely, before, ordinary=name in places.ordinary):
        return None
    least = _likelihood(likely, extent) - _TOLD
    others = tuple(place for place in ranked[1:] if _likelihood(place, extent) >= least and _far(place, likely))
    part = _part_of(before["part"] if before else None)
    relation: Relation = "in"
    if before is not None:
        relation = (
            "within" if before["distance"] else "along" if before["along"] else "near" if before["near"] else "in"
        )
    return NamedPlace(
        likely, relation, before.start() if before else start, end, _km(before) if before else None, part, others[:3]
    )


def _before(text: str) -> re.Match[str] | None:
    """The preposition that a name follows, and what stands between them."""
    match = _BEFORE.search(text)
    if match is None or (match["part"] and not _PART.match(match["part"].strip())):
        return None
    return match


def _part_of(written: str | None) -> str:
    match = _PART.match(written.strip()) if written else None
    if match is None:
        return ""
    return "central" if match["mid"] else ((match["ns"] or "") + (match["ew"] or "")).lower()


def _qualified(text: str, end: int, known: Sequence[Place], places: Gazetteer) -> tuple[Sequence[Place], int, bool]:
    """Of places of a name those that lie where the text goes on to say: `Paris, Texas`."""
    comma = re.compile(r"\s*,\s*|\s+").match(text, end)
    if comma is None:
        return known, end, False
    tokens = list(_TOKEN.finditer(text, comma.end()))[:4]
    for last in range(len(tokens), 0, -1):
        if tokens[0].start() != comma.end():
            break
        name = text[tokens[0].start() : tokens[last - 1].end()]
        if "," not in comma.group() and not name[:1].isupper():
            continue
        around = [place for place in places.find(name) if place.kind in ("country", "province")]
        inside = [place for place in known if any(_lies_in(place, other) for other in around)]
        if inside:
            return inside, tokens[last - 1].end(), True
    return known, end, False


def _lies_in(place: Place, other: Place) -> bool:
    if place.key == other.key and place.key:
        return False
    return place.province == other.key if other.kind == "province" else place.country == other.country


def _likelihood(place: Place, extent: Footprint | None) -> float:
    """Orders of magnitude of inhabitants, more for what is not a town and for what lies where the archive does."""
    size = math.log10(place.population + 1000)
    if place.kind == "country":
        size = 9.0
    elif place.kind == "province":
        size -= 1.0
    elif place.kind != "town":
        size = 7.5
    return size + (_BESIDE_EXTENT if extent is not None and _meets(place, extent) else 0.0)


def _meets(place: Place, extent: Footprint) -> bool:
    west, south, east, north = place.box or (place.lon - 0.5, place.lat - 0.5, place.lon + 0.5, place.lat + 0.5)
    across = any(west + turn <= extent.unwrapped_east and extent.west <= east + turn for turn in (-360, 0, 360))
    return across and south <= extent.north and extent.south <= north


def _far(place: Place, other: Place) -> bool:
    return abs(place.lat - other.lat) > 1 or abs(place.lon - other.lon) > 1


def _meant(
    text: str, start: int, end: int, name: str, place: Place, before: re.Match[str] | None, *, ordinary: bool
) -> bool:
    """Whether a name stands for the place, and not for a thing."""
    follows = _TOKEN.search(text, end)
    if follows and not text[end : follows.start()].strip() and follows.group().casefold() in _things().get(name, ()):
        return False
    capital = text[start].isupper() and _tells_case(text, start, end)
    well_known = place.kind != "town"
    strong = before is not None and (before["weak"] is None or place.kind in _WET)
    if not capital and place.kind in ("town", "province", "country") and _THE.search(text[:start]) and name[-1] != "s":
        return False
    if not ordinary:
        if capital:
            return before is not None or well_known or " " in name or place.population >= _KNOWN_TOWN
        if strong:
            return well_known or place.population >= _SMALL_LETTERS
        return place.kind == "town" and place.population >= _LARGE and len(name) > 4
    alone = _ENDS.match(text, end) is not None
    if not strong or not alone:
        return False
    if capital:
        return True
    if place.kind in _WET:
        return before is not None and before["near"] is None
    return place.kind in ("country", "range", "continent") or (
        place.kind == "town" and place.population >= _METROPOLIS
    )


def _tells_case(text: str, start: int, end: int) -> bool:
    """Whether capitals tell anything: another word is written small, or there is none."""
    rest = [word.group() for word in _TOKEN.finditer(text[:start] + " " + text[end:]) if word.group().isalpha()]
    return not rest or any(word.islower() for word in rest)


@cache
def _things() -> Mapping[str, frozenset[str]]:
    lines = (DATA / "things.txt").read_text().splitlines()
    told = (line.partition(": ") for line in lines if line and not line.startswith("#"))
    return {name: frozenset(words.split(", ")) for name, _, words in told}
