"""OGC TrainingDML-AI Part 2 JSON (24-006): `trainingdml.json`, an `AI_EOTrainingDataset`.

Labels are scene labels. The standard has no place for captions: each picture has them in a member `captions` of its
own, which its schema lets pass. It wants at least one label a picture, so one without has the class `unlabelled`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from indexer.dataset.formats.draft import new_file
from indexer.dataset.formats.rows import timestamp
from indexer.dataset.records import DataSetAbout, DataSetImage
from trsllava.raster.geometry import bbox_of

TRAINING_DML = "trainingdml.json"
UNLABELLED = "unlabelled"
_TYPES = {"train": "training", "validation": "validation", "test": "test"}
"""Our splits as codes of AI_TrainingTypeCode."""


def write_trainingdml(folder: Path, about: DataSetAbout, images: Sequence[DataSetImage]) -> list[Path]:
    """One document with all pictures; `dataURL` is relative to the data set's folder."""
    path = folder / TRAINING_DML
    with new_file(path) as draft:
        draft.write_text(
            json.dumps(_document(about, images), ensure_ascii=False, allow_nan=False, indent=1) + "\n",
            encoding="utf-8",
        )
    return [path]


def _document(about: DataSetAbout, images: Sequence[DataSetImage]) -> dict[str, Any]:
    counts = Counter(label for image in images for label in _classes(image))
    sizes = {(image.width, image.height) for image in images}
    document: dict[str, Any] = {
        "type": "AI_EOTrainingDataset",
        "id": about.name,
        "name": about.name,
        "description": about.description,
        "license": about.license or "not stated",
        "version": "1.0.0",
        "createdTime": timestamp(about.created),
        "amountOfTrainingData": len(images),
        "classificationScheme": about.labels_name,
        "classes": [{"key": label, "value": number} for number, label in enumerate(sorted(counts))],
        "numberOfClasses": len(counts),
        "statisticsInfo": [
            *({"key": f"split {split}", "value": count} for split, count in about.counts.items()),
            *({"key": f"class {label}", "value": counts[label]} for label in sorted(counts)),
        ],
        "keywords": sorted({path[0] for image in images for path in image.label_paths}),
        "tasks": [
            _task(about, "scene-classification", "Scene Classification", "Which labels a picture has."),
            _task(about, "image-captioning", "Image Captioning", "What a picture shows, in words."),
        ],
        "bands": [{"description": band} for band in ("red", "green", "blue")],
        "extent": {"geographicElement": [_box(about.area)]},
        "labeling": [_labeling(about)],
        "data": [_picture(about, image) for image in images],
    }
    if len(sizes) == 1:
        ((width, height),) = sizes
        document["imageSize"] = f"{width}x{height}"
    return document


def _task(about: DataSetAbout, name: str, kind: str, description: str) -> dict[str, str]:
    return {
        "type": "AI_EOTask",
        "id": f"{about.name}-{name}",
        "datasetId": about.name,
        "taskType": kind,
        "description": description,
    }


def _box(area: tuple[float, float, float, float]) -> dict[str, float]:
    west, south, east, north = area
    return {
        "westBoundLongitude": west,
        "eastBoundLongitude": east,
        "southBoundLatitude": south,
        "northBoundLatitude": north,
    }


def _labeling(about: DataSetAbout) -> dict[str, Any]:
    return {
        "type": "AI_Labeling",
        "id": f"{about.name}-labeling",
        "scope": {"level": "dataset"},
        "labelers": [{"type": "AI_Labeler", "id": "captioner", "name": about.captioner or "none"}],
        "procedure": {
            "type": "AI_LabelingProcedure",
            "id": f"{about.name}-labeling-procedure",
            "methods": ["automatic"],
            "tools": ["trsllava dataset build"],
        },
    }


def _picture(about: DataSetAbout, image: DataSetImage) -> dict[str, Any]:
    labels = [{"type": "AI_SceneLabel", "class": label} for label in _classes(image)]
    picture: dict[str, Any] = {
        "type": "AI_EOTrainingData",
        "id": image.id,
        "datasetId": about.name,
        "dataURL": [image.image.as_posix()],
        "dataSources": [{"title": image.source}],
        "extent": bbox_of(image.footprint),
        "trainingType": _TYPES[image.split],
        "numberOfLabels": len(labels),
        "labels": labels,
    }
    if image.acquired is not None:
        picture["dataTime"] = [timestamp(image.acquired)]
    if image.text is not None:
        picture["captions"] = image.text.texts()
    return picture


def _classes(image: DataSetImage) -> tuple[str, ...]:
    return image.labels or (UNLABELLED,)
