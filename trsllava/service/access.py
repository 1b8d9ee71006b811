"""Who may do what: the dependencies `reads`, `writes` and `administers`.

A request shows its key in `X-API-Key` or as a bearer token. On loopback it needs none, unless the setting
`keys_required` says so; from any other address it always does.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from starlette.datastructures import Headers
from starlette.types import Scope as ConnectionScope

from trsllava.service.keys import Key, Scope
from trsllava.service.problems import Problem, described
from trsllava.service.state import Service, ServiceOf

_CHALLENGE = {"WWW-Authenticate": "Bearer"}
_HEADER = APIKeyHeader(name="X-API-Key", auto_error=False, description="An API key.")
_BEARER = HTTPBearer(auto_error=False, description="An API key.")
REFUSALS: dict[int | str, dict[str, Any]] = described(401, 403)
"""The error answers that every operation has which needs a key."""


def authorize(service: Service, connection: ConnectionScope, scope: Scope) -> Key | None:
    """The key that allows a request to do what needs `scope`; None where it needs no key.

    Raises Problem: 401 without a valid key, 403 for a key that allows less or a request that a browser was tricked
    into.
    """
    headers = Headers(scope=connection)
    shown = headers.get("x-api-key") or _bearer(headers.get("authorization", ""))
    if shown:
        key = service.keys.find(shown)
        if key is None:
            raise Problem(401, "wrong-key", "This API key is not known, or was revoked.", headers=_CHALLENGE)
        if not key.allows(scope):
            raise Problem(
                403, "not-allowed", f"This needs a key with the scope {scope}; yours has {key.scope}.",
                "Ask whoever runs the service for another key.",
            )  # fmt: skip
        return key
    address = _address(connection)
    if service.settings.needs_key or (address is not None and not address.is_loopback):
        raise Problem(
            401, "key-needed", "This needs an API key.", "Send it in the header X-API-Key.", headers=_CHALLENGE
        )
    if address is not None and not _names_loopback(headers.get("host", ""), service.settings.host):
        # Without keys, a page elsewhere could reach us under a name of its own that it points here (DNS rebinding).
        raise Problem(403, "other-host", "Without an API key this service answers to localhost alone.")
    if scope != "read" and not _is_own(headers.get("origin"), headers.get("host", "")):
        # A page elsewhere cannot read our answers, but could have a browser send what changes something.
        raise Problem(403, "other-origin", "Without an API key pages of other origins change nothing here.")
    return None


def _needs(scope: Scope) -> Callable[..., None]:
    def check(
        request: Request,
        service: ServiceOf,
        _header: Annotated[str | None, Depends(_HEADER)],
        _token: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
    ) -> None:
        """Both schemes stand in the OpenAPI document by these parameters."""
        authorize(service, request.scope, scope)

    return check


Reads = Depends(_needs("read"))
Writes = Depends(_needs("write"))
Administers = Depends(_needs("admin"))


def _bearer(header: str) -> str:
    kind, _, token = header.partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _address(connection: ConnectionScope) -> IPv4Address | IPv6Address | None:
    """Where a request came from; None for one that came by a socket file, or from within the process."""
    try:
        return ip_address((connection.get("client") or ("",))[0])
    except ValueError:
        return None


def _is_own(origin: str | None, host: str) -> bool:
    """True for a request that no page sent, or one that came from here."""
    return origin is None or origin.partition("://")[2] == host


def _names_loopback(host: str, own: str) -> bool:
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    if name in ("localhost", own):
        return True
    try:
        return ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False
