"""A static STAC 1.1 catalogue: `stac/catalog.json`, one collection, an Item a picture, with labels and captions.

Links are relative, pictures are those of the data set: the folder can be moved and served by any web server.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from indexer.dataset.formats.draft import new_folder
from indexer.dataset.formats.rows import is_spdx, level_of, timestamp
from indexer.dataset.records import DataSetAbout, DataSetImage
from trsllava.raster.geometry import bbox_of, geometry_of

STAC = "stac"
_VERSION = "1.1.0"
_FIRST_AND_LAST = ("1858-01-01T00:00:00Z", "2100-01-01T00:00:00Z")
"""An Item must say when. What has no time was taken after the first aerial photograph."""
_JSON, _GEOJSON = "application/json", "application/geo+json"

Document = dict[str, Any]


def write_stac(folder: Path, about: DataSetAbout, images: Sequence[DataSetImage]) -> list[Path]:
    """The catalogue's documents, in the order in which their links lead to them."""
    written = []
    with new_folder(folder / STAC) as draft:
        (draft / "items").mkdir()
        documents = {"catalog.json": _catalog(about), "collection.json": _collection(about, images)}
        documents |= {f"items/{image.id}.json": _item(about, image) for image in images}
        for name, document in documents.items():
            text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1)
            (draft / name).write_text(text + "\n", encoding="utf-8")
            written.append(folder / STAC / name)
    return written


def _catalog(about: DataSetAbout) -> Document:
    return {
        "type": "Catalog",
        "stac_version": _VERSION,
        "id": f"{about.name}-catalog",
        "title": about.name,
        "description": about.description or about.name,
        "links": [_link("root", "./catalog.json", _JSON), _link("child", "./collection.json", _JSON)],
    }


def _collection(about: DataSetAbout, images: Sequence[DataSetImage]) -> Document:
    times = [image.acquired for image in images if image.acquired is not None]
    interval = [timestamp(min(times)), timestamp(max(times))] if times else list(_FIRST_AND_LAST)
    return {
        "type": "Collection",
        "stac_version": _VERSION,
        "stac_extensions": [],
        "id": about.name,
        "title": about.name,
        "description": about.description or about.name,
        "license": about.license if is_spdx(about.license) else "other",
        "extent": {"spatial": {"bbox": [list(about.area)]}, "temporal": {"interval": [interval]}},
        "summaries": {
            "trsllava:split": [split for split, count in about.counts.items() if count],
            "trsllava:labels": sorted({label for image in images for label in image.labels}),
        },
        "links": [
            _link("root", "./catalog.json", _JSON),
            _link("parent", "./catalog.json", _JSON),
            *(_link("item", f"./items/{image.id}.json", _GEOJSON) for image in images),
        ],
    }


def _item(about: DataSetAbout, image: DataSetImage) -> Document:
    return {
        "type": "Feature",
        "stac_version": _VERSION,
        "stac_extensions": [],
        "id": image.id,
        "collection": about.name,
        "geometry": geometry_of(image.footprint),
        "bbox": bbox_of(image.footprint),
        "properties": {**_time(image), **_words(image), **_origin(image)},
        "links": [
            _link("root", "../catalog.json", _JSON),
            _link("parent", "../collection.json", _JSON),
            _link("collection", "../collection.json", _JSON),
        ],
        "assets": {
            "image": {"href": f"../../{image.image.as_posix()}", "type": "image/png", "roles": ["data", "visual"]}
        },
    }


def _time(image: DataSetImage) -> Document:
    if image.acquired is not None:
        return {"datetime": timestamp(image.acquired)}
    start, end = _FIRST_AND_LAST
    return {"datetime": None, "start_datetime": start, "end_datetime": end}


def _words(image: DataSetImage) -> Document:
    words: Document = {"trsllava:labels": list(image.labels), "trsllava:second_level": level_of(image, 1)}
    if image.labels:
        words["keywords"] = list(image.labels)
    if image.text is not None:
        captions = image.text.texts()
        words |= {"description": captions[0], "trsllava:captions": captions}
    return words


def _origin(image: DataSetImage) -> Document:
    measured = {f"sample:{name}": value for name, value in image.properties.items()}
    return {"trsllava:split": image.split, "trsllava:source": image.source, **measured}


def _link(rel: str, href: str, media_type: str) -> dict[str, str]:
    return {"rel": rel, "href": href, "type": media_type}
