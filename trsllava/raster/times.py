"""Times that image files state about themselves, in their tags and their names."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_IN_NAME = re.compile(
    r"(?<!\d)(?P<year>(?:19[6-9]|20\d)\d)(?P<dash>[-_.]?)(?P<month>[01]\d)(?P=dash)(?P<day>[0-3]\d)"
    r"(?:[T_-]?(?P<hour>[0-2]\d)[-_:]?(?P<minute>[0-5]\d)[-_:]?(?P<second>[0-5]\d)Z?)?(?!\d)"
)
"""`20240517T103105` (Sentinel), `20240517_103105` (PlanetScope), `20240517` (Landsat, NAIP), `2024-05-17`."""


def parse_time(text: str, offset: str = "") -> datetime | None:
    """Read `2024:05:17 10:31:05` (TIFF 6.0 and EXIF) or ISO 8601 as an aware UTC time; None where it is neither.

    `offset` is EXIF's OffsetTimeOriginal, `+02:00`. A time without a zone is taken as UTC.
    """
    text, offset = text.strip("\0 "), offset.strip("\0 ")
    date, _, clock = text.partition(" ")
    if re.fullmatch(r"\d+:\d+:\d+", date):
        text = f"{date.replace(':', '-')} {clock.strip()}".strip()
    for candidate in (text + offset, text):
        try:
            time = datetime.fromisoformat(candidate)
            return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None


def time_in_name(name: str) -> datetime | None:
    """The first date in a file's name, with the time of day where one follows, as UTC; None where there is none."""
    for match in _IN_NAME.finditer(name):
        year, month, day = int(match["year"]), int(match["month"]), int(match["day"])
        clock = (int(match["hour"] or 0), int(match["minute"] or 0), int(match["second"] or 0))
        for time_of_day in (clock, (0, 0, 0)):  # digits after a date need not be a clock
            try:
                return datetime(year, month, day, *time_of_day, tzinfo=UTC)
            except ValueError:  # the thirtieth of February: a number, not a date
                continue
    return None
