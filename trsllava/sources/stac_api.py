"""Scenes that a search of a STAC API finds (STAC API, item search)."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from trsllava.errors import InputError, Parameter
from trsllava.remote.address import signed
from trsllava.remote.requests import read_document
from trsllava.sources.documents import read_json, resolved
from trsllava.sources.reach import EVERYWHERE, Reach
from trsllava.sources.scene import SceneSource
from trsllava.sources.stac import Found, name_of, own_place, scenes_of

_LISTS = ("collections", "ids", "bbox")
_KNOWN = (*_LISTS, "datetime", "limit", "intersects", "query", "filter", "filter-lang", "filter-crs", "sortby", "max")
_OBJECTS = ("intersects", "query", "filter")
_PAGE = 100


def search_source(root: str, query: str, reach: Reach = EVERYWHERE) -> SceneSource:
    """The scenes that `query` finds at the API whose landing page is `root`.

    A query is JSON as the API takes it, or `collections=sentinel-2-l2a&bbox=3.9,51.8,4.6,52.1&datetime=2023-06/..`;
    `max` ends it after so many items. `reach`: what links and items may name. Raises InputError,
    OutOfReachError, where the root is no API that can search; ImageError where it searches beyond the reach.
    """
    wanted = _parsed(query)
    most = wanted.pop("max", None)
    if most is not None and not (str(most).isdecimal() and int(most) > 0):
        raise InputError(Parameter("stac_query"), f": max must be a number of items, not {most!r}.")
    post, address = _search_link(root)
    reach.check(address)
    found = SceneSource(root.partition("?")[0].rstrip("/"), (), complete=False)
    pages = _found(address, wanted, post=post, most=int(most) if most is not None else None, reach=reach)
    found.scenes = scenes_of(pages, lambda item: _name(found.root, item), found.unreadable, reach)
    return found


def _name(root: str, item: Mapping[str, Any]) -> str:
    """An item's address in the API (STAC API, features)."""
    below = name_of("", item).lstrip("/")
    collection, _, name = below.rpartition("/")
    return f"{root}/collections/{collection}/items/{name}" if collection else f"{root}/{name}"


def _parsed(query: str) -> dict[str, Any]:
    if query.lstrip().startswith("{"):
        try:
            wanted = json.loads(query)
        except (ValueError, RecursionError) as error:
            raise InputError(Parameter("stac_query"), " is no JSON; see docs/sources.md.") from error
    else:
        wanted = {}
        for name, value in parse_qsl(query, keep_blank_values=True):
            wanted[name] = value.split(",") if name in _LISTS else _object(name, value)
    unknown = [name for name in wanted if name not in _KNOWN]
    if unknown or not isinstance(wanted, dict):
        raise InputError(
            Parameter("stac_query"), f" knows {', '.join(_KNOWN)}, not {unknown[0]!r}; write name=value&name=value."
        )
    if isinstance(box := wanted.get("bbox"), list):
        try:
            wanted["bbox"] = [float(side) for side in box]
            if not all(map(math.isfinite, wanted["bbox"])):
                raise ValueError
        except (TypeError, ValueError) as error:
            raise InputError(
                Parameter("stac_query"), f": bbox expects west,south,east,north in degrees, not {box!r}."
            ) from error
    return wanted


def _search_link(root: str) -> tuple[bool, str]:
    """Whether searches are posted, and where. POST is preferred: its bodies have no length limit."""
    landing = read_json(root)
    links = landing.get("links") if isinstance(landing, dict) else None
    found = [
        link for link in links or () if isinstance(link, dict) and link.get("rel") == "search" and link.get("href")
    ]
    if not found:
        raise InputError(f"{root} is no STAC API: its landing page names no search.")
    chosen = next((link for link in found if str(link.get("method", "")).upper() == "POST"), found[0])
    return str(chosen.get("method", "GET")).upper() == "POST", resolved(str(chosen["href"]), root)


def _found(address: str, wanted: dict[str, Any], *, post: bool, most: int | None, reach: Reach) -> Iterator[Found]:
    """The items of all pages, one page in memory at a time; a page that comes twice ends it."""
    body: Any = {"limit": _PAGE, **wanted} if post else None
    if body is not None:
        body = _posted(body)
    if not post:
        address += ("&" if "?" in address else "?") + urlencode(_flat({"limit": _PAGE, **wanted}))
    asked: set[str] = set()
    count = 0
    while True:
        asked.add(_page(address, body))
        page = read_document(address, body)
        features = page.get("features") if isinstance(page, dict) else None
        if not isinstance(features, list):
            raise InputError(f"{address.partition('?')[0]} answers with no ItemCollection.")
        for item in features:
            if isinstance(item, dict):
                yield Found(item, own_place(item, address))
                count += 1
                if count == most:
                    return
        following = next((link for link in page.get("links") or () if isinstance(link, dict) and _is_next(link)), None)
        if following is None:
            return
        address = resolved(following["href"], address)
        reach.check(address)
        if str(following.get("method") or "GET").upper() == "POST":
            told = following.get("body")
            said: dict[str, Any] = told if isinstance(told, dict) else {}
            body = {**(body or {}), **said} if following.get("merge") else said
        else:
            body = None
        if _page(address, body) in asked:
            return


def _posted(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """A query as a body has it: a number of items, and an order in objects."""
    body = dict(wanted)
    if isinstance(limit := body["limit"], str):
        body["limit"] = int(limit) if limit.isdecimal() else _PAGE
    if isinstance(order := body.get("sortby"), str):
        names = filter(None, (name.strip() for name in order.split(",")))
        body["sortby"] = [
            {"field": name.lstrip("+-"), "direction": "desc" if name.startswith("-") else "asc"} for name in names
        ]
    return body


def _object(name: str, written: str) -> Any:
    """What of a `name=value` is an object, which a body has as such and an address as JSON."""
    if name not in _OBJECTS or not written.lstrip().startswith("{"):
        return written
    try:
        return json.loads(written)
    except (ValueError, RecursionError) as error:
        raise InputError(Parameter("stac_query"), f": {name} is no JSON.") from error


def _page(address: str, body: Any) -> str:
    """What tells pages apart: parameters that look like credentials may well be pages' tokens."""
    return f"{signed(address)} {json.dumps(body, sort_keys=True)}"


def _is_next(link: dict[str, Any]) -> bool:
    return link.get("rel") == "next" and isinstance(link.get("href"), str)


def _flat(wanted: dict[str, Any]) -> dict[str, str]:
    """As it stands in an address: lists with commas, objects as JSON."""
    return {
        name: ",".join(map(str, value))
        if isinstance(value, list) and all(isinstance(one, str | int | float) for one in value)
        else value
        if isinstance(value, str)
        else json.dumps(value)
        for name, value in wanted.items()
    }
