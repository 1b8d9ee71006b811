"""`trsllava serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trsllava.cli.options import Device, Home, QdrantUrl


def serve(
    host: Annotated[
        str | None, typer.Option("--host", help="Address to listen on.  [env: TRSLLAVA_HOST; default: 127.0.0.1]")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option("--port", "-p", min=0, max=65535, help="0: any free one.  [env: TRSLLAVA_PORT; default: 8080]"),
    ] = None,
    collection: Annotated[
        list[str] | None,
        typer.Option("--collection", "-c", help="Serve this collection alone; may be repeated.  [default: all]"),
    ] = None,
    root: Annotated[
        list[Path] | None,
        typer.Option("--root", help="Jobs may index what lies in this folder; may be repeated.  [default: nothing]"),
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(
            "--source",
            help="Jobs may read what lies below this address (http, https, s3, gs); may be repeated.  "
            "[default: nothing]",
        ),
    ] = None,
    device: Device = None,
    home: Home = None,
    qdrant_url: QdrantUrl = None,
) -> None:
    """Serve the collections over HTTP: REST, STAC and MCP.

    **Examples**

    `trsllava serve`

    `trsllava serve -c harbors --port 8090 --root /data/images`

    `trsllava serve --source https://stac.example/v1 --source s3://bucket`
    """
    from trsllava.errors import InputError

    try:
        from trsllava.service.server import serve as listen
    except ImportError as error:
        raise InputError("The service is an extra: `pip install 'trsllava[service]'`.") from error
    from trsllava.service.settings import load_service_settings

    settings = load_service_settings(
        host=host,
        port=port,
        collections=tuple(collection) if collection else None,
        collection=collection[0] if collection else None,
        roots=tuple(root) if root else None,
        sources=tuple(source) if source else None,
        device=device,
        home=home,
        qdrant_url=qdrant_url,
    )
    listen(settings)
