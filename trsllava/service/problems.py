"""Errors as the service tells them: problem documents (RFC 9457) with a stable `type` and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from trsllava.errors import (
    BeingWrittenError,
    BusyError,
    CollectionMismatchError,
    EncoderError,
    HomeError,
    ImageError,
    InputError,
    OutOfReachError,
    ServerError,
    TrsllavaError,
    UnknownCollectionError,
    UnknownTileError,
    UnsearchableError,
)
from trsllava.service.metrics import Metrics
from trsllava.service.routes import route_of
from trsllava.validation import said_of

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):  # noqa: N818  # RFC 9457's word
    """An answer that is an error. `kind` is the last part of its `type`, `/problems/KIND`."""

    def __init__(
        self, status: int, kind: str, detail: str, hint: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.kind, self.detail, self.hint = status, kind, detail, hint
        self.headers = dict(headers or {})


class ProblemDocument(BaseModel):
    """An error (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "/problems/unknown-collection",
                "title": "Not Found",
                "status": 404,
                "detail": "There is no collection 'harbours'.",
                "hint": "GET /v1/collections lists what there is.",
            }
        }
    )

    type: str = Field(description="Tells errors apart; stays the same from version to version.")
    title: str
    status: int
    detail: str = Field(description="What is wrong.")
    hint: str | None = Field(default=None, description="What to do about it.")


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The error answers of an operation, for its `responses`."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}
    return {
        status: {"model": ProblemDocument, "description": HTTPStatus(status).phrase, "content": content}
        for status in statuses
    }


def _phrase(status: int) -> str:
    """RFC 9110's words for a status; Python's own change from version to version."""
    return {413: "Content Too Large", 422: "Unprocessable Content"}.get(status) or HTTPStatus(status).phrase


_SAID = {
    400: "The request's body cannot be read.",
    404: "There is nothing at this address.",
    405: "What is at this address cannot be asked in this way.",
}
"""In place of what the framework says; the errors with other statuses are ours."""


def document(problem: Problem) -> ProblemDocument:
    """A problem as it is told."""
    return ProblemDocument(
        type=f"/problems/{problem.kind}",
        title=_phrase(problem.status),
        status=problem.status,
        detail=problem.detail,
        hint=problem.hint or None,
    )


def problem_response(problem: Problem) -> JSONResponse:
    """The answer that tells a problem."""
    told = document(problem).model_dump(exclude_none=True)
    return JSONResponse(told, problem.status, headers=problem.headers, media_type=MEDIA_TYPE)


def problem_of(error: TrsllavaError) -> Problem:
    """What one of the library's errors is called over HTTP. Messages that name places of the server are told anew."""
    match error:
        case UnknownTileError():
            return Problem(404, "unknown-item", "The collection has no such item.", "Search to find ids.")
        case UnknownCollectionError():
            return Problem(
                404, "unknown-collection", "There is no such collection.", "GET /v1/collections lists what there is."
            )
        case OutOfReachError():
            return Problem(404, "picture-gone", "The picture's file is not there at the moment.")
        case ImageError():
            return Problem(422, "picture-unreadable", "The picture's file cannot be read.")
        case InputError():
            return Problem(400, "bad-request", str(error))
        case UnsearchableError():
            return Problem(409, "unsearchable", str(error))
        case CollectionMismatchError():
            return Problem(409, "other-encoder", str(error))
        case BeingWrittenError():
            return Problem(
                409,
                "being-written",
                "The collection is being written by a job or another process.",
                "Ask again when it is done: GET /v1/jobs tells which jobs run.",
                {"Retry-After": "10"},
            )
        case BusyError():
            return Problem(
                503,
                "busy",
                "The collection is held by another process.",
                "Ask again in a moment.",
                {"Retry-After": "1"},
            )
        case HomeError():
            return Problem(507, "storage", "The collection cannot be read or written.", "See the server's log.")
        case ServerError():
            return Problem(502, "model-server", "A server that this one depends on does not answer.")
        case EncoderError():
            return Problem(503, "encoder", "An encoder cannot be loaded.", "See the server's log.")
    return Problem(500, "internal", "Something went wrong.", "See the server's log.")


def fault_in(errors: Sequence[Any]) -> str:
    """The first thing wrong with a request, in one sentence."""
    fault = errors[0]
    named = ".".join(str(part) for part in fault["loc"] if part not in ("query", "body", "path", "header"))
    said = said_of(fault["type"], fault.get("ctx") or {}, fault.get("input"))
    if named:
        return f"{named}: {said}."
    return f"{said}." if fault["type"] == "value_error" else f"The request's body {said}."


def problem_from(error: Exception) -> Problem:
    """Any error as a problem."""
    match error:
        case Problem():
            return error
        case TrsllavaError():
            return problem_of(error)
        case RequestValidationError():
            return Problem(400, "bad-request", fault_in(error.errors()))
        case HTTPException():
            kind = _phrase(error.status_code).lower().replace(" ", "-")
            said = _SAID.get(error.status_code) or f"{error.detail.rstrip('.')}."
            return Problem(error.status_code, kind, said, headers=error.headers)
    return Problem(500, "internal", "Something went wrong.", "See the server's log.")


def methods_of(request: Request) -> list[str]:
    """What may be done at an address: Starlette names the methods of one route, where an address may have several."""
    operations = request.app.openapi()["paths"].get(route_of(request.scope), {})
    return sorted(method.upper() for method in operations)


def add_handlers(app: FastAPI, metrics: Metrics) -> None:
    """Let every error of an app that is raised on purpose be told as a problem."""

    async def told(request: Request, error: Exception) -> Response:
        problem = problem_from(error)
        if problem.status == 405:
            problem.headers["Allow"] = ", ".join(methods_of(request))
        metrics.problems.labels(problem.kind).inc()
        return problem_response(problem)

    for kind in (Problem, TrsllavaError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, told)
