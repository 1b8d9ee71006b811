"""OGC TrainingDML-AI JSON, against what the standard requires and, where they are at hand, its published schemas."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource

from indexer.dataset.formats.trainingdml import write_trainingdml
from tests.indexer.dataset.formats.conftest import SmallSet

_TEXT = {"type": "string", "minLength": 1}
_SCENE_LABEL = {
    "type": "object",
    "required": ["type", "class"],
    "properties": {"type": {"const": "AI_SceneLabel"}, "class": _TEXT},
}
_TASK = {
    "type": "object",
    "required": ["type", "id", "taskType"],
    "properties": {"type": {"const": "AI_EOTask"}, "id": _TEXT, "taskType": _TEXT},
}
_PICTURE = {
    "type": "object",
    "required": ["type", "id", "dataURL", "labels"],
    "properties": {
        "type": {"const": "AI_EOTrainingData"},
        "id": _TEXT,
        "dataURL": {"type": "array", "minItems": 1, "items": _TEXT},
        "extent": {"type": "array", "minItems": 4, "maxItems": 4, "items": {"type": "number"}},
        "dataTime": {"type": "array", "items": {"type": "string", "format": "date-time"}},
        "trainingType": {"enum": ["training", "validation", "test", "retraining"]},
        "labels": {"type": "array", "minItems": 1, "items": _SCENE_LABEL},
    },
}
_REQUIRED = {
    "type": "object",
    "required": ["type", "id", "name", "description", "license", "tasks", "data"],
    "properties": {
        "type": {"const": "AI_EOTrainingDataset"},
        "license": _TEXT,
        "createdTime": {"type": "string", "format": "date-time"},
        "tasks": {"type": "array", "minItems": 1, "items": _TASK},
        "data": {"type": "array", "minItems": 1, "items": _PICTURE},
    },
}
"""What OGC 24-006 requires of the objects that we write."""


@pytest.fixture
def document(data_set: SmallSet) -> dict[str, Any]:
    (path,) = write_trainingdml(data_set.folder, data_set.about, data_set.images)
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def test_the_document_has_what_the_standard_requires(document: dict[str, Any]) -> None:
    jsonschema.validate(document, _REQUIRED, format_checker=jsonschema.FormatChecker())


@pytest.mark.skipif(
    "TRSLLAVA_TEST_TDML_SCHEMAS" not in os.environ,
    reason="TRSLLAVA_TEST_TDML_SCHEMAS names no folder with the JSON schemas of OGC 24-006",
)
def test_the_document_is_valid_by_the_published_schema(document: dict[str, Any]) -> None:
    folder = Path(os.environ["TRSLLAVA_TEST_TDML_SCHEMAS"])
    schemas = [json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")]
    known = Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in schemas)
    (ours,) = [schema for schema in schemas if schema.get("title") == "AI_EOTrainingDataset"]

    validator = jsonschema.Draft7Validator(ours, registry=known, format_checker=jsonschema.FormatChecker())

    assert [error.message for error in validator.iter_errors(document)] == []


def test_pictures_say_where_they_lie_and_what_they_show(document: dict[str, Any], data_set: SmallSet) -> None:
    for picture, image in zip(document["data"], data_set.images, strict=True):
        assert (data_set.folder / picture["dataURL"][0]).is_file()
        box = image.footprint
        assert picture["extent"] == [box.west, box.south, box.east, box.north]
        assert [label["class"] for label in picture["labels"]] == list(image.labels or ("unlabelled",))
        assert picture["numberOfLabels"] == len(picture["labels"])
    assert [picture["trainingType"] for picture in document["data"]] == [
        *["training"] * 2,
        *["validation"] * 2,
        *["test"] * 2,
    ]


def test_classes_are_counted(document: dict[str, Any]) -> None:
    assert document["amountOfTrainingData"] == 6
    assert document["numberOfClasses"] == len(document["classes"]) == 4
    assert {"key": "class marina", "value": 5} in document["statisticsInfo"]
    assert {"key": "class café", "value": 2} in document["statisticsInfo"]
    assert {"key": "split train", "value": 2} in document["statisticsInfo"]
