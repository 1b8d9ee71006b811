"""What a captioner does: pictures in, rich texts out, in whatever order they are ready."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from trsllava.records import Reason, RichText, Tile


@dataclass(frozen=True)
class CaptionJob:
    """One tile to be captioned. `load` reads its picture, `(h, w, 3)` uint8, when its turn comes, and raises
    ImageError where that fails."""

    tile: Tile
    paths: tuple[str, ...]
    load: Callable[[], NDArray[np.uint8]]
    attempts: int = 0
    """How often the tile was asked about before: each attempt is sampled in its own way."""


@dataclass(frozen=True)
class CaptionAnswer:
    """What became of one job: a rich text, or the reason why there is none."""

    tile_id: str
    text: RichText | None
    error: str = ""
    raw: str = ""
    """The model's last answer, kept where it could not be used."""
    attempts: int = 1
    seconds: float = 0.0
    refusals: tuple[Reason, ...] = ()
    """Why each bad answer was refused, in order; without a text the last one is the final reason."""


class Captioner(Protocol):
    """Writes rich texts for pictures."""

    @property
    def name(self) -> str:
        """Recorded with the collection: kind and model."""
        ...

    @property
    def prompt(self) -> str:
        """Prompt id and version, empty where there is none."""
        ...

    def caption(self, jobs: Iterable[CaptionJob]) -> Iterator[CaptionAnswer]:
        """One answer a job, as they become ready; jobs are drawn lazily, so a long iterable costs no memory.
        Raises ServerError when the model cannot be reached at all."""
        ...
