"""What has been drawn: the truth that every caption of a sample picture is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Zone = Literal[
    "middle", "top", "bottom", "left", "right", "top left", "top right", "bottom left", "bottom right", "edge"
]
"""A part of the picture, as one sees it; which way that is on the ground depends on `Scene.north_up`."""


@dataclass(frozen=True)
class Thing:
    """One sort of thing in the picture: what it is, how many there are, how they look and where they lie."""

    noun: str
    """Singular, `container ship`; the plural is derived."""
    count: int | None = 1
    """How many have been drawn; None for what one does not count (water, sand, farmland)."""
    traits: tuple[str, ...] = ()
    """Adjectives in the order they are said: size, shape, colour."""
    relation: str = ""
    """Where they are relative to other things, as it stands after "are": `moored along the pier`, `on the quay`."""
    zone: Zone | None = None
    """Where they are in the picture."""


@dataclass(frozen=True)
class Scene:
    """A drawn scene, main thing first."""

    kind: str
    """The scene class, one of a closed list: `harbor`, `storage tanks`."""
    subject: Thing
    """What the picture is of: `harbor`, `two baseball fields`."""
    parts: tuple[Thing, ...] = ()
    """What belongs to the subject, the most conspicuous first."""
    surroundings: tuple[Thing, ...] = ()
    """What lies around the subject."""
    north_up: bool = False
    """True where the picture is georeferenced and its top is north; only then may words name compass directions."""

    def things(self) -> tuple[Thing, ...]:
        """Everything drawn, main thing first."""
        return (self.subject, *self.parts, *self.surroundings)
