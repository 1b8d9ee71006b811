"""STAC documents with the links and assets that they have over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from trsllava.archive import Archive
from trsllava.records import Filters
from trsllava.service.pictures import original_of
from trsllava.service.settings import ServiceSettings
from trsllava.service.stac.searching import Found, Page
from trsllava.stac.catalogue import original_asset
from trsllava.stac.collections import collection_of
from trsllava.stac.items import STAC_VERSION, Document, item_of, with_hit

JSON, GEOJSON = "application/json", "application/geo+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.1"

CONFORMANCE = (
    "https://api.stacspec.org/v1.0.0/core",
    "https://api.stacspec.org/v1.0.0/collections",
    "https://api.stacspec.org/v1.0.0/ogcapi-features",
    "https://api.stacspec.org/v1.0.0/item-search",
    "https://api.stacspec.org/v1.0.0-rc.1/item-search#free-text",
    "https://api.stacspec.org/v1.0.0-rc.1/ogcapi-features#free-text",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
)


@dataclass(frozen=True)
class Root:
    """A landing page: the service's, or that of a saved query."""

    base: str
    """Of the whole service, with a slash at its end."""
    query: str | None = None
    """What its searches look for; None: whatever each says."""

    @property
    def url(self) -> str:
        """The landing page's address, without a slash at its end."""
        return f"{self.base}stac" + ("" if self.query is None else f"/q/{quote(self.query, safe='')}")

    @property
    def schema(self) -> str:
        """Where the JSON schema of our own fields is."""
        return f"{self.base}stac/schema.json"

    def collection(self, name: str) -> str:
        """The address of a collection."""
        return f"{self.url}/collections/{quote(name, safe='')}"


def link(rel: str, href: str, media_type: str = JSON, **more: Any) -> dict[str, Any]:
    """A link object."""
    return {"rel": rel, "href": href, "type": media_type, **more}


def landing(root: Root, names: list[str]) -> Document:
    """The landing page."""
    of = "" if root.query is None else f": {root.query}"
    return {
        "type": "Catalog",
        "stac_version": STAC_VERSION,
        "stac_extensions": [],
        "id": "trsllava" if root.query is None else f"trsllava-q-{quote(root.query, safe='')}",
        "title": f"trsllava{of}",
        "description": "Pictures that can be searched by describing them." if root.query is None else f"Pictures{of}",
        "conformsTo": list(CONFORMANCE),
        "links": [
            link("self", root.url),
            link("root", root.url),
            link("data", f"{root.url}/collections", title="Collections"),
            link("conformance", f"{root.url}/conformance", title="What this API conforms to"),
            link("search", f"{root.url}/search", GEOJSON, method="GET", title="Search"),
            link("search", f"{root.url}/search", GEOJSON, method="POST", title="Search"),
            link("service-desc", f"{root.base}stac/api", OPENAPI, title="OpenAPI"),
            link("describedby", root.schema, "application/schema+json", title="Our own fields"),
            *(link("child", root.collection(name), title=name) for name in names),
        ],
    }


def collection_document(root: Root, archive: Archive) -> Document:
    """A Collection."""
    name, ledger = archive.settings.collection, archive.ledger
    own = root.collection(name)
    links = [
        link("self", own),
        link("root", root.url),
        link("parent", root.url),
        link("items", f"{own}/items", GEOJSON),
    ]
    tiles = ledger.count_captioned(Filters())
    return collection_of(name, ledger.extent(), tiles=tiles, models=ledger.models(), links=links)


def collections_document(root: Root, archives: list[Archive]) -> Document:
    """All of them."""
    return {
        "collections": [collection_document(root, archive) for archive in archives],
        "links": [link("self", f"{root.url}/collections"), link("root", root.url)],
    }


def item_document(root: Root, found: Found, settings: ServiceSettings) -> Document:
    """An Item, with what a search says of it."""
    own = root.collection(found.collection)
    links = [
        link("self", f"{own}/items/{found.record.tile.id}", GEOJSON),
        link("root", root.url),
        link("parent", own),
        link("collection", own),
    ]
    item = item_of(
        found.record,
        found.collection,
        links=links,
        assets=_assets(root, found, settings),
        extensions=[root.schema],
    )
    return item if found.hit is None else with_hit(item, found.hit)


def page_document(root: Root, page: Page, settings: ServiceSettings, links: list[dict[str, Any]]) -> Document:
    """An ItemCollection."""
    document: Document = {
        "type": "FeatureCollection",
        "features": [item_document(root, found, settings) for found in page.found],
        "links": [*links, link("root", root.url)],
        "numberReturned": len(page.found),
    }
    if page.matched is not None:
        document["numberMatched"] = page.matched
    return document


def _assets(root: Root, found: Found, settings: ServiceSettings) -> dict[str, Document]:
    original = original_of(found.record, settings)
    if settings.roots and original is None:
        return {}  # none of its pictures is handed out
    place, of = f"{root.base}v1/items/{found.record.tile.id}", {"collection": found.collection}
    assets: dict[str, Document] = {
        "thumbnail": {
            "href": f"{place}/thumbnail?{urlencode(of)}",
            "type": "image/jpeg",
            "title": "Thumbnail",
            "roles": ["thumbnail"],
        },
        "rendered": {
            "href": f"{place}/render?{urlencode({**of, 'format': 'png'})}",
            "type": "image/png",
            "title": "As it was captioned",
            "roles": ["visual"],
        },
    }
    if settings.originals and original is not None:
        asset = original_asset(original, f"{place}/original?{urlencode(of)}")
        if asset is not None:
            assets["original"] = asset
    return assets
