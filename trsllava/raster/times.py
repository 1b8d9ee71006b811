"""Times that image files state about themselves."""

from __future__ import annotations

from datetime import UTC, datetime


def parse_time(text: str, offset: str = "") -> datetime | None:
    """Read `2024:05:17 10:31:05` (TIFF 6.0 and EXIF) or ISO 8601 as an aware UTC time; None where it is neither.

    `offset` is EXIF's OffsetTimeOriginal, `+02:00`. A time without a zone is taken as UTC.
    """
    text, offset = text.strip("\0 "), offset.strip("\0 ")
    date, _, clock = text.partition(" ")
    if date.count(":") == 2:
        text = f"{date.replace(':', '-')} {clock.strip()}".strip()
    for candidate in (text + offset, text):
        try:
            time = datetime.fromisoformat(candidate)
            return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None
