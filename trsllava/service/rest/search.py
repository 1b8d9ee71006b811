"""`/v1/search`: by text, by picture, by both; one search or many."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile
from pydantic import Json
from starlette.datastructures import URL

from trsllava.archive import Archive
from trsllava.errors import TrsllavaError
from trsllava.formats.csv_rows import csv_rows
from trsllava.formats.geojson import geojson
from trsllava.records import Query as Question
from trsllava.search.conditions import as_query
from trsllava.search.result import SearchResult
from trsllava.search.timings import Timings
from trsllava.service.access import Reads
from trsllava.service.answers import BatchAnswer, RankingAnswer, SearchAnswer, answer_of, ranking_of
from trsllava.service.models import BatchBody, Format, RankingBody, SearchBody, SearchParameters, within
from trsllava.service.negotiation import wanted
from trsllava.service.pictures import query_by_item, query_by_upload
from trsllava.service.problems import Problem, ProblemDocument, described, document, problem_from
from trsllava.service.state import Service, ServiceOf

_log = logging.getLogger("trsllava.service.search")

router = APIRouter(tags=["search"], dependencies=[Reads])

FORMS: dict[Format, str] = {"json": "application/json", "geojson": "application/geo+json", "csv": "text/csv"}
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "model": SearchAnswer,
        "description": "The hits, best first.",
        "content": {
            "application/geo+json": {"schema": {"type": "object"}},
            "text/csv": {"schema": {"type": "string"}},
        },
    },
    **described(400, 404, 406, 409, 413, 422, 429, 503),
}


@router.get("/search", responses=ANSWERS, response_model=None)
async def search_by_address(
    given: Annotated[SearchParameters, Query()], request: Request, service: ServiceOf
) -> Response:
    """Find the items that fit a text, an item, or both together."""
    form = wanted(request, given.format, FORMS)
    return await service.admission.run(partial(_answer, service, given.body(), None, form, request.base_url))


@router.post("/search", responses=ANSWERS, response_model=None)
async def search(given: SearchBody, request: Request, service: ServiceOf, format: Format | None = None) -> Response:
    """Find the items that fit a text, a picture (an image file in base64, or an item), or both together."""
    form = wanted(request, format, FORMS)
    return await service.admission.run(partial(_answer, service, given, given.picture(), form, request.base_url))


@router.post("/search/upload", responses=ANSWERS, response_model=None)
async def search_by_upload(
    image: Annotated[UploadFile, File(description="A PNG, JPEG, WebP, TIFF or GeoTIFF.")],
    request: Request,
    service: ServiceOf,
    query: Annotated[
        Json[SearchBody] | None,
        Form(description="The rest of the search, as `POST /v1/search` takes it, in JSON.", examples=['{"k": 5}']),
    ] = None,
    format: Format | None = None,
) -> Response:
    """Find the items that look like an uploaded picture, or fit it and a text together."""
    form = wanted(request, format, FORMS)
    data = await image.read()
    return await service.admission.run(partial(_answer, service, query or SearchBody(), data, form, request.base_url))


@router.post("/search/ranking", responses=described(400, 404, 409, 413, 422, 429, 503))
async def rank(given: RankingBody, service: ServiceOf) -> RankingAnswer:
    """The hits of a search as far as they go, in columns: scores, places and times. Reasons and chances to be right
    are left out, and so is `min_relevance`."""
    return await service.admission.run(partial(_ranking, service, given))


@router.post("/search/batch", responses=described(400, 413, 429, 503))
async def search_batch(given: BatchBody, service: ServiceOf) -> BatchAnswer:
    """Several searches at once; each has an answer or a problem of its own."""
    within(len(given.searches), service.settings.batch_limit, "searches in a batch")
    return await service.admission.run(partial(_batch, service, given))


def _answer(service: Service, given: SearchBody, picture: bytes | None, form: Format, root: URL) -> Response:
    within(given.k, service.settings.k_limit, "hits")
    archive, result = searched(service, given, picture)
    return in_form(service, archive, result, form, given.text, root)


def _ranking(service: Service, given: RankingBody) -> RankingAnswer:
    within(given.k, service.settings.ranking_limit, "hits in a ranking")
    archive = _archive(service, given)
    with ExitStack() as held:
        query = _query(service, archive, given, given.picture(), held)
        result = archive.rank(query, rerank=given.rerank, rerank_top=given.rerank_top)
    _noted(service, archive, given, result.timings, len(result.tiles))
    return ranking_of(archive, result.tiles)


def _batch(service: Service, given: BatchBody) -> BatchAnswer:
    answers: list[SearchAnswer | ProblemDocument] = []
    for one in given.searches:
        try:
            within(one.k, service.settings.k_limit, "hits")
            archive, result = searched(service, one, one.picture())
            answers.append(answer_of(archive, result, originals=service.settings.originals))
        except (Problem, TrsllavaError) as error:
            answers.append(document(problem_from(error)))
    return BatchAnswer.model_construct(answers=answers)


def searched(service: Service, given: SearchBody, picture: bytes | None) -> tuple[Archive, SearchResult]:
    """What the library answers to a search. `picture`: an image file. Raises Problem, TrsllavaError."""
    archive = _archive(service, given)
    with ExitStack() as held:
        query = _query(service, archive, given, picture, held)
        result = archive.search(query, rerank=given.rerank, rerank_top=given.rerank_top)
    _noted(service, archive, given, result.timings, len(result))
    return archive, result


def _archive(service: Service, given: SearchBody) -> Archive:
    within(len(given.text), service.settings.text_limit, "characters of text")
    archive = service.archives.get(given.collection)
    _check_reranker(archive, given.rerank, service.settings.rerankers)
    return archive


def _query(service: Service, archive: Archive, given: SearchBody, picture: bytes | None, held: ExitStack) -> Question:
    """The library's query. `held`: keeps the room that a picture takes up."""
    if picture is not None and given.item is not None:
        raise Problem(400, "bad-request", "Give a picture or an item, not both.")
    asked = Question()
    if picture is not None:
        asked = query_by_upload(picture, archive, service.pixels, held)
    elif given.item is not None:
        asked = query_by_item(given.item, archive, service.settings)
    return as_query(
        asked.model_copy(update={"text": given.text, "unwanted": given.unwanted}),
        k=given.k,
        filters=given.filters(service.settings, given.bbox),
        weight=given.weight,
        pair=given.pair,
        edit=given.edit,
        exact_words=given.exact_words,
        places=given.places,
        times=given.times,
        branches=given.branches,
        fusion=given.fusion,
        weights=given.weights,
        all_tiles=given.all_tiles,
        min_relevance=given.min_relevance,
        min_score=given.min_score,
        diversity=given.diversity,
        sort=given.sort,
    )


