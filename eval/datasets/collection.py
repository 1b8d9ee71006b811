"""The rich texts and image vectors of an indexed collection, as documents and pictures of a measurement."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from trsllava.archive import Archive
from trsllava.encoders.protocol import FloatArray
from trsllava.records import RichCaption, RichText, TileRecord


def collection_documents(archive: Archive, images: Path | None = None) -> dict[str, RichText]:
    """Rich texts by image path, relative to `images`, or to the folder that was indexed where that is None.

    An image cut into several tiles has the variants of all of them. Raises UnknownCollectionError.
    """
    texts: dict[str, list[RichText]] = {}
    for path, record in _tiles(archive, images):
        if record.text is not None:
            texts.setdefault(path, []).append(record.text)
    return {path: _joined(found) for path, found in texts.items()}


def collection_vectors(archive: Archive, encoder: str, images: Path | None = None) -> dict[str, FloatArray]:
    """What an image-text encoder of this name made of the pictures, `(d,)` float32 by image path as above. An image
    cut into several tiles was not looked at as a whole and is left out. Raises UnknownCollectionError."""
    tiles: dict[str, list[str]] = {}
    for path, record in _tiles(archive, images):
        tiles.setdefault(path, []).append(str(record.tile.id))
    whole = {path: ids[0] for path, ids in tiles.items() if len(ids) == 1}
    vectors = archive.ledger.image_vectors(list(whole.values()), encoder)
    return {path: vectors[tile] for path, tile in whole.items() if tile in vectors}


def _tiles(archive: Archive, images: Path | None) -> Iterator[tuple[str, TileRecord]]:
    """Every tile under each of its paths, relative to the folder."""
    for record in archive.ledger.scan():
        for path in record.paths:
            root = images.expanduser().absolute().as_posix() if images else archive.ledger.root_of(path)
            if PurePosixPath(path).is_relative_to(root):
                yield PurePosixPath(path).relative_to(root).as_posix(), record


def _joined(texts: list[RichText]) -> RichText:
    variants: tuple[RichCaption, ...] = tuple(variant for text in texts for variant in text.variants)
    return texts[0].model_copy(update={"variants": variants})
