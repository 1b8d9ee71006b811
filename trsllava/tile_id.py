"""The id of a tile."""

from __future__ import annotations

import uuid

from trsllava.records import Rendering, Window

_NAMESPACE = uuid.UUID("5f0c5c7e-6a53-5b53-9a55-3d0b6a1f7a11")


def tile_id(sha256: str, window: Window, rendering: Rendering) -> uuid.UUID:
    """The same bytes rendered the same way are one tile, wherever they lie: the id comes from the file's content, the
    window of its pixels and how they are rendered."""
    where = ",".join(map(str, window))
    return uuid.uuid5(_NAMESPACE, f"{sha256}|{where}|{rendering.key()}")
