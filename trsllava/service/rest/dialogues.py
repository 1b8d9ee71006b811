"""`/v1/dialogues`: from a vague query to the picture that is meant, question by question."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Annotated, Any, Self

import anyio
from fastapi import APIRouter, Body, Depends, Header, Path, Query, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import Field, model_validator

from trsllava.archive import Archive
from trsllava.chat import Chat
from trsllava.dialogue.standing import ChatHit, Standing
from trsllava.dialogue.state import Answer, Dialogue, DialogueSettings
from trsllava.service.access import Reads
from trsllava.service.answers import Links, links_of
from trsllava.service.dialogues import KeptDialogue, moved_on
from trsllava.service.models import Body as RequestBody
from trsllava.service.models import Collection, Conditions, Degrees, within
from trsllava.service.problems import Problem, described
from trsllava.service.state import Service, ServiceOf

router = APIRouter(tags=["dialogues"], dependencies=[Reads])

_LOOK_SECONDS = 0.25
"""How often a stream looks for a change."""
_SHOWN = Annotated[int, Query(ge=1, le=100, description="Number of hits, which answers count: `more like 3`.")]
_SEEN = Annotated[
    int | None,
    Query(ge=1, description="The step that was seen: refused (409) where the dialogue has moved on since."),
]
DialogueId = Annotated[
    str,
    Path(pattern="^[0-9a-f]{32}$", description="A dialogue's id.", examples=["6f1c0f6c2a1b4f0f9d3f6f0a4a8c7e55"]),
]
_BEGIN: dict[str, Any] = {
    "begin": {"summary": "Begin with a vague query", "value": {"text": "a densely populated area", "rounds": 5}},
    "go on": {
        "summary": "Go on with one that was saved",
        "value": {"dialogue": {"query": "a densely populated area", "collection": "default"}},
    },
}
_ANSWERS: dict[str, Any] = {
    "yes": {"summary": "Yes or no, don't know, skip", "value": {"said": "yes"}},
    "words": {"summary": "In words", "value": {"said": "no, but there are red roofs"}},
    "feedback": {"summary": "More like the third hit that is shown", "value": {"said": "more like 3"}},
    "ready": {"summary": "Read already", "value": {"answer": {"kind": "no"}}},
}


class BeginBody(Conditions):
    """How a dialogue begins: with a query, over the items that meet the conditions, or where another one was."""

    text: str = Field(default="", max_length=2000, description="What to look for, however vague.")
    dialogue: Dialogue | None = Field(default=None, description="The `dialogue` of a standing, to go on with.")
    rounds: int | None = Field(default=None, ge=0, le=100, strict=True, description="The most questions; left out: 5.")
    settings: DialogueSettings | None = Field(default=None, description="How it asks and counts.")
    bbox: tuple[Degrees, Degrees, Degrees, Degrees] | None = Field(
        default=None, description="West, south, east, north in degrees; west > east crosses the dateline."
    )
    collection: Collection = None

    @model_validator(mode="after")
    def _one_beginning(self) -> Self:
        if bool(self.text.strip()) == (self.dialogue is not None):
            raise ValueError("Give a text or a dialogue: one of the two")
        conditions = {*Conditions.model_fields, "bbox"}
        if self.dialogue is not None and self.model_dump(include=conditions, exclude_defaults=True):
            raise ValueError("A dialogue that goes on keeps its filters: give none beside it")
        return self


class AnswerBody(RequestBody):
    """An answer, in a person's words or read already."""

    said: str | None = Field(
        default=None, max_length=100_000, description="In words; the first 1,000 characters count."
    )
    answer: Answer | None = Field(default=None, description="Read already.")
    step: int | None = Field(
        default=None,
        strict=True,
        ge=1,
        description="The step that it answers: refused (409) where the dialogue has moved on since.",
    )

    @model_validator(mode="after")
    def _one_answer(self) -> Self:
        if (self.said is None) == (self.answer is None):
            raise ValueError("Give what was said, or an answer: one of the two")
        return self


class PickBody(RequestBody):
    """The item that was meant."""

    item: str = Field(pattern="^[0-9a-f-]{1,36}$", examples=["2f1d6f2e-31cf-5c53-9f53-c8f2f2d0a4a1"])


class DialogueItem(ChatHit):
    """A hit, and where to find more about it."""

    links: Links


class DialogueDocument(Standing):
    """Where a dialogue stands."""

    id: str
    step: int = Field(description="Rises with every change.")
    collection: str
    hits: tuple[DialogueItem, ...]


@router.post(
    "/dialogues", status_code=201, responses=described(400, 404, 409, 422, 429, 503), response_model=DialogueDocument
)
async def create(
    given: Annotated[BeginBody, Body(openapi_examples=_BEGIN)], service: ServiceOf, response: Response, k: _SHOWN = 10
) -> DialogueDocument:
    """Begin a dialogue. Whoever knows its id can go on with it; it is forgotten when it is left alone for long."""
    document = await service.admission.run(partial(_begun, service, given, k))
    response.headers["Location"] = f"/v1/dialogues/{document.id}"
    return document


@router.get("/dialogues/{dialogue_id}", responses=described(400, 404, 409, 429, 503))
async def dialogue(dialogue_id: DialogueId, service: ServiceOf, k: _SHOWN = 10) -> DialogueDocument:
    """Where a dialogue stands."""
    return await service.admission.run(partial(_stepped, service, dialogue_id, k, _nothing))


