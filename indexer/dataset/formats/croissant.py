"""GeoCroissant 1.0 on Croissant 1.1: `croissant.json`, JSON-LD that says where the records are and how to read them.

Records are the lines of `captions.jsonl`, joined with the pictures that they name.
Source: https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html, http://mlcommons.org/croissant/geo/1.0
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from math import cos, radians
from pathlib import Path
from statistics import median
from typing import Any

from indexer.dataset.formats.captions import CAPTIONS
from indexer.dataset.formats.draft import new_file
from indexer.dataset.formats.rows import is_spdx, timestamp
from indexer.dataset.records import DataSetAbout, DataSetImage
from trsllava.records import Footprint

CROISSANT = "croissant.json"
_METRES_PER_DEGREE = 111_195
"""Of latitude on a sphere of the Earth's mean radius."""
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "geocr": "http://mlcommons.org/croissant/geo/",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The standard's own prefixes and terms, and GeoCroissant's prefix."""
_COLUMNS = {
    "id": ("sc:Text", "Unique within the data set."),
    "split": ("sc:Text", "train, val or test."),
    "captions": ("sc:Text", "What the picture shows, in words; several."),
    "first_level": ("sc:Text", "Labels of the tree's first level."),
    "second_level": ("sc:Text", "Labels of the tree's second level."),
    "third_level": ("sc:Text", "Labels of the tree's third level."),
    "west": ("sc:Float", "Degrees."),
    "south": ("sc:Float", "Degrees."),
    "east": ("sc:Float", "Degrees; smaller than west where the picture crosses the dateline."),
    "north": ("sc:Float", "Degrees."),
    "acquired": ("sc:Text", "When the scene was taken (RFC 3339); null where that is not known."),
    "source": ("sc:Text", "The file that the picture was cut from."),
    "captioner": ("sc:Text", "The model that wrote the captions."),
    "prompt": ("sc:Text", "What the model was asked with: id and version."),
}
_LISTS = ("captions", "first_level", "second_level", "third_level")


def write_croissant(folder: Path, about: DataSetAbout, images: Sequence[DataSetImage]) -> list[Path]:
    """The document of a folder in which `captions.jsonl` has been written. Raises OSError without it."""
    path = folder / CROISSANT
    document = _document(about, images, hashlib.sha256((folder / CAPTIONS).read_bytes()).hexdigest())
    with new_file(path) as draft:
        draft.write_text(json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n", encoding="utf-8")
    return [path]


def _document(about: DataSetAbout, images: Sequence[DataSetImage], checksum: str) -> dict[str, Any]:
    west, south, east, north = about.area
    document: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/geo/1.0"],
        "name": about.name,
        "description": about.description or about.name,
        "license": _license(about.license),
        "citeAs": f"{about.name} ({about.created.year}), built with trsllava.",
        "version": "1.0.0",
        "datePublished": timestamp(about.created),
        "dateCreated": timestamp(about.created),
        "keywords": sorted({path[0] for image in images for path in image.label_paths}),
        "spatialCoverage": {
            "@type": "Place",
            "geo": {"@type": "GeoShape", "box": f"{south} {west} {north} {east}"},
        },
        "geocr:coordinateReferenceSystem": "EPSG:4326",
        "geocr:bandConfiguration": {
            "@type": "geocr:BandConfiguration",
            "geocr:totalBands": 3,
            "geocr:bandNameList": ["Red", "Green", "Blue"],
        },
        "geocr:samplingStrategy": "Places chosen as dataset.json tells, pictures cut around them, splits by blocks of "
        f"ground. Seed {about.seed}.",
        "distribution": _distribution(images, checksum),
        "recordSet": [_records()],
    }
    if images:
        metres = round(median(_metres_per_pixel(image) for image in images), 3)
        document["geocr:spatialResolution"] = {"@type": "QuantitativeValue", "value": metres, "unitText": "m"}
    times = [image.acquired for image in images if image.acquired is not None]
    if times:
        document["temporalCoverage"] = f"{timestamp(min(times))}/{timestamp(max(times))}"
    return document


def _license(stated: str) -> str:
    """The address of an SPDX licence, as Croissant asks for; any other sentence as it is."""
    if is_spdx(stated):
        return f"https://spdx.org/licenses/{stated}.html"
    return stated or "not stated"


def _metres_per_pixel(image: DataSetImage) -> float:
    ground: Footprint = image.footprint
    middle = cos(radians((ground.south + ground.north) / 2))
    across = (ground.unwrapped_east - ground.west) * middle * _METRES_PER_DEGREE / image.width
    down = (ground.north - ground.south) * _METRES_PER_DEGREE / image.height
    return (across + down) / 2


def _distribution(images: Sequence[DataSetImage], checksum: str) -> list[dict[str, Any]]:
    kinds = sorted({image.image.suffix for image in images}) or [".png"]
    return [
        {
            "@type": "cr:FileObject",
            "@id": "captions",
            "name": CAPTIONS,
            "description": "A line a picture: captions, labels, place and time.",
            "contentUrl": CAPTIONS,
            "encodingFormat": "application/jsonlines",
            "sha256": checksum,
        },
        {
            "@type": "cr:FileSet",
            "@id": "pictures",
            "name": "pictures",
            "description": "The pictures.",
            "encodingFormat": "image/png",
            "includes": [f"images/*{kind}" for kind in kinds],
        },
    ]


def _records() -> dict[str, Any]:
    def field(name: str, kind: str, description: str, extract: dict[str, str]) -> dict[str, Any]:
        found: dict[str, Any] = {
            "@type": "cr:Field",
            "@id": f"records/{name}",
            "name": name,
            "description": description,
            "dataType": kind,
            "source": {"fileObject": {"@id": "captions"}, "extract": extract},
        }
        if name in _LISTS:
            found |= {"isArray": True, "arrayShape": "-1"}
        return found

    columns = [field(name, kind, text, {"column": name}) for name, (kind, text) in _COLUMNS.items()]
    file_name = {
        "@type": "cr:Field",
        "@id": "records/file_name",
        "name": "file_name",
        "description": "Which picture it is.",
        "dataType": "sc:Text",
        "source": {
            "fileObject": {"@id": "captions"},
            "extract": {"column": "image"},
            # The name within the folder. Readers apply it to the names of files as well.
            "transform": {"regex": "(?:images/)?(.*)"},
        },
        "references": {"fileSet": {"@id": "pictures"}, "extract": {"fileProperty": "filename"}},
    }
    picture = {
        "@type": "cr:Field",
        "@id": "records/image",
        "name": "image",
        "description": "The picture.",
        "dataType": "sc:ImageObject",
        "source": {"fileSet": {"@id": "pictures"}, "extract": {"fileProperty": "content"}},
    }
    return {
        "@type": "cr:RecordSet",
        "@id": "records",
        "name": "records",
        "description": "Pictures with their captions and labels.",
        "key": {"@id": "records/id"},
        "field": [*columns, file_name, picture],
    }
