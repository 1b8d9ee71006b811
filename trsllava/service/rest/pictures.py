"""`/v1/items/{item_id}/thumbnail`, `/render` and `/original`."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse

from trsllava.raster.media_types import FILE_TYPES, media_type_of
from trsllava.records import Window
from trsllava.service.access import Reads
from trsllava.service.models import OfCollection, RenderParameters, ThumbnailParameters, within
from trsllava.service.negotiation import wanted
from trsllava.service.pictures import MEDIA_TYPES, PictureFormat, check_readable, encoded, original_of
from trsllava.service.problems import Problem, described
from trsllava.service.rest.items import ItemId
from trsllava.service.state import Service, ServiceOf

router = APIRouter(tags=["items"], dependencies=[Reads])

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_PICTURES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The picture.", "content": dict.fromkeys(MEDIA_TYPES.values(), _BINARY)},
    304: {"description": "The picture that the client has is right."},
    **described(400, 404, 406, 422, 429, 503),
}
_THUMBNAIL: dict[int | str, dict[str, Any]] = {
    **_PICTURES,
    200: {"description": "The thumbnail.", "content": {"image/jpeg": _BINARY}},
}
_FILES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": dict.fromkeys(sorted(FILE_TYPES), _BINARY)},
    **described(400, 403, 404, 429, 503),
}


@router.get("/items/{item_id}/thumbnail", responses=_THUMBNAIL, response_class=Response, response_model=None)
async def thumbnail(
    item_id: ItemId, given: Annotated[ThumbnailParameters, Query()], request: Request, service: ServiceOf
) -> Response:
    """A small JPEG of an item."""
    known = request.headers.get("if-none-match", "")
    work = partial(_picture, service, item_id, given.collection, given.size, "jpeg", known)
    return await service.admission.run(work)


@router.get("/items/{item_id}/render", responses=_PICTURES, response_class=Response, response_model=None)
async def render(
    item_id: ItemId, given: Annotated[RenderParameters, Query()], request: Request, service: ServiceOf
) -> Response:
    """An item as PNG, WebP or JPEG, as it was captioned."""
    form = wanted(request, given.format, MEDIA_TYPES)
    if given.size is not None:
        within(given.size, service.settings.render_limit, "pixels a side")
    known = request.headers.get("if-none-match", "")
    size = given.size or service.settings.render_limit
    part = Window(*map(int, given.part.split(","))) if given.part else None
    work = partial(_picture, service, item_id, given.collection, size, form, known, part)
    return await service.admission.run(work)


@router.get("/items/{item_id}/original", responses=_FILES, response_class=Response, response_model=None)
async def original(item_id: ItemId, given: Annotated[OfCollection, Query()], service: ServiceOf) -> Response:
    """The file that an item was made from, where the server hands files out."""
    return await service.admission.run(partial(_original, service, item_id, given.collection))


def _picture(
    service: Service,
    item_id: str,
    collection: str | None,
    size: int,
    form: PictureFormat,
    known: str,
    part: Window | None = None,
) -> Response:
    archive = service.archives.get(collection)
    record = archive.tile(item_id)
    # A tile's id stands for its content and its rendering: the same address always shows the same pixels.
    shown = "-".join(map(str, [record.tile.id, size, form, *(part or ())]))
    tag = f'"{shown}"'
    shared = "private" if service.settings.needs_key else "public"
    headers = {"ETag": tag, "Cache-Control": f"{shared}, max-age=86400", "Vary": "Accept"}
    if known.strip() == "*" or tag in [one.strip().removeprefix("W/") for one in known.split(",")]:
        return Response(status_code=304, headers=headers)
    check_readable(record, service.settings)
    content = encoded(archive.picture(item_id, part=part, longest=size), form)
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)


def _original(service: Service, item_id: str, collection: str | None) -> Response:
    settings = service.settings
    if not settings.originals:
        raise Problem(403, "no-originals", "This server hands no files out.", "Ask for /render instead.")
    record = service.archives.get(collection).tile(item_id)
    path = original_of(record, settings)
    if path is None or not path.is_file():
        raise Problem(404, "no-original", "None of the item's files lies in a folder that is served.")
    media_type = media_type_of(path) or "application/octet-stream"  # of an image by its content, and never another
    return FileResponse(path, media_type=media_type, filename=path.name)
