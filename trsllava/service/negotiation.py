"""Which form of an answer a client wants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from fastapi import Request

from trsllava.service.problems import Problem

F = TypeVar("F", bound=str)


def wanted(request: Request, named: F | None, forms: Mapping[F, str]) -> F:
    """The form that is `named`, else the one of `forms` (media types by name, the usual one first) that the Accept
    header likes best. Raises Problem (406) where it likes none."""
    if named is not None:
        return named
    accepted = request.headers.get("accept", "")
    if not accepted.strip():
        return next(iter(forms))
    likings = _likings(accepted)
    best = max(forms, key=lambda form: _liking(forms[form], likings))  # the first among equals
    if _liking(forms[best], likings) <= 0:
        raise Problem(406, "not-acceptable", f"There is {', '.join(forms.values())}, and none of it is accepted.")
    return best


def _likings(accept: str) -> dict[str, float]:
    """Quality by media range (RFC 9110, section 12.5.1)."""
    likings: dict[str, float] = {}
    for part in accept.split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((value[2:] for value in parameters if value.startswith("q=")), "1")
        try:
            likings[media] = min(max(float(quality), 0.0), 1.0)
        except ValueError:
            likings[media] = 0.0
    return likings


def _liking(media: str, likings: Mapping[str, float]) -> float:
    """Of the most special range that a media type is in."""
    ranges = (media, media.partition("/")[0] + "/*", "*/*")
    return next((likings[one] for one in ranges if one in likings), 0.0)
