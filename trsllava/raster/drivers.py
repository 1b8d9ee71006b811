"""Which of GDAL's drivers reads a file: its content says so, never its name."""

from __future__ import annotations

from pathlib import Path

_DRIVERS = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\0\0\0\x0cjP  ", "JP2OpenJPEG"),
    (b"\xff\x4f\xff\x51", "JP2OpenJPEG"),
    (b"<VRTDataset", "VRT"),
    (b"BM", "BMP"),
    (b"RIFF", "WEBP"),
    (b"GIF8", "GIF"),
)


def driver_of(path: Path) -> str:
    """`GTiff` for what is none of the others, so that it says what is wrong. Raises OSError."""
    with path.open("rb") as file:
        start = file.read(12)
    return next((driver for signature, driver in _DRIVERS if start.startswith(signature)), "GTiff")
