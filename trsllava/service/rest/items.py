"""`/v1/items`: what is known of an item, and what is like it."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from trsllava.places.area import middle
from trsllava.places.gazetteer import nearest_towns
from trsllava.service.access import Reads
from trsllava.service.answers import Item, links_of
from trsllava.service.models import OfCollection, SimilarParameters, within
from trsllava.service.negotiation import wanted
from trsllava.service.pictures import check_readable
from trsllava.service.problems import described
from trsllava.service.rest.search import ANSWERS, FORMS, in_form
from trsllava.service.state import Service, ServiceOf

router = APIRouter(tags=["items"], dependencies=[Reads])

ItemId = Annotated[
    str,
    Path(
        pattern="^[0-9a-f-]{1,36}$",
        description="An item's id, or the beginning of it.",
        examples=["0f6c5a1e-2b0e-5c7d-9a42-1c9f6a1f7a11"],
    ),
]


@router.get("/items/{item_id}", responses=described(400, 404, 429, 503))
async def item(item_id: ItemId, given: Annotated[OfCollection, Query()], service: ServiceOf) -> Item:
    """All that is known of an item: its files, place and time, all variants of its text, and who wrote them."""
    return await service.admission.run(partial(_item, service, item_id, given.collection))


@router.get("/items/{item_id}/similar", responses=ANSWERS, response_model=None)
async def similar(
    item_id: ItemId, given: Annotated[SimilarParameters, Query()], request: Request, service: ServiceOf
) -> Response:
    """The items most like one: by its picture, or by its caption where the collection has no image vectors."""
    form = wanted(request, given.format, FORMS)

    def answer() -> Response:
        within(given.k, service.settings.k_limit, "hits")
        archive = service.archives.get(given.collection)
        check_readable(archive.tile(item_id), service.settings)
        result = archive.similar(
            item_id,
            k=given.k,
            filters=given.filters(service.settings, given.bbox),
            all_tiles=given.all_tiles,
            diversity=given.diversity,
            sort=given.sort,
        )
        return in_form(service, archive, result, form, "", request.base_url)

    return await service.admission.run(answer)


def _item(service: Service, item_id: str, collection: str | None) -> Item:
    archive = service.archives.get(collection)
    record = archive.tile(item_id)
    name = archive.settings.collection
    links = links_of(name, str(record.tile.id), original=service.settings.originals)
    footprint = record.tile.footprint
    near = nearest_towns([middle(footprint)])[0] if footprint else None
    return Item(**dict(record), near=near, collection=name, links=links)
