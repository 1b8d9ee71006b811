"""A data set in the formats that others read. Equal data sets give equal bytes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from indexer.dataset.formats.captions import write_captions
from indexer.dataset.formats.card import write_card
from indexer.dataset.formats.checksums import write_checksums
from indexer.dataset.formats.croissant import write_croissant
from indexer.dataset.formats.imagefolder import write_imagefolder
from indexer.dataset.formats.parquet import write_parquet
from indexer.dataset.formats.stac import write_stac
from indexer.dataset.formats.trainingdml import write_trainingdml
from indexer.dataset.formats.webdataset import write_webdataset
from indexer.dataset.records import DataSetAbout, DataSetImage
from trsllava.errors import InputError

_WRITERS: Mapping[str, Callable[[Path, DataSetAbout, Sequence[DataSetImage]], list[Path]]] = {
    "captions": lambda folder, about, images: write_captions(folder, images),
    "parquet": lambda folder, about, images: write_parquet(folder, images),
    "imagefolder": lambda folder, about, images: write_imagefolder(folder, images),
    "webdataset": write_webdataset,
    "croissant": write_croissant,
    "trainingdml": write_trainingdml,
    "stac": write_stac,
}
FORMATS = (*_WRITERS, "card", "checksums")
"""In the order in which they are written: the later ones speak of the earlier."""


def write_formats(
    folder: Path, about: DataSetAbout, images: Sequence[DataSetImage], names: Collection[str] = FORMATS
) -> list[Path]:
    """Write a data set whose pictures lie in a folder, beside them, in the formats named.

    Each format appears whole or takes the place of an older one: a run that was killed is simply run again. `captions`
    is always written, because the others refer to it.

    Returns:
        The files, in the order of `FORMATS`.

    Raises:
        InputError: for a format that is not known, a picture that is not there, or a folder that cannot be written.
    """
    unknown = sorted(set(names) - set(FORMATS))
    if unknown:
        raise InputError(f"There is no format {unknown[0]!r}. Choose from {', '.join(FORMATS)}.")
    chosen = [name for name in FORMATS if name in names or name == "captions"]
    written: list[Path] = []
    try:
        for name, write in _WRITERS.items():
            if name in chosen:
                written += write(folder, about, images)
        if "card" in chosen:
            written += write_card(folder, about, images, chosen)
        if "checksums" in chosen:
            written += write_checksums(folder, [*(folder / image.image for image in images), *written])
    except FileNotFoundError as error:
        raise InputError(f"{error.filename} is missing. Build the data set again.") from error
    except OSError as error:
        raise InputError(f"{error.filename or folder} cannot be written: {error.strerror}.") from error
    return written
