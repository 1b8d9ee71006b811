"""Which operation a request is for."""

from __future__ import annotations

from starlette.types import Scope

_SAVED_QUERY = "/stac/q/"


def route_of(scope: Scope) -> str:
    """The template of the route that matched, as in `/v1/items/{item_id}`; empty where none did, so that made-up
    paths have no name of their own."""
    # A router that was included under a prefix knows its routes without it; FastAPI keeps the whole beside.
    included = scope.get("fastapi", {}).get("effective_route_context")
    return str(getattr(included or scope.get("route"), "path", ""))


def told_path(scope: Scope) -> str:
    """A request's path as it may be written down: that of a saved query without its text, which says what somebody
    looks for."""
    path = str(scope["path"])
    return path if not path.startswith(_SAVED_QUERY) else route_of(scope) or _SAVED_QUERY
