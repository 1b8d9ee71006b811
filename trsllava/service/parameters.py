"""Parameters in an address that an operation does not know are refused, as misspelt fields of a body are."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from fastapi import Depends, FastAPI, Request

from trsllava.service.problems import Problem
from trsllava.service.routes import route_of


def refuse_unknown(request: Request) -> None:
    """Raises Problem (400) for a parameter in the address that the operation's description does not name."""
    if not request.query_params:
        return
    known = _described(request.app).get((route_of(request.scope), request.method.lower()), set())
    for name in request.query_params:
        if name not in known:
            raise Problem(400, "bad-request", f"{name[:60]}: is not known.")


@lru_cache(maxsize=8)
def _described(app: FastAPI) -> dict[tuple[str, str], set[str]]:
    """The parameters that an address may have, by path and method."""
    paths: dict[str, dict[str, Any]] = app.openapi()["paths"]
    return {
        (path, method): {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
        for path, operations in paths.items()
        for method, operation in operations.items()
    }


KnownParameters = Depends(refuse_unknown)
