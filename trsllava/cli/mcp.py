"""`trsllava mcp`."""

from __future__ import annotations

from typing import Annotated

import typer

from trsllava.cli.options import Device, Home, QdrantUrl


def mcp(
    collection: Annotated[
        list[str] | None,
        typer.Option("--collection", "-c", help="Offer this collection alone; may be repeated.  [default: all]"),
    ] = None,
    device: Device = None,
    home: Home = None,
    qdrant_url: QdrantUrl = None,
) -> None:
    """Offer the collections to an AI assistant on this machine (Model Context Protocol, stdio).

    The assistant starts this command itself; it can search and look, and change nothing.

    **Example**: `trsllava mcp -c harbors`
    """
    from trsllava.errors import InputError

    try:
        from trsllava.service.mcp import serve_stdio
    except ImportError as error:
        raise InputError("The service is an extra: `pip install 'trsllava[service]'`.") from error
    from trsllava.service.settings import load_service_settings

    settings = load_service_settings(
        collections=tuple(collection) if collection else None,
        collection=collection[0] if collection else None,
        device=device,
        home=home,
        qdrant_url=qdrant_url,
    )
    serve_stdio(settings)
