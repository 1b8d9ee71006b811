"""The API's own description: OpenAPI 3.1, at `/openapi.json`."""

from __future__ import annotations

from threading import Lock
from typing import Any

from fastapi import FastAPI

_FRAMEWORKS = "HTTPValidationError"
"""What FastAPI says that bad parameters are answered by. Ours are answered by 400 and a problem document."""


def describe(app: FastAPI) -> None:
    """Have an app describe the answers that it gives."""
    made_by_framework = app.openapi
    one_at_a_time = Lock()  # the first requests come together, and FastAPI's fields change while they are described

    def openapi() -> dict[str, Any]:
        with one_at_a_time:
            if app.openapi_schema is None:
                described = made_by_framework()
                for operations in described["paths"].values():
                    for operation in operations.values():
                        if _FRAMEWORKS in str(operation["responses"].get("422")):
                            del operation["responses"]["422"]
                for schema in (_FRAMEWORKS, "ValidationError"):
                    described.get("components", {}).get("schemas", {}).pop(schema, None)
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's guide does