@router.post("/dialogues/{dialogue_id}/answer", responses=described(400, 404, 409, 429, 503))
async def answer(
    dialogue_id: DialogueId,
    given: Annotated[AnswerBody, Body(openapi_examples=_ANSWERS)],
    service: ServiceOf,
    k: _SHOWN = 10,
    step: _SEEN = None,
) -> DialogueDocument:
    """Answer the question, or say which hits are near (`more like 3`) or far (`less like 2`), or `pick 1`."""
    said: str | Answer = given.answer or given.said or ""
    taken = partial(_stepped, service, dialogue_id, k, lambda chat: chat.answer(said), step)
    return await service.admission.run(taken)


@router.post("/dialogues/{dialogue_id}/undo", responses=described(400, 404, 409, 429, 503))
async def undo(dialogue_id: DialogueId, service: ServiceOf, k: _SHOWN = 10, step: _SEEN = None) -> DialogueDocument:
    """Take the last turn back; its question is asked again."""
    return await service.admission.run(partial(_stepped, service, dialogue_id, k, Chat.undo, step))


@router.post("/dialogues/{dialogue_id}/pick", responses=described(400, 404, 409, 429, 503))
async def pick(
    dialogue_id: DialogueId, given: PickBody, service: ServiceOf, k: _SHOWN = 10, step: _SEEN = None
) -> DialogueDocument:
    """The item is found; the dialogue ends."""
    taken = partial(_stepped, service, dialogue_id, k, lambda chat: chat.pick(given.item), step)
    return await service.admission.run(taken)


@router.delete("/dialogues/{dialogue_id}", status_code=204, responses=described(400, 404))
def delete(dialogue_id: DialogueId, service: ServiceOf) -> None:
    """Forget a dialogue."""
    service.dialogues.delete(dialogue_id)


async def place(dialogue_id: DialogueId, service: ServiceOf) -> AsyncIterator[str]:
    """A place among the open streams, for a dialogue that there is. Raises Problem (404, 429)."""
    await anyio.to_thread.run_sync(service.dialogues.get, dialogue_id)
    with service.streaming():
        yield dialogue_id


@router.get(
    "/dialogues/{dialogue_id}/events", responses=described(400, 404, 409, 429), response_class=EventSourceResponse
)
async def events(
    dialogue_id: Annotated[str, Depends(place)],
    service: ServiceOf,
    k: _SHOWN = 10,
    last_event_id: Annotated[int, Header(ge=0, le=2**53, description="The last step that was seen.")] = 0,
) -> AsyncIterator[ServerSentEvent]:
    """Where a dialogue stands, as server-sent events, one whenever it changes, until it ends or is forgotten. A client
    that comes back with `Last-Event-ID` hears of what it has not seen."""
    seen = last_event_id
    while not service.closing:
        step = await anyio.to_thread.run_sync(service.dialogues.step, dialogue_id)
        if step is None:
            return
        if step > seen:
            try:
                document = await service.admission.run(partial(_stepped, service, dialogue_id, k, _nothing))
            except Problem as problem:
                if problem.status in (429, 503):  # busy: it is told a moment later
                    await anyio.sleep(_LOOK_SECONDS)
                    continue
                return
            seen = document.step
            yield ServerSentEvent(id=str(seen), event="standing", data=document.model_dump(mode="json"))
            if document.finished == "picked":
                return
        await anyio.sleep(_LOOK_SECONDS)


def _begun(service: Service, given: BeginBody, k: int) -> DialogueDocument:
    within(k, service.settings.k_limit, "hits")
    within(len(given.text), service.settings.text_limit, "characters of text")
    if given.dialogue is None:
        archive = service.archives.get(given.collection)
        filters = given.filters(service.settings, given.bbox)
        chat = archive.chat(given.text, k=k, rounds=given.rounds, settings=given.settings, filters=filters)
    else:
        within(len(given.dialogue.query), service.settings.text_limit, "characters of text")
        archive = service.archives.get(given.collection or given.dialogue.collection)
        chat = archive.chat(resume=given.dialogue, k=k, rounds=given.rounds, settings=given.settings)
    standing = chat.standing
    return _document(service, archive, service.dialogues.add(chat.dialogue), standing)


def _stepped(
    service: Service, dialogue_id: str, k: int, step: Callable[[Chat], Standing], seen: int | None = None
) -> DialogueDocument:
    """Take a step, and keep what it changed. `seen`: the step that the client has seen."""
    within(k, service.settings.k_limit, "hits")
    kept = service.dialogues.get(dialogue_id)
    if seen not in (None, kept.step):
        raise moved_on()
    archive = service.archives.get(kept.dialogue.collection)
    chat = archive.chat(resume=kept.dialogue, k=k)
    standing = step(chat)
    if chat.dialogue != kept.dialogue:
        kept = service.dialogues.change(kept, chat.dialogue)
    return _document(service, archive, kept, standing)


def _nothing(chat: Chat) -> Standing:
    return chat.standing


def _document(service: Service, archive: Archive, kept: KeptDialogue, standing: Standing) -> DialogueDocument:
    name, original = archive.settings.collection, service.settings.originals
    hits = tuple(
        DialogueItem.model_construct(**dict(hit), links=links_of(name, str(hit.tile.id), original=original))
        for hit in standing.hits
    )
    told = dict(standing) | {"hits": hits}
    return DialogueDocument.model_construct(**told, id=kept.id, step=kept.step, collection=name)
