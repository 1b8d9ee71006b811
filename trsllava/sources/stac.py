"""Scenes of STAC documents: an item, a collection, a catalogue, an ItemCollection."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from trsllava.errors import ImageError, InputError
from trsllava.raster.item_time import time_of_item
from trsllava.raster.outline import footprint_of_item
from trsllava.records import Asset
from trsllava.remote.address import is_address
from trsllava.sources.assets import shown_assets
from trsllava.sources.documents import read_json, resolved
from trsllava.sources.properties import item_properties
from trsllava.sources.reach import EVERYWHERE, Reach
from trsllava.sources.scene import SourceScene


@dataclass(frozen=True)
class Found:
    """An item, and the document that its relative links start from."""

    item: Mapping[str, Any]
    base: str
    providers: object = None
    """Of its collection."""


def _kind(document: object) -> str:
    """`item`, `items` (ItemCollection), `catalogue` (a collection as well), or empty for something else."""
    if isinstance(document, list):
        return "items" if document and all(_kind(one) == "item" for one in document) else ""
    if not isinstance(document, dict):
        return ""
    if document.get("type") == "Feature" and isinstance(document.get("assets"), dict):
        return "item"
    if document.get("type") == "FeatureCollection" and isinstance(document.get("features"), list):
        return "items"
    # before STAC 1.0 a catalogue had no type
    known = document.get("type") in ("Catalog", "Collection") or "stac_version" in document
    return "catalogue" if known and isinstance(document.get("links"), list) else ""


class StacWalk:
    """All items below a document, each once; documents that cannot be read are noted, and do not stop the walk."""

    def __init__(self, place: str, reach: Reach = EVERYWHERE) -> None:
        """`place`: an absolute path or an address. `reach`: what links may lead to. Raises InputError, OutOfReachError
        where it cannot be read, or is no STAC."""
        self._place, self._reach = place, reach
        self._first = read_json(place)
        if not _kind(self._first):
            raise InputError(f"{place} is no STAC item, collection, catalogue or ItemCollection.")
        self.unreadable: dict[str, str] = {}
        """Documents below the first one that cannot be read, and why."""

    def __iter__(self) -> Iterator[Found]:
        seen = {self._place}
        waiting: deque[tuple[str, object, object]] = deque([(self._place, self._first, None)])
        while waiting:
            place, document, providers = waiting.popleft()
            if document is None:
                document = self._read(place)
            match _kind(document):
                case "item":
                    assert isinstance(document, dict)
                    yield Found(document, place, providers)
                case "items":
                    features = document if isinstance(document, list) else document["features"]  # type: ignore[index]
                    yield from (
                        Found(one, own_place(one, place), providers) for one in features if _kind(one) == "item"
                    )
            following = [target for target in self._links(document, place) if target not in seen]
            seen.update(following)
            stated = document.get("providers") if isinstance(document, dict) else None
            # depth first, in the order of the links: memory is bounded by the catalogue's depth and breadth
            waiting.extendleft((target, None, stated or providers) for target in reversed(following))

    def _read(self, place: str) -> object:
        try:
            document: object = read_json(place)
        except (ImageError, InputError) as error:
            self.unreadable[place] = str(error)
            return None
        if not _kind(document):
            self.unreadable[place] = f"{place} is no STAC document."
        return document

    def _links(self, document: object, place: str) -> list[str]:
        if not isinstance(document, dict) or not isinstance(document.get("links"), list):
            return []
        kind = _kind(document)
        wanted = {"catalogue": ("child", "item", "items"), "items": ("next",)}.get(kind, ())
        links = [
            link
            for link in document["links"]
            if isinstance(link, dict) and link.get("rel") in wanted and isinstance(link.get("href"), str)
            if str(link.get("method") or "GET").upper() == "GET"
        ]
        if any(link["rel"] == "items" for link in links):  # an API's collection links to each item as well
            links = [link for link in links if link["rel"] != "item"]
        found: list[str] = []
        for link in links:
            try:
                target = resolved(link["href"], place)
                self._reach.check(target)
                found.append(target)
            except ImageError as error:
                self.unreadable[f"{place}#{link['href'][:80]}"] = str(error)
        return list(dict.fromkeys(found))


def own_place(item: Mapping[str, Any], place: str) -> str:
    """Where an item of a list says that it lies: its relative links start there. Those of a list on this machine start
    at the list: the network is read where the user named it."""
    if not is_address(place):
        return place
    links = item.get("links")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("rel") == "self" and isinstance(href := link.get("href"), str):
            try:
                return resolved(href, place)
            except ImageError:
                return place
    return place


def name_of(source: str, item: Mapping[str, Any]) -> str:
    """An item's path in the ledger: its source, its collection and its id. Raises ImageError without an id."""
    if not isinstance(item.get("id"), str) or not item["id"]:
        raise ImageError(f"{source} has an item without an id.")
    steps = [step for step in (item.get("collection"), item["id"]) if isinstance(step, str) and step]
    return "/".join([source.rstrip("/"), *(quote(step, safe=" ,:;=@+~()[]") for step in steps)])


def scene_of(found: Found, name: str) -> SourceScene:
    """An item as a scene. Raises ImageError where it has no picture, or one that must not be read."""
    assets = found.item.get("assets")
    assets = assets if isinstance(assets, dict) else {}
    shown = shown_assets(assets)
    if not shown:
        raise ImageError(f"{name} has no asset that is a picture.")
    taken = time_of_item(found.item, name)
    checksums = tuple(str(assets[key].get("file:checksum") or "") for key, _ in shown)
    return SourceScene(
        name=name,
        assets=tuple(Asset(resolved(assets[key]["href"], found.base), bands) for key, bands in shown),
        footprint=footprint_of_item(found.item),
        acquired=taken.start if taken else None,
        acquired_end=taken.end if taken and taken.end > taken.start else None,
        properties=item_properties(found.item, found.providers),
        checksums=checksums if all(checksums) else (),
    )


def scenes_of(
    items: Iterable[Found],
    named: Callable[[Mapping[str, Any]], str],
    unreadable: dict[str, str],
    reach: Reach = EVERYWHERE,
) -> Iterator[SourceScene]:
    """The scenes of items, each name once; what cannot be used is put into `unreadable` with its reason, and so is
    what lies outside of the reach."""
    seen: set[str] = set()
    for found in items:
        name = found.base
        try:
            name = named(found.item)
            if name in seen:
                continue
            seen.add(name)
            scene = scene_of(found, name)
            for asset in scene.assets:
                reach.check(asset.href)
            yield scene
        except ImageError as error:
            unreadable[name] = str(error)
        except OverflowError:  # JSON sets no limit to whole numbers
            unreadable[name] = f"{name} has a number that is too large."
