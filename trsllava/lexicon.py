"""The words of overhead captions that something to be seen stands behind, with their spellings and levels.

A rule-based stand-in for a language model: it knows common land use, structures, objects and looks in English, and
nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Literal, NamedTuple

from trsllava.errors import InputError, Parameter

Level = Literal["global", "large", "small", "look"]
"""Scene semantics, large-scale structures, small-scale details (DiaRet, section 3.1), and looks: colour, shape and
number."""


class Keyword(NamedTuple):
    """One meaning, by its usual name."""

    name: str
    level: Level


_FORMS: dict[Level, str] = {
    "global": """airport airports|bareland bare-land barelands barren bald|baseball-field baseball baseballfield|beach
        beaches coast shore seaside|bridge bridges|commercial downtown bustling|dense densely crowded|desert
        deserts sand sandy dunes|factory factories industrial plant-area|farmland farmlands farm cropland
        crops|forest forests woods wood jungle|meadow meadows grassland grasslands|medium|mountain mountains
        hills ridge peaks|park parks|parking parking-lot|playground playgrounds|pond ponds lake lakes|port harbor
        harbour harbors wharf dock docks pier piers|railway railways railroad rail tracks|residential
        neighborhood neighbourhood housing|resort resorts|river rivers stream creek|school schools campus
        teaching|sparse sparsely scattered|square plaza|stadium stadiums gymnasium|station
        stations|storage|viaduct viaducts overpass overpasses interchange|church churches cathedral|center centre""",
    "large": """basketball-court basketball|football-field football soccer|tennis-court tennis|running-track track
        oval|runway runways|terminal terminals termial|road roads highway highways street streets lane
        lanes|crossroads intersection crossing|sea ocean|water|island islands|lawn lawns grass grassy|field
        fields|building buildings edifices skyscrapers|house houses villas villa cottages|roof roofs roofed|block
        blocks|workshop workshops warehouse warehouses|swimming-pool pool pools swimming|bank banks
        riverbank|path paths trail trails|courtyard yard|ground|snow snows snowy|vegetation bushes shrubs
        bush|fan|ring circle circles""",
    "small": """tree trees|car cars vehicles vehicle trucks truck|plane planes airplane airplanes aircraft|boat
        boats yacht yachts|ship ships vessels vessel|tank tanks jars|train trains|wave waves spray foam|ripple
        ripples lines line|container containers|crane cranes|people crowd pedestrians|flower flowers|rock rocks
        stones stone reef|bunker bunkers|seat seats stands bleachers|goal|sculpture statue monument
        fountain|shadow shadows""",
    "look": """green lush|yellow khaki|white|gray grey silver|red|blue|brown|black dark|orange|light bright|colorful
        colors|large big huge vast broad|small little tiny|tall high|long|wide|narrow|straight|curved crooked
        winding meandering sinuous|rectangular rectangle|round circular|irregular
        irregularly|triangular|semicircular semi|neat neatly orderly regularly|row
        rows|parallel|planted|empty|surrounded surround surroundeded surrounding|two both|three|four|many lots
        plenty numerous|several""",
}


LEVELS: tuple[Level, ...] = tuple(_FORMS)


class Token(NamedTuple):
    """A word of a text, or a pair that is one keyword, with what it means; None for any other word."""

    text: str
    keyword: Keyword | None


def tokens(text: str) -> list[Token]:
    """The words of a text in lower case; a pair such as "baseball field" is one."""
    words = re.findall(r"[a-z]+", text.lower())
    found: list[Token] = []
    place = 0
    while place < len(words):
        pair = words[place : place + 2]
        known = _by_form().get("-".join(pair)) if len(pair) == 2 else None
        found.append(Token(" ".join(pair), known) if known else Token(words[place], _by_form().get(words[place])))
        place += 2 if known else 1
    return found


def keywords(text: str) -> list[Keyword]:
    """The keywords of a text in order of appearance, each once."""
    return list(dict.fromkeys(token.keyword for token in tokens(text) if token.keyword is not None))


def parse_levels(text: str) -> tuple[Level, ...]:
    """`global,small` as levels, in the lexicon's order. Raises InputError for an unknown one."""
    asked = {part.strip() for part in text.split(",")}
    unknown = sorted(asked - set(_FORMS))
    if unknown:
        raise InputError(Parameter("levels"), f" accepts {', '.join(_FORMS)}, not {', '.join(map(repr, unknown))}.")
    return tuple(level for level in _FORMS if level in asked)


def is_word_of(word: str, levels: Iterable[Level]) -> bool:
    """True where a single word names a keyword of one of the levels."""
    keyword = _by_form().get(word.lower())
    return keyword is not None and keyword.level in set(levels)


def lexicon() -> list[Keyword]:
    """All keywords, in a fixed order."""
    return list(dict.fromkeys(_by_form().values()))


@cache
def _by_form() -> dict[str, Keyword]:
    table: dict[str, Keyword] = {}
    for level, entries in _FORMS.items():
        for entry in entries.split("|"):
            forms = entry.split()
            keyword = Keyword(forms[0].replace("-", " "), level)
            table.update(dict.fromkeys(forms, keyword))
    return table
