"""The archive of a composed measurement: its images, as vectors and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.datasets.captions import image_key
from eval.pictures import load_picture
from indexer.progress import Progress, no_progress
from trsllava.archive import Archive
from trsllava.encoders.protocol import FloatArray, TextEncoder
from trsllava.errors import InputError, Parameter
from trsllava.records import RichText

_BATCH = 128


@dataclass(frozen=True)
class KnownImages:
    """n images that are ranked, and what is known of them; what a measurement does not compare may be left out."""

    names: tuple[str, ...]
    """Paths within the folder of images."""
    images: FloatArray | None = None
    """`(n, d_image)` float32, L2-normalised."""
    texts: tuple[RichText, ...] | None = None
    captions: FloatArray | None = None
    """`(m, d)` float32, L2-normalised: the distinct caption texts of all images, one image after the other."""

    @cached_property
    def first_caption(self) -> NDArray[np.intp]:
        """`(n,)` row of `captions` where each image's begin."""
        counts = [len(text.texts()) for text in self.texts or ()]
        return np.cumsum([0, *counts[:-1]])

    def caption_vectors(self, place: int) -> FloatArray:
        """`(v, d)` caption vectors of one image."""
        assert self.captions is not None
        begin = self.first_caption[place]
        end = self.first_caption[place + 1] if place + 1 < len(self.names) else len(self.captions)
        return self.captions[begin:end]


def describe(folder: Path, names: Sequence[str], progress: Progress = no_progress) -> tuple[RichText, ...]:
    """What the shipped nano says of a folder's pictures. Raises InputError, EncoderError."""
    from trsllava.captioners.nano.captioner import shipped_captioner

    captioner = shipped_captioner()
    texts: list[RichText] = []
    for start in range(0, len(names), _BATCH):
        progress("caption", start, len(names))
        texts += captioner.describe([load_picture(folder / name) for name in names[start : start + _BATCH]])
    progress("caption", len(names), len(names))
    return tuple(texts)


def encode_captions(texts: Sequence[RichText], encoder: TextEncoder) -> FloatArray:
    """Vectors `(m, d)` of all texts' distinct variants, one text after the other."""
    return encoder.encode([said for text in texts for said in text.texts()])


def known_images(archive: Archive, folder: Path, names: Sequence[str]) -> KnownImages:
    """What a collection knows of a folder's images. Raises InputError for one that it does not hold as one tile."""
    root = folder.expanduser().absolute()
    wanted = {image_key((root / name).as_posix()): name for name in names}
    ids: dict[str, str] = {}
    texts: dict[str, RichText] = {}
    for record in archive.ledger.scan("stored"):
        for name in (wanted[path] for path in record.paths if path in wanted):
            if record.text is None or name in ids:
                raise InputError(
                    f"{name} is cut into tiles in this collection; a composed query is about whole images."
                )
            ids[name], texts[name] = str(record.tile.id), record.text
    missing = [name for name in names if name not in ids]
    if missing:
        raise InputError(
            f"{len(missing)} of {len(names)} images are not in the collection; the first is {missing[0]}. Run "
            f"`trsllava index {folder}` with the same ",
            Parameter("collection"),
            ".",
        )
    encoder = archive.image_encoder
    vectors = archive.ledger.image_vectors(list(ids.values()), encoder.name) if encoder else {}
    whole = len(vectors) == len(set(ids.values()))
    ordered = tuple(texts[name] for name in names)
    stored = archive.store.dense_vectors(list(ids.values()))
    return KnownImages(
        tuple(names),
        np.stack([vectors[ids[name]] for name in names]) if whole else None,
        ordered,
        np.concatenate([stored[ids[name]] for name in names]),
    )
