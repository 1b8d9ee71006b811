"""What share of a collection an answer was searched over, and how to make the rest searchable."""

from __future__ import annotations

import shlex
from dataclasses import dataclass


@dataclass(frozen=True)
class Coverage:
    """How many of a collection's images can be found."""

    searchable: int
    """Tiles in the vector store."""
    captioned: int
    """Tiles with captions, searchable or not."""
    pending: int
    """Tiles still without captions."""
    folder: str = ""
    """A folder that was indexed; empty before the first file."""

    @property
    def whole(self) -> bool:
        """True where every tile can be found, those in quarantine aside."""
        return self.searchable >= self.captioned and not self.pending

    @property
    def share(self) -> float:
        """The searchable share of the collection, 0 to 1; 1 where there is nothing to search."""
        tiles = max(self.searchable, self.captioned) + self.pending
        return self.searchable / tiles if tiles else 1.0

    def sentences(self) -> list[str]:
        """What to say above the hits; nothing where the whole collection was searched."""
        if self.whole:
            return []
        if not self.searchable and self.captioned:
            missing = f"No image can be found yet: {self.captioned:,} captioned {_images(self.captioned)} not stored."
        elif self.searchable < self.captioned:
            missing = f"Searched {self.searchable:,} of {self.captioned:,} captioned images."
        else:
            missing = f"Searched {self.searchable:,} of {self.searchable + self.pending:,} images."
        if self.pending:
            missing += f" {self.pending:,} {'has' if self.pending == 1 else 'have'} no captions yet."
        return [f"{missing} {self._remedy()}"]

    def _remedy(self) -> str:
        again = f"`trsllava index {shlex.quote(self.folder) if self.folder else 'FOLDER'}`"
        if self.searchable < self.captioned:
            again += " again, or `trsllava reindex`,"
        return f"Run {again} to make the rest searchable."


def _images(count: int) -> str:
    return "image is" if count == 1 else "images are"
