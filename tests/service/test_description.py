"""`/openapi.json` describes what there is, with an example for every operation."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from trsllava.service import ServiceSettings, create_app


def _operations(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            yield f"{method} {path}", operation


def _has_example(part: Any, schemas: dict[str, Any], seen: frozenset[str] = frozenset()) -> bool:
    match part:
        case {"$ref": str(name)}:
            name = name.rsplit("/", 1)[-1]
            return name not in seen and _has_example(schemas[name], schemas, seen | {name})
        case dict():
            return bool({"example", "examples"} & set(part)) or any(
                _has_example(value, schemas, seen) for value in part.values()
            )
        case list():
            return any(_has_example(value, schemas, seen) for value in part)
    return False


def test_every_operation_has_an_example(app: FastAPI) -> None:
    described = app.openapi()
    assert described["openapi"].startswith("3.1")
    without = [
        name
        for name, operation in _operations(described)
        if " /stac" not in name  # its own specification has examples
        and not _has_example(
            [operation.get("parameters"), operation.get("requestBody"), operation["responses"].get("200")],
            described["components"]["schemas"],
        )
    ]
    assert without == []


def test_every_operation_says_what_it_does_and_none_answers_as_the_framework_does(app: FastAPI) -> None:
    for name, operation in _operations(app.openapi()):
        assert operation["description"], name
        assert "HTTPValidationError" not in str(operation)


def test_first_requests_may_come_all_at_once(served_home: Path) -> None:
    for _ in range(5):
        app = create_app(ServiceSettings(home=served_home))
        with ThreadPoolExecutor(8) as threads:
            described = list(threads.map(lambda _, app=app: app.openapi(), range(16)))
        assert all(one is described[0] for one in described)
