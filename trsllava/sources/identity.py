"""What the pixels of a scene are known by without reading them: a stated checksum, or the version a server names."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from trsllava.remote.requests import read_part
from trsllava.sources.scene import SourceScene

_SHA2_256 = "1220"
"""The multihash prefix of SHA-256 with 32 bytes."""


@dataclass(frozen=True)
class Identity:
    """Of a scene's content."""

    sha256: str
    """64 hexadecimal digits: the content's own hash where it is known, else one of address and version."""
    size: int = 0
    """Bytes; 0 where unknown."""
    mtime_ns: int = 0
    """Of local files; of remote ones a number that changes with their version."""
    versions: tuple[str, ...] = ()
    """Of remote files, as their servers name them; empty where none was asked."""


def known_identity(scene: SourceScene) -> Identity | None:
    """The identity by the item's checksums (STAC file extension); None where it states none."""
    if not scene.checksums:
        return None
    sums = [checksum.lower() for checksum in scene.checksums]
    if len(sums) == 1 and sums[0].startswith(_SHA2_256) and len(sums[0]) == len(_SHA2_256) + 64:
        return Identity(sums[0].removeprefix(_SHA2_256))
    return Identity(_hashed(sums))


def remote_identity(scene: SourceScene) -> Identity:
    """The identity by address, ETag (else time) and size, for one byte of each file. Raises OutOfReachError,
    ImageError."""
    parts = [read_part(asset.href, 0, 1) for asset in scene.assets]
    named = [f"{asset.href} {part.version or part.size}" for asset, part in zip(scene.assets, parts, strict=True)]
    digest = _hashed(named)
    versions = tuple(part.version for part in parts)
    return Identity(digest, sum(part.size for part in parts), int(digest[:15], 16), versions)


def _hashed(texts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
