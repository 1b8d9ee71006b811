"""A collection as a static STAC catalogue: a folder of JSON files and thumbnails."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from trsllava.archive import Archive
from trsllava.errors import ImageError, InputError
from trsllava.raster.media_types import media_type_of
from trsllava.raster.readable import RemoteFile, Stack, readable
from trsllava.raster.tile_picture import tile_thumbnail
from trsllava.records import Filters, TileRecord
from trsllava.stac.collections import collection_of
from trsllava.stac.items import STAC_VERSION, Document, item_of, schema

_THUMBNAIL = 256
"""Longest side in pixels."""
_JSON, _GEOJSON = "application/json", "application/geo+json"
_SCHEMA = "trsllava.schema.json"


@dataclass(frozen=True)
class Written:
    """What was written of a collection."""

    items: int
    without_picture: int = 0
    """Items whose picture could not be read."""


def write_catalogue(archive: Archive, folder: Path, *, originals: bool = False) -> Written:
    """Write a collection as a static catalogue into a new folder, which appears whole or not at all.

    `catalog.json`, a folder of the collection's name with `collection.json`, and in it a folder an item with the Item
    and a thumbnail. Links are relative: the folder can be moved and served by any web server. `originals`: items name
    the files that they come from, by absolute paths. Raises InputError where the folder cannot be written or holds
    something, UnknownCollectionError.
    """
    _ = archive.ledger  # raises where there is no collection
    draft = _draft_of(folder)
    try:
        written = _write(archive, draft, originals=originals)
        draft.chmod(0o755)
        os.replace(draft, folder)
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror}.") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return written


def original_asset(path: Path, href: str) -> Document | None:
    """The asset of the file that a tile comes from; None where the file is not there."""
    media_type = media_type_of(path)
    if media_type is None:
        return None
    return {"href": href, "type": media_type, "title": path.name, "roles": ["data"]}


def _draft_of(folder: Path) -> Path:
    try:
        if folder.is_symlink() or (folder.exists() and any(folder.iterdir())):
            raise InputError(f"{folder} is there already. Name a new folder for the catalogue.")
        return Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror}.") from error


def _write(archive: Archive, root: Path, *, originals: bool) -> Written:
    name = archive.settings.collection
    ledger = archive.ledger
    _write_json(root / _SCHEMA, schema())
    _write_json(root / "catalog.json", _catalog(name))
    inside = root / name
    inside.mkdir()
    ids: list[str] = []
    without_picture = 0
    for record in ledger.captioned(Filters()):
        tile_id = str(record.tile.id)
        ids.append(tile_id)
        place = inside / tile_id
        place.mkdir()
        assets = _thumbnail(record, place)
        without_picture += not assets
        if originals:
            assets |= _original(record)
        _write_json(place / f"{tile_id}.json", item_of(record, name, links=list(_item_links()), assets=assets))
    links = [*_collection_links(), *(_link("item", f"./{one}/{one}.json", _GEOJSON) for one in ids)]
    document = collection_of(name, ledger.extent(), tiles=len(ids), models=ledger.models(), links=links)
    _write_json(inside / "collection.json", document)
    return Written(len(ids), without_picture)


def _catalog(collection: str) -> Document:
    return {
        "type": "Catalog",
        "stac_version": STAC_VERSION,
        "id": f"trsllava-{collection}",
        "title": collection,
        "description": f"Pictures of the collection {collection}, described in words.",
        "links": [
            _link("root", "./catalog.json", _JSON),
            _link("child", f"./{collection}/collection.json", _JSON),
            # An extension that a document names is fetched by those who check it: this one stays beside the catalogue.
            _link("describedby", f"./{_SCHEMA}", "application/schema+json"),
        ],
    }


def _collection_links() -> Iterator[Mapping[str, str]]:
    yield _link("root", "../catalog.json", _JSON)
    yield _link("parent", "../catalog.json", _JSON)


def _item_links() -> Iterator[Mapping[str, str]]:
    yield _link("root", "../../catalog.json", _JSON)
    yield _link("parent", "../collection.json", _JSON)
    yield _link("collection", "../collection.json", _JSON)


def _link(rel: str, href: str, media_type: str) -> dict[str, str]:
    return {"rel": rel, "href": href, "type": media_type}


def _thumbnail(record: TileRecord, place: Path) -> dict[str, Document]:
    try:
        picture = tile_thumbnail(record.tile, record.paths, _THUMBNAIL)
    except (ImageError, OSError):
        return {}
    (place / "thumbnail.jpg").write_bytes(picture)
    return {"thumbnail": {"href": "./thumbnail.jpg", "type": "image/jpeg", "roles": ["thumbnail"]}}


def _original(record: TileRecord) -> dict[str, Document]:
    file = readable(record.tile.assets, record.paths)
    files = [part for part, _ in file.parts] if isinstance(file, Stack) else [file]
    keys = ("red", "green", "blue") if len(files) == 3 else ("original",)
    assets = {key: _original_file(one) for key, one in zip(keys, files, strict=False)}
    return {key: asset for key, asset in assets.items() if asset is not None}


def _original_file(file: Path | RemoteFile) -> Document | None:
    if isinstance(file, RemoteFile):
        return {"href": file.address, "roles": ["data"]}
    return original_asset(file, file.as_posix())


def _write_json(path: Path, document: Document) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
