"""The weights that come with the package (docs/nano.md)."""

from __future__ import annotations

import hashlib
from pathlib import Path

from trsllava.errors import EncoderError

_FOLDER = Path(__file__).parent / "shipped_weights"
NANO = _FOLDER / "nano"
"""A folder as `trsllava train export` writes it."""
CALIBRATION = _FOLDER / "calibration.npz"
"""As `trsllava train calibration` writes it, for the default text encoder."""

RELEVANCE = _FOLDER / "relevance.npz"
"""As `trsllava train relevance` writes it, for the default text encoder and nano."""
PRESENCE = _FOLDER / "presence.npz"
"""As `trsllava train presence` writes it, for nano."""


def present(path: Path) -> Path:
    """The path itself. Raises EncoderError where an installation lacks it."""
    if not path.exists():
        raise EncoderError(f"{path} is missing from this installation of trsllava. Install it again, or train your "
                           "own with `trsllava train`.")  # fmt: skip
    return path


def digest(*files: Path) -> str:
    """Eight hexadecimal digits that change when one of the files does."""
    total = hashlib.sha256()
    for file in files:
        total.update(file.read_bytes())
    return total.hexdigest()[:8]
