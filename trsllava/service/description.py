"""The API's own description: OpenAPI 3.1, at `/openapi.json`."""

from __future__ import annotations

import threading
from typing import Any

from fastapi import FastAPI

_FRAMEWORKS = "HTTPValidationError"
"""What FastAPI says that bad parameters are answered by. Ours are answered by 400 and a problem document."""


def describe(app: FastAPI) -> None:
    """Have an app describe the answers that it gives."""
    made_by_framework = app.openapi
    turn = threading.Lock()  # the framework cannot make it in two threads at once

    def openapi() -> dict[str, Any]:
        with turn:
            if app.openapi_schema is None:
                _without_frameworks(made_by_framework())
            assert app.openapi_schema is not None
            return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's guide does


def _without_frameworks(described: dict[str, Any]) -> None:
    for operations in described["paths"].values():
        for operation in operations.values():
            if _FRAMEWORKS in str(operation["responses"].get("422")):
                del operation["responses"]["422"]
    for schema in (_FRAMEWORKS, "ValidationError"):
        described.get("components", {}).get("schemas", {}).pop(schema, None)
