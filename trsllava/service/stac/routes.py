"""`/stac`: a STAC API, and one more for every text at `/stac/q/TEXT`, for clients that cannot say what to look for."""

from __future__ import annotations

import json
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from trsllava.archive import Archive
from trsllava.errors import InputError
from trsllava.service.access import Reads
from trsllava.service.problems import Problem, described
from trsllava.service.stac.documents import (
    CONFORMANCE,
    GEOJSON,
    JSON,
    OPENAPI,
    Root,
    collection_document,
    collections_document,
    item_document,
    landing,
    link,
    page_document,
)
from trsllava.service.stac.parameters import (
    Asked,
    Carried,
    ItemsParameters,
    PostedQ,
    SearchBody,
    SearchParameters,
    asked_of,
    geometry_in_address,
    listed,
    terms_in_address,
    token_of,
)
from trsllava.service.stac.searching import Found, Page, page_of
from trsllava.service.state import Service, ServiceOf
from trsllava.stac.items import Document, schema


def _answer(description: str, media_type: str, required: list[str], *errors: int) -> dict[int | str, dict[str, Any]]:
    """What an operation answers, for its `responses`."""
    content = {media_type: {"schema": {"type": "object", "required": required}}}
    return {200: {"description": description, "content": content}, **described(*errors)}


_CATALOG = _answer("A STAC Catalog.", JSON, ["type", "stac_version", "id", "conformsTo", "links"], 400, 429, 503)
_CONFORMS = _answer("The conformance classes.", JSON, ["conformsTo"], 400, 429, 503)
_COLLECTIONS = _answer("STAC Collections.", JSON, ["collections", "links"], 400, 429, 503)
_COLLECTION = _answer("A STAC Collection.", JSON, ["type", "id", "extent", "links"], 400, 404, 429, 503)
_ITEM = _answer("A STAC Item.", GEOJSON, ["type", "id", "geometry", "properties", "assets"], 400, 404, 429, 503)
_PAGE = ["type", "features", "links", "numberReturned"]
_ITEMS = _answer("A STAC ItemCollection.", GEOJSON, _PAGE, 400, 404, 409, 413, 429, 503)
_SCHEMA = _answer("A JSON schema.", "application/schema+json", ["properties"], 400, 429, 503)
_API = _answer("This API in OpenAPI's words.", OPENAPI, ["openapi"], 400, 429, 503)

CollectionId = Annotated[str, Path(description="A collection.", examples=["default"])]
ItemId = Annotated[
    str, Path(description="The id of an item.", examples=["0f6c5a1e-2b0e-5c7d-9a42-1c9f6a1f7a11"], max_length=100)
]


def _saved_query(
    text: Annotated[str, Path(max_length=2000, description="What to look for.", examples=["harbor with cranes"])],
) -> str:
    return text


def _root_of(request: Request) -> Root:
    """The landing page that a request belongs to."""
    return Root(str(request.base_url), request.path_params.get("text"))


def _carried(_: Annotated[Carried, Query()]) -> None:
    """Says that the parameters are known."""


RootOf = Annotated[Root, Depends(_root_of)]
CarriesQ = Depends(_carried)
_api = APIRouter(dependencies=[Reads])


def _sent(document: Document, media_type: str = JSON) -> Response:
    return Response(json.dumps(document, ensure_ascii=False), media_type=media_type)


@_api.get("/", responses=_CATALOG, response_class=Response, dependencies=[CarriesQ], include_in_schema=False)
@_api.get("", responses=_CATALOG, response_class=Response, dependencies=[CarriesQ])
async def landing_page(root: RootOf, service: ServiceOf) -> Response:
    """Where to find what."""
    return await service.admission.run(lambda: _sent(landing(root, service.archives.names())))


@_api.get("/conformance", responses=_CONFORMS, response_class=Response, dependencies=[CarriesQ])
async def conformance() -> Response:
    """What this API conforms to."""
    return _sent({"conformsTo": list(CONFORMANCE)})


@_api.get("/collections", responses=_COLLECTIONS, response_class=Response, dependencies=[CarriesQ])
async def collections(root: RootOf, service: ServiceOf) -> Response:
    """The collections that are served."""

    def work() -> Response:
        archives: list[Archive] = [service.archives.get(name) for name in service.archives.names()]
        return _sent(collections_document(root, archives))

    return await service.admission.run(work)


@_api.get("/collections/{collection}", responses=_COLLECTION, response_class=Response, dependencies=[CarriesQ])
async def collection(collection: CollectionId, root: RootOf, service: ServiceOf) -> Response:
    """One collection."""
    return await service.admission.run(lambda: _sent(collection_document(root, service.archives.get(collection))))


