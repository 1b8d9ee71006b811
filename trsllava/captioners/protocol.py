"""What a captioner does: pictures in, rich texts out, in whatever order they are ready."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from trsllava.completion import NO_USAGE, Usage
from trsllava.encoders.protocol import FloatArray
from trsllava.records import Reason, RichText, Tile


@dataclass(frozen=True)
class CaptionJob:
    """One tile to be captioned, as plain data that any process can work on."""

    tile: Tile
    paths: tuple[str, ...]
    """Files that hold it; the first is read."""
    attempts: int = 0
    """How often a model was asked about it before; the next attempt is sampled otherwise."""
    labels: tuple[str, ...] = ()
    """What a map has there, for captioners that are told of it."""


@dataclass(frozen=True)
class CaptionAnswer:
    """What became of one job: a rich text, or the reason why there is none."""

    tile_id: str
    text: RichText | None
    error: str = ""
    raw: str = ""
    """The model's last answer, kept where it could not be used."""
    attempts: int = 1
    usage: Usage = NO_USAGE
    """Of all attempts together."""
    refusals: tuple[Reason, ...] = ()
    """Why each bad answer was refused, in order; without a text the last one is the final reason."""
    good_part: RichText | None = None
    """What was good of the best answer that was refused, for the case that no better one comes."""
    left_out: tuple[str, ...] = ()
    """What the server refuses to be asked with."""
    final: bool = True
    """False: no rich text yet; the tile goes on waiting, to be asked about again."""
    image: FloatArray | None = None
    """`(d,)` float32, L2-normalised: the picture's vector, from a captioner that is an image encoder as well."""
    image_encoder: str = ""
    """Name of the encoder that made `image`."""


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

        A job that the captioner cannot speak for yet has no answer, and stays pending. Raises ServerError when the
        model cannot be reached at all, OutOfReachError when the images cannot."""
        ...