def _noted(service: Service, archive: Archive, given: SearchBody, timings: Timings, hits: int) -> None:
    service.metrics.observe(timings)
    if service.settings.log_queries:
        told = {"text": given.text, "collection": archive.settings.collection, "hits": hits}
        _log.info("search", extra={"told": told})


def in_form(service: Service, archive: Archive, result: SearchResult, form: Format, text: str, root: URL) -> Response:
    """A result as JSON, GeoJSON or CSV; the latter two, which travel, with links that name the server, `root`."""
    answer = answer_of(archive, result, originals=service.settings.originals)
    if form == "json":
        return Response(answer.model_dump_json(), media_type=FORMS[form])
    shown = {"thumbnail", "original"} if service.settings.originals else {"thumbnail"}
    links = [
        {name: str(root).rstrip("/") + path for name, path in hit.links.model_dump(include=shown).items()}
        for hit in answer.hits
    ]
    content = geojson(text, result, links) if form == "geojson" else csv_rows(result, links)
    return Response(content, media_type=FORMS[form])


def _check_reranker(archive: Archive, name: str | None, allowed: tuple[str, ...]) -> None:
    """A name may be a folder or a model on the hub: requests choose among those that the server names."""
    if name is None or name in allowed:
        return
    schema = archive.schema()
    if schema is None or schema.image_encoder != name:
        raise Problem(
            400, "unknown-reranker", f"rerank: {name!r} is none that this server uses.", "Name the collection's own."
        )