@_api.get("/collections/{collection}/items", responses=_ITEMS, response_class=Response)
async def items(
    collection: CollectionId,
    given: Annotated[ItemsParameters, Query()],
    root: RootOf,
    request: Request,
    service: ServiceOf,
) -> Response:
    """A collection's items, by id; with `q`, those that fit it, best first."""

    def work() -> Response:
        service.archives.get(collection)  # raises where there is none
        if collection not in (listed(given.collections) or [collection]):
            raise Problem(400, "bad-request", "collections: another collection is asked for in the path.")
        asked = _asked_in_address(service, root, given, collections=[collection])
        return _page_by_address(service, root, f"{root.collection(collection)}/items", request, given, asked)

    return await service.admission.run(work)


@_api.get(
    "/collections/{collection}/items/{item_id}", responses=_ITEM, response_class=Response, dependencies=[CarriesQ]
)
async def item(collection: CollectionId, item_id: ItemId, root: RootOf, service: ServiceOf) -> Response:
    """One item."""
    return await service.admission.run(partial(_item, service, root, collection, item_id))


@_api.get("/search", responses=_ITEMS, response_class=Response)
async def search_by_address(
    given: Annotated[SearchParameters, Query()], root: RootOf, request: Request, service: ServiceOf
) -> Response:
    """Items of all collections, by place, time, id and in words."""

    def work() -> Response:
        asked = _asked_in_address(
            service,
            root,
            given,
            ids=listed(given.ids),
            collections=listed(given.collections),
            intersects=geometry_in_address(given.intersects),
        )
        return _page_by_address(service, root, f"{root.url}/search", request, given, asked)

    return await service.admission.run(work)


@_api.post("/search", responses=_ITEMS, response_class=Response)
async def search(
    given: SearchBody, in_address: Annotated[PostedQ, Query()], root: RootOf, service: ServiceOf
) -> Response:
    """Items of all collections, by place, time, id and in words."""
    return await service.admission.run(partial(_searched, service, root, given, in_address))


def _item(service: Service, root: Root, collection: str, item_id: str) -> Response:
    record = service.archives.get(collection).ledger.records([item_id]).get(item_id)
    if record is None or record.text is None:
        raise Problem(404, "unknown-item", "The collection has no such item.", "Search to find ids.")
    return _sent(item_document(root, Found(collection, record), service.settings), GEOJSON)


def _asked_in_address(service: Service, root: Root, given: ItemsParameters, **more: Any) -> Asked:
    return asked_of(
        service.settings,
        limit=given.limit,
        bbox=given.bbox,
        datetime=given.datetime,
        terms=terms_in_address(given.q or _saved_terms(root)),
        token=given.token,
        **more,
    )


def _saved_terms(root: Root) -> list[str]:
    return [] if root.query is None else [root.query]


def _page_by_address(
    service: Service, root: Root, place: str, request: Request, given: ItemsParameters, asked: Asked
) -> Response:
    page = _checked_page(service, asked)
    query = f"?{request.url.query}" if request.url.query else ""
    links = [link("self", place + query, GEOJSON)]
    if page.following is not None:
        told = given.model_dump(exclude={"token", "q"}, exclude_none=True)
        if asked.terms and given.q:
            told["q"] = ",".join(asked.terms)
        told["token"] = token_of(page.following)
        links.append(link("next", f"{place}?{urlencode(told)}", GEOJSON, method="GET"))
    return _sent(page_document(root, page, service.settings, links), GEOJSON)


def _searched(service: Service, root: Root, given: SearchBody, in_address: PostedQ) -> Response:
    match given.q:
        case None:
            terms = terms_in_address(in_address.q or _saved_terms(root))
        case str():
            terms = [given.q]
        case _:
            terms = list(given.q)
    asked = asked_of(
        service.settings,
        limit=given.limit,
        bbox=given.bbox,
        datetime=given.datetime,
        terms=terms,
        token=given.token,
        ids=given.ids,
        collections=given.collections,
        intersects=given.intersects,
    )
    page = _checked_page(service, asked)
    links = [link("self", f"{root.url}/search", GEOJSON)]
    if page.following is not None:
        body = given.model_dump(exclude={"token", "q"}, exclude_none=True)
        if asked.terms and root.query is None:
            body["q"] = list(asked.terms)
        body["token"] = token_of(page.following)
        links.append(link("next", f"{root.url}/search", GEOJSON, method="POST", body=body))
    return _sent(page_document(root, page, service.settings, links), GEOJSON)


def _checked_page(service: Service, asked: Asked) -> Page:
    try:
        return page_of(service, asked)
    except InputError as error:
        raise Problem(400, "bad-request", str(error)) from error


router = APIRouter(tags=["STAC"])


@router.get("/stac/schema.json", responses=_SCHEMA, response_class=Response)
async def own_fields(root: RootOf) -> Response:
    """The JSON schema of the fields whose names begin with `trsllava:`. No key is asked for: validators fetch it."""
    return _sent({"$id": root.schema, **schema()}, "application/schema+json")


@router.get("/stac/api", responses=_API, response_class=Response, dependencies=[Reads])
async def service_description(request: Request) -> Response:
    """This API in OpenAPI's words."""
    return _sent(request.app.openapi(), OPENAPI)


router.include_router(_api, prefix="/stac")
router.include_router(_api, prefix="/stac/q/{text}", dependencies=[Depends(_saved_query)])
