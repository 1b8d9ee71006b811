"""`/v1/collections`, `/v1/facets` and `/v1/suggest`: what there is to search."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Query

from trsllava.search.suggesting import Suggestions
from trsllava.service.access import Reads
from trsllava.service.answers import CollectionDocument, Collections, FacetCounts, document_of
from trsllava.service.models import FacetParameters, SuggestParameters
from trsllava.service.problems import described
from trsllava.service.state import Service, ServiceOf

router = APIRouter(tags=["collections"], dependencies=[Reads])


@router.get("/collections", responses=described(429, 503))
async def collections(service: ServiceOf) -> Collections:
    """The collections that are served: what they hold, where and when, and by which models they were made."""
    return await service.admission.run(partial(_collections, service))


@router.get("/collections/{collection}", responses=described(400, 404, 429, 503))
async def collection(
    collection: Annotated[str, Path(max_length=64, examples=["default"])], service: ServiceOf
) -> CollectionDocument:
    """One collection."""
    return await service.admission.run(lambda: document_of(service.archives.get(collection)))


@router.get("/facets", responses=described(400, 404, 429, 503))
async def facets(given: Annotated[FacetParameters, Query()], service: ServiceOf) -> FacetCounts:
    """How the items that pass the filters divide by label, folder and time."""
    return await service.admission.run(partial(_facets, service, given))


@router.get("/suggest", responses=described(400, 404, 409, 429, 503))
async def suggest(given: Annotated[SuggestParameters, Query()], service: ServiceOf) -> Suggestions:
    """What a text that is being typed may become, by the words of the collection."""
    archives = service.archives
    return await service.admission.run(lambda: archives.get(given.collection).suggest(given.text, limit=given.limit))


def _collections(service: Service) -> Collections:
    found = [document_of(service.archives.get(name)) for name in service.archives.names()]
    return Collections(default=service.settings.collection, collections=found)


def _facets(service: Service, given: FacetParameters) -> FacetCounts:
    archive = service.archives.get(given.collection)
    found = archive.facets(given.filters(service.settings, given.bbox), limit=given.limit)
    return FacetCounts.model_validate(asdict(found))
