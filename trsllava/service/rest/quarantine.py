"""`/v1/quarantine`: tiles whose answers could not be used."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query

from trsllava.service.access import Reads, Writes
from trsllava.service.answers import Accepted, Quarantine, QuarantinedItem, Released, links_of
from trsllava.service.models import AcceptBody, OfCollection, QuarantineParameters, RetryBody
from trsllava.service.problems import described
from trsllava.service.rest.items import ItemId
from trsllava.service.state import Service, ServiceOf

router = APIRouter(tags=["quarantine"])

_WRITING = described(400, 404, 409, 413, 429, 503, 507)


@router.get("/quarantine", dependencies=[Reads], responses=described(400, 404, 429, 503))
async def quarantined(given: Annotated[QuarantineParameters, Query()], service: ServiceOf) -> Quarantine:
    """Items whose answers could not be used: which check refused them, why, and the last answer."""
    return await service.admission.run(partial(_quarantined, service, given))


@router.post("/quarantine/retry", dependencies=[Writes], responses=_WRITING)
async def retry(given: RetryBody, where: Annotated[OfCollection, Query()], service: ServiceOf) -> Released:
    """Let items be asked about again by the next index job, with other sampling."""
    return await service.admission.run(partial(_released, service, where.collection, given))


@router.post("/quarantine/{item_id}/accept", dependencies=[Writes], responses=_WRITING)
async def accept(
    item_id: ItemId, given: AcceptBody, where: Annotated[OfCollection, Query()], service: ServiceOf
) -> Accepted:
    """Take an item's last answer, or the text given in its place, as it is; it is found at once."""
    return await service.admission.run(partial(_accepted, service, where.collection, item_id, given.answer))


def _quarantined(service: Service, given: QuarantineParameters) -> Quarantine:
    archive = service.archives.get(given.collection)
    name = archive.settings.collection
    found = list(islice(archive.quarantined(given.check, after=given.after), given.limit + 1))
    items = [
        QuarantinedItem(
            id=str(record.tile.id),
            check=next(iter(record.refusals[-1:]), None),
            error=record.error,
            attempts=record.attempts,
            raw_answer=record.raw_answer,
            paths=record.paths,
            links=links_of(name, str(record.tile.id), original=service.settings.originals),
        )
        for record in found[: given.limit]
    ]
    more = len(found) > given.limit
    return Quarantine(collection=name, items=items, after=items[-1].id if more else None)


def _released(service: Service, collection: str | None, given: RetryBody) -> Released:
    archive = service.archives.get(collection)
    ids = given.ids or tuple(str(record.tile.id) for record in archive.quarantined(given.check))
    archive.retry(ids)
    return Released(collection=archive.settings.collection, waiting=len(set(ids)))


def _accepted(service: Service, collection: str | None, item_id: str, answer: str | None) -> Accepted:
    archive = service.archives.get(collection)
    record = archive.tile(item_id)
    text = archive.accept(item_id, answer)
    links = links_of(archive.settings.collection, str(record.tile.id), original=service.settings.originals)
    return Accepted(id=str(record.tile.id), text=text, links=links)
