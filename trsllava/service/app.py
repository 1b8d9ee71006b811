"""The app: routers under their prefixes, and what lives as long as it does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from trsllava.service import health, problems
from trsllava.service.archives import Archives
from trsllava.service.rest import search
from trsllava.service.settings import ServiceSettings, load_service_settings
from trsllava.service.state import Service


def create_app(settings: ServiceSettings | None = None) -> FastAPI:
    """The service as an ASGI app; its settings are read from file and environment where none are given.

    Raises InputError for settings that are not understood.
    """
    settings = settings or load_service_settings()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        try:
            yield
        finally:
            service.close()

    app = FastAPI(title="trsllava", version=version("trsllava"), lifespan=lifespan)
    service = app.state.service = Service(settings, Archives(settings))
    problems.add_handlers(app)
    app.include_router(health.router)
    app.include_router(search.router, prefix="/v1")
    return app
