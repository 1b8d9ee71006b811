"""Which bands of a file are red, green and blue: by number, by sensor, or by what the bands are called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from trsllava.errors import InputError
from trsllava.raster.damage import unreadable
from trsllava.raster.readable import Readable


@dataclass(frozen=True)
class Sensor:
    """A sensor's true colour: band names of red, green and blue, and where they lie in files that name no bands."""

    names: tuple[str, str, str]
    """As `_plain` writes them."""
    positions: dict[int, tuple[int, int, int]]
    """Number of bands in a file to the 1-based positions of red, green and blue."""


class BandPattern(NamedTuple):
    """File names of a scene's bands, in which stars stand for what the three have in common."""

    red: str
    green: str
    blue: str


_LANDSAT = Sensor(("b4", "b3", "b2"), {7: (4, 3, 2), 8: (4, 3, 2), 9: (4, 3, 2), 10: (4, 3, 2), 11: (4, 3, 2)})

SENSORS: dict[str, Sensor] = {
    # 4: the 10 m bands B02 B03 B04 B08; 10: the 10 and 20 m bands; 12: without B10 (level 2A); 13: all (level 1C)
    "sentinel2": Sensor(("b4", "b3", "b2"), {4: (3, 2, 1), 10: (3, 2, 1), 12: (4, 3, 2), 13: (4, 3, 2)}),
    "landsat8": _LANDSAT,
    "landsat9": _LANDSAT,
    "naip": Sensor(("red", "green", "blue"), {4: (1, 2, 3)}),
    # 4: blue green red near infrared; 8: coastal blue green-i green yellow red red-edge near infrared
    "planetscope": Sensor(("red", "green", "blue"), {4: (3, 2, 1), 8: (6, 4, 2)}),
}

_BAND_NUMBERS = re.compile(r"\d+(,\d+,\d+)?")
_SINCE_LANDSAT_8 = {"b8a", "b9", "b10", "b11", "b12"}
"""Beside B2, B3 and B4 they tell Sentinel-2 and Landsat 8 or 9 from earlier Landsats, whose red is B3. Those have a
thermal B6 (`ST_B6`) and a panchromatic B8 too, but no `SR_B6`, and no B8 without a B1."""


def check_bands_wish(wish: str) -> None:
    """Raises InputError unless it is `auto`, a sensor's name, one or three band numbers, or file names."""
    if wish != "auto" and wish not in SENSORS and not _BAND_NUMBERS.fullmatch(wish) and not band_pattern(wish):
        raise InputError(
            f"The bands {wish!r} are not understood. Give three numbers for red, green and blue as in 4,3,2, one for "
            f"grey, a sensor ({', '.join(SENSORS)}), or the names of their files as in "
            "red=*_B4.TIF,green=*_B3.TIF,blue=*_B2.TIF, with as many stars in each."
        )


def band_pattern(wish: str) -> BandPattern | None:
    """The patterns of `red=…,green=…,blue=…`, in whatever order they are written; None for another wish."""
    parts = [part.partition("=") for part in wish.split(",")]
    by_colour = {colour.strip().lower(): glob.strip() for colour, _, glob in parts}
    if len(parts) != 3 or set(by_colour) != {"red", "green", "blue"}:
        return None
    red, green, blue = (by_colour[colour] for colour in ("red", "green", "blue"))
    stars = {glob.count("*") for glob in (red, green, blue)}
    named = all(glob and "/" not in glob for glob in (red, green, blue))
    return BandPattern(red, green, blue) if len(stars) == 1 and named else None


def choose_bands(path: Readable, wish: str, count: int, names: Sequence[str]) -> tuple[int, ...] | None:
    """The bands to show of a file with `count` bands that are called `names`, one each; empty where one has none.

    None: the file's own colours. A picture of up to three bands is one already, whatever the sensor.
    Raises ImageError where the bands asked for are not in the file.
    """
    plain = [_plain(name) for name in names]
    if _BAND_NUMBERS.fullmatch(wish):
        bands = tuple(map(int, wish.split(",")))
        if min(bands) < 1 or max(bands) > count:
            raise unreadable(path, f"it has {count} bands, and `bands` {wish} is not among them")
        return bands
    if wish == "auto" or band_pattern(wish):  # the files of the pattern are scenes; this one is another
        return _recognised(names, plain)
    sensor = SENSORS[wish]
    found = _named(sensor.names, plain) or _named(("red", "green", "blue"), plain) or sensor.positions.get(count)
    if found is None and count <= 3:
        return None
    if found is None:
        raise unreadable(path, f"its {count} bands are not {wish}'s; choose them by number, as in `bands` 4,3,2")
    return found


def _recognised(names: Sequence[str], plain: Sequence[str]) -> tuple[int, ...] | None:
    colours = _named(("red", "green", "blue"), plain)
    return _named(("b4", "b3", "b2"), plain) if colours is None and _red_is_b4(names, set(plain)) else colours


def _red_is_b4(names: Sequence[str], plain: set[str]) -> bool:
    said = [name.lower() for name in names]
    surely = any("b04" in name or name.startswith("sr_b6") for name in said)
    return surely or bool(_SINCE_LANDSAT_8 & plain) or ("b8" in plain and "b1" not in plain)


def _named(wanted: tuple[str, str, str], plain: Sequence[str]) -> tuple[int, ...] | None:
    return tuple(plain.index(name) + 1 for name in wanted) if set(wanted) <= set(plain) else None


def _plain(name: str) -> str:
    """`B04`, `SR_B4`, `Band 4` and `B4, central wavelength 665 nm` are all `b4`; `Red` is `red`."""
    text = re.split(r"[,(:;]", name.lower())[0].strip()
    number = re.fullmatch(r"(?:.*[_ ])?b(?:and)?[ _]?0*(\d+a?)", text)
    return f"b{number[1]}" if number else text
