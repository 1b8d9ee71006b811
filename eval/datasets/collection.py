"""The rich texts of an indexed collection, as documents of a measurement."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from trsllava.archive import Archive
from trsllava.records import RichCaption, RichText


def collection_documents(archive: Archive, images: Path | None = None) -> dict[str, RichText]:
    """Rich texts by image path, relative to `images`, or to the folder that was indexed where that is None.

    An image cut into several tiles has the variants of all of them. Raises UnknownCollectionError.
    """
    texts: dict[str, list[RichText]] = {}
    for record in archive.ledger.scan():
        for path in record.paths:
            root = images.expanduser().absolute().as_posix() if images else archive.ledger.root_of(path)
            if record.text is not None and PurePosixPath(path).is_relative_to(root):
                texts.setdefault(PurePosixPath(path).relative_to(root).as_posix(), []).append(record.text)
    return {path: _joined(found) for path, found in texts.items()}


def _joined(texts: list[RichText]) -> RichText:
    variants: tuple[RichCaption, ...] = tuple(variant for text in texts for variant in text.variants)
    return texts[0].model_copy(update={"variants": variants})
