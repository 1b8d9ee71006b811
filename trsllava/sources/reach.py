"""How far a source may reach: what its documents name is read only below certain folders and addresses."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from trsllava.errors import ImageError
from trsllava.remote.address import is_address, public


@dataclass(frozen=True)
class Reach:
    """What may be read for somebody who is not trusted with all that this machine can reach."""

    folders: tuple[Path, ...] = ()
    """Links resolved; none: all."""
    addresses: tuple[str, ...] | None = None
    """As in `https://data.example/archive` or `s3://bucket`; None: all."""

    def check(self, place: str) -> None:
        """Raises ImageError for an absolute path or an address that lies outside."""
        if is_address(place):
            if self.addresses is not None and not any(_is_below(place, allowed) for allowed in self.addresses):
                raise ImageError(f"{public(place)} lies outside of the addresses that may be read.")
        elif self.folders and not any(Path(os.path.realpath(place)).is_relative_to(folder) for folder in self.folders):
            raise ImageError(f"{place} lies outside of the folders that may be read.")


EVERYWHERE = Reach()
_AMBIGUOUS = re.compile(r"[\\\x00-\x1f\x7f]")


def _is_below(address: str, allowed: str) -> bool:
    """Scheme, host and port are the same, and the path lies below. A path with steps upwards lies nowhere, nor does
    what clients may read in different ways."""
    if _AMBIGUOUS.search(_decoded(address)):
        return False
    ours, theirs = urlsplit(address), urlsplit(allowed)
    if (ours.scheme.lower(), ours.netloc.rpartition("@")[2].lower()) != (theirs.scheme.lower(), theirs.netloc.lower()):
        return False
    steps, wanted = ([*filter(None, unquote(parts.path).split("/"))] for parts in (ours, theirs))
    return ".." not in _decoded(ours.path).split("/") and steps[: len(wanted)] == wanted


def _decoded(text: str) -> str:
    """Without percent-encoding, however many times it was applied."""
    while (plain := unquote(text)) != text:
        text = plain
    return text


def as_reach(folders: Sequence[Path], addresses: Sequence[str] | None) -> Reach:
    """The reach of folders, links resolved, and addresses, as `archive.index` is given them."""
    return Reach(tuple(folders), None if addresses is None else tuple(addresses))
