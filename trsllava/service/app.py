"""The app: routers under their prefixes, and what lives as long as it does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from trsllava.service import health, mcp, problems
from trsllava.service.access import REFUSALS
from trsllava.service.description import describe
from trsllava.service.middleware import Observed
from trsllava.service.page import routes as page
from trsllava.service.parameters import KnownParameters
from trsllava.service.rest import (
    about,
    captions,
    collections,
    dialogues,
    export,
    items,
    jobs,
    label_tree,
    pictures,
    quarantine,
    review,
    search,
)
from trsllava.service.settings import ServiceSettings, load_service_settings
from trsllava.service.stac import routes as stac
from trsllava.service.state import Service

_BODIES = 8
"""Bodies of the largest size that are held at once."""


def create_app(settings: ServiceSettings | None = None) -> FastAPI:
    """The service as an ASGI app; its settings are read from file and environment where none are given.

    Raises InputError for settings that are not understood.
    """
    settings = settings or load_service_settings()
    service = Service.of(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.queue.start()
        try:
            yield
        finally:
            service.close()

    app = FastAPI(
        title="trsllava",
        version=version("trsllava"),
        summary="Find images in remote-sensing archives by describing them.",
        lifespan=lifespan,
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,  # it would lead to whatever host a request names
        max_body_size=settings.body_limit,
    )
    app.state.service = service
    app.add_middleware(
        Observed,
        metrics=service.metrics,
        body_seconds=settings.request_seconds,
        body_room=_BODIES * settings.body_limit,
    )
    problems.add_handlers(app, service.metrics)
    app.include_router(health.router, dependencies=[KnownParameters])
    for subject in (
        search,
        items,
        dialogues,
        pictures,
        collections,
        label_tree,
        jobs,
        quarantine,
        captions,
        review,
        export,
        about,
    ):
        app.include_router(subject.router, prefix="/v1", dependencies=[KnownParameters], responses=REFUSALS)
    app.include_router(stac.router, dependencies=[KnownParameters], responses=REFUSALS)
    app.include_router(mcp.router)
    app.include_router(page.router)
    describe(app)
    return app
