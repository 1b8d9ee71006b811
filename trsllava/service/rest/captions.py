"""`/v1/captions`: rich texts that were made elsewhere."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from trsllava.captioners.imported import rich_text_line
from trsllava.records import RichCaption, RichText
from trsllava.service.access import Writes
from trsllava.service.answers import CaptionsAnswer, LineAnswer
from trsllava.service.models import OfCollection, within
from trsllava.service.problems import Problem, described
from trsllava.service.state import Service, ServiceOf

router = APIRouter(tags=["captions"], dependencies=[Writes])

_EXAMPLE = rich_text_line(
    "harbors/rotterdam.tif#0,0,512,512",
    RichText(
        variants=(RichCaption(one_sentence="A harbor with cranes.", feature=("six cranes",)),),
        labels=("harbor",),
        model="my-model",
    ),
)
_LINES = {"schema": {"type": "string"}, "examples": {"one line": {"value": _EXAMPLE + "\n"}}}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": False,
        "description": "RSRT as JSON Lines: `image` names an image by its path, absolute or below the folder that was "
        "indexed, and a tile of a scene as `path#col,row,width,height`.",
        "content": {"application/x-ndjson": _LINES, "text/plain": _LINES},
    }
}


@router.post("/captions", responses=described(400, 404, 409, 413, 429, 503, 507), openapi_extra=_BODY)
async def push_captions(
    given: Annotated[OfCollection, Query()], request: Request, service: ServiceOf
) -> CaptionsAnswer:
    """Give tiles that the collection has rich texts made elsewhere, in place of those that they have.

    Each line is taken or refused by itself, as the answer tells. What was taken is found at once; pushed again, it is
    `unchanged`.
    """
    body = await request.body()
    return await service.admission.run(partial(_pushed, service, given.collection, body))


def _pushed(service: Service, collection: str | None, body: bytes) -> CaptionsAnswer:
    body = body.rstrip()
    within(body.count(b"\n") + 1, service.settings.caption_limit, "captions in a request")
    try:
        lines = body.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise Problem(400, "bad-request", f"The body is not UTF-8: look at byte {error.start:,}.") from None
    archive = service.archives.get(collection)
    outcomes = archive.push_captions(lines)
    count = Counter(one.outcome for one in outcomes)
    return CaptionsAnswer(
        collection=archive.settings.collection,
        taken=count["taken"],
        unchanged=count["unchanged"],
        refused=count["refused"],
        lines=[LineAnswer.model_validate(asdict(one)) for one in outcomes],
    )
