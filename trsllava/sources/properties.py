"""What a STAC item says of its scene besides where and when: the properties that can be filtered by."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

_COMMON = ("platform", "constellation", "mission", "gsd")
_PREFIXES = ("eo:", "view:", "sat:", "sar:", "grid:", "processing:", "landsat:", "s2:", "mgrs:")
_MOST = 48
_LONGEST = 200


def item_properties(item: Mapping[str, Any], providers: object = None) -> dict[str, str | float]:
    """`cloud_cover`, `platform`, `gsd`, `provider`, `collection` and the like, as far as the item states them.

    Of the EO extension the prefix is left out. `providers`: the collection's, where the item names none.
    """
    stated = item.get("properties")
    stated = stated if isinstance(stated, dict) else {}
    found: dict[str, str | float] = {}
    _put(found, "collection", item.get("collection"))
    _put(found, "provider", _provider(stated.get("providers")) or _provider(providers))
    _put(found, "instruments", _joined(stated.get("instruments")))
    for name in _COMMON:
        _put(found, name, stated.get(name))
    for name, value in stated.items():
        if isinstance(name, str) and name.startswith(_PREFIXES) and len(found) < _MOST:
            _put(found, name.removeprefix("eo:"), value)
    return found


def _put(found: dict[str, str | float], name: str, value: object) -> None:
    """Numbers and short texts; a text with an address in it may hold credentials."""
    if isinstance(value, bool):
        return
    if isinstance(value, int | float) and math.isfinite(value):
        found[name] = float(value)
    elif isinstance(value, str) and 0 < len(value.strip()) <= _LONGEST and "://" not in value:
        found[name] = value.strip()


def _joined(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _provider(providers: object) -> object:
    """Who made the data, else the first who is named."""
    named = (
        [one for one in providers if isinstance(one, dict) and one.get("name")] if isinstance(providers, list) else []
    )
    makers = [one for one in named if isinstance(one.get("roles"), list) and "producer" in one["roles"]]
    return (makers or named or [{}])[0].get("name")
