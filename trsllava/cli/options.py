"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Home = Annotated[
    Path | None,
    typer.Option("--home", help="Where collections live.  [env: TRSLLAVA_HOME; default: the user data folder]"),
]
Collection = Annotated[
    str | None,
    typer.Option("--collection", "-c", help="Collection to use.  [env: TRSLLAVA_COLLECTION; default: default]"),
]
QdrantUrl = Annotated[
    str | None,
    typer.Option("--qdrant-url", help="A Qdrant server instead of the embedded engine.  [env: TRSLLAVA_QDRANT_URL]"),
]
Encoder = Annotated[
    str | None,
    typer.Option(
        "--encoder",
        help="Text encoder: sentence-transformers id, folder, or openai:MODEL.  "
        "[default: the collection's own, or all-MiniLM-L6-v2]",
    ),
]
Device = Annotated[str | None, typer.Option("--device", help="Where the text encoder runs: cpu, cuda, mps.")]
