"""`trsllava doctor`: what works, what does not, what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from trsllava.cli.options import Collection, Device, Encoder, Home, QdrantUrl

if TYPE_CHECKING:
    from trsllava.archive import Archive


def doctor(
    base_url: Annotated[str | None, typer.Option("--base-url", help="Also check this model server.")] = None,
    model: Annotated[str | None, typer.Option("--model", help="The model it should serve.")] = None,
    ask: Annotated[
        bool, typer.Option("--ask", help="Have that server caption a picture, and report what it accepts.")
    ] = False,
    encoder: Encoder = None,
    device: Device = None,
    home: Home = None,
    collection: Collection = None,
    qdrant_url: QdrantUrl = None,
) -> None:
    """Check home folder, encoders, vector store and model server.

    Exit code 0: everything works; 1: something does not.

    **Example**: `trsllava doctor --base-url http://localhost:8000/v1`
    """
    import sqlite3

    import trsllava
    from trsllava.errors import TrsllavaError

    failed = False
    with trsllava.open(
        home, collection, base_url=base_url, model=model, encoder=encoder, device=device, qdrant_url=qdrant_url
    ) as archive:
        for name, check in _checks(archive, ask):
            try:
                print(f"ok    {name}: {check()}")
            except (TrsllavaError, OSError, sqlite3.DatabaseError) as error:
                failed = True
                print(f"FAIL  {name}: {_said(error)}")
    if failed:
        raise typer.Exit(1)


def _said(error: Exception) -> str:
    """What is wrong, in one sentence."""
    from trsllava.cli.flags import in_flags
    from trsllava.cli.usage import DAMAGED_LEDGER
    from trsllava.errors import TrsllavaError

    match error:
        case TrsllavaError():
            return in_flags(error)
        case OSError():
            return f"{error.filename or 'The disk'}: {error.strerror}. Choose another place with --home."
    return DAMAGED_LEDGER


def _checks(archive: Archive, ask: bool) -> Iterator[tuple[str, Callable[[], str]]]:
    yield "home folder", lambda: _home(archive)
    yield "text encoder", lambda: _encoder(archive)
    yield "image encoder", lambda: _image_encoder(archive)
    yield "vector store", lambda: _store(archive)
    if archive.settings.base_url:
        yield "model server", lambda: _server(archive)
        if ask:
            yield "captions", lambda: _asked(archive)


def _home(archive: Archive) -> str:
    import tempfile

    home = archive.settings.home
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=home):
        pass
    return f"{home} can be written"


def _encoder(archive: Archive) -> str:
    vector = archive.encoder.encode(["harbor with cranes"])
    return f"{archive.encoder.name}, {vector.shape[1]} dimensions"


def _image_encoder(archive: Archive) -> str:
    from indexer.built_with import check_image_encoder

    encoder = archive.image_encoder
    if archive.exists() and archive.ledger.schema() is not None:
        check_image_encoder(archive.ledger.schema(), encoder)
    return f"{encoder.name}, {encoder.dim} dimensions" if encoder else "none"


def _store(archive: Archive) -> str:
    from indexer.built_with import check_encoder
    from trsllava.errors import CollectionMismatchError, UnsearchableError

    where = archive.settings.qdrant_url or "embedded"
    if archive.exists():
        check_encoder(archive.ledger.schema(), archive.encoder)
    if not archive.exists():
        return f"{where}; collection {archive.settings.collection!r} not made yet"
    counts, held = archive.ledger.counts(), archive.store.count() if archive.store.exists() else 0
    if counts["captioned"]:
        raise UnsearchableError(" ".join(archive.coverage().sentences()))
    if held != counts["stored"]:
        raise CollectionMismatchError(
            f"the store holds {held} tiles, the ledger says {counts['stored']}. Run `trsllava index` on the folder "
            "again, or `trsllava reindex` to rebuild the store."
        )
    return f"{where}; {held} tiles"


def _server(archive: Archive) -> str:
    from trsllava.config import plain
    from trsllava.errors import ServerError
    from trsllava.llm import list_models

    settings = archive.settings
    served = list_models(settings.base_url or "", api_key=plain(settings.api_key))
    if settings.model and settings.model not in served:
        raise ServerError(f"{settings.base_url} serves {', '.join(served)}, not {settings.model}. Change --model.")
    return f"{settings.base_url} serves {', '.join(served)}"


def _asked(archive: Archive) -> str:
    """One picture of the sample archive, asked about as `index` asks."""
    import tempfile
    from pathlib import Path

    import trsllava
    from trsllava.captioners.named import asking_server
    from trsllava.errors import ServerError
    from trsllava.sample.archive import draw_archive

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        draw_archive(folder / "drawn", seed=0, count=3)  # every third is a GeoTIFF
        picture = next(path for path in sorted((folder / "drawn").rglob("*")) if path.suffix in (".jpg", ".png"))
        (folder / "one").mkdir()
        picture.rename(folder / "one" / picture.name)
        with trsllava.open(folder / "home") as other:
            report = other.index(folder / "one", captioner=asking_server(archive.settings))
            (record,) = other.ledger.scan()
    if record.text is None:
        raise ServerError(record.error or "no answer came")
    refused = report.left_out
    form = (
        "by schema" if "json_schema" not in refused else "json_object" if "json_object" not in refused else "in words"
    )
    return (
        f"{len(record.text.variants)} variants; answer's form: {form}; "
        f"system role: {'no' if 'system role' in refused else 'yes'}; picture by data URL: yes; "
        f"left out: {', '.join(refused) or 'nothing'}; undone: {', '.join(record.text.repairs) or 'nothing'}"
    )
