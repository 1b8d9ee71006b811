"""Captioned pictures as arrays: pixels once decoded, each distinct caption once encoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.datasets.captioned import read_captioned
from eval.datasets.captions import CaptionedImage
from indexer.progress import Progress, no_progress
from trsllava.encoders.protocol import FloatArray, TextEncoder
from trsllava.errors import InputError, Parameter
from trsllava.lexicon import Keyword, keywords
from trsllava.training.words import Saying

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class CaptionedSet:
    """One split: n pictures and their captions."""

    names: tuple[str, ...]
    pixels: Pixels
    """`(n, 3, side, side)` uint8."""
    texts: tuple[str, ...]
    """m distinct captions."""
    vectors: FloatArray
    """`(m, d)` float32, L2-normalised: the frozen text encoder's."""
    rows: tuple[tuple[int, ...], ...]
    """Of each picture, its captions' places in `texts`, repeats kept."""
    scenes: tuple[str, ...]
    """Of each picture; empty where the data set has none."""
    dialogues: tuple[tuple[Saying, ...], ...] = ()
    """Of each picture, what its dialogues say; none at all where there are none."""

    def owner(self) -> NDArray[np.intp]:
        """Of each caption, repeats counted, the picture it belongs to."""
        return np.repeat(np.arange(len(self.rows)), [len(rows) for rows in self.rows])

    def flat_rows(self) -> NDArray[np.intp]:
        """Of each caption, repeats counted, its place in `texts`."""
        return np.array([row for rows in self.rows for row in rows], np.intp)

    def presence(self, things: Sequence[Keyword]) -> FloatArray:
        """Share of each picture's captions that name each thing, `(n, t)` float32."""
        column = {thing: place for place, thing in enumerate(things)}
        named = np.zeros((len(self.texts), len(things)), np.float32)
        for row, text in enumerate(self.texts):
            named[row, [column[word] for word in keywords(text) if word in column]] = 1
        return np.stack([named[list(rows)].mean(0) for rows in self.rows])


def load_split(
    images: Path,
    captions: Path,
    split: str,
    encoder: TextEncoder,
    side: int,
    progress: Progress = no_progress,
) -> CaptionedSet:
    """Read a split's pictures and captions. Raises CaptionFileError, InputError, ImageError."""
    described = read_captioned(captions, split)
    pixels = _decode(images, described, side, progress)
    texts = tuple(dict.fromkeys(text for image in described for text in image.captions))
    row = {text: number for number, text in enumerate(texts)}
    progress("encode captions", 0, len(texts))
    vectors = encoder.encode(texts)
    progress("encode captions", len(texts), len(texts))
    return CaptionedSet(
        names=tuple(image.image for image in described),
        pixels=pixels,
        texts=texts,
        vectors=vectors,
        rows=tuple(tuple(row[text] for text in image.captions) for image in described),
        scenes=tuple(image.scene for image in described),
    )


def _decode(folder: Path, described: Sequence[CaptionedImage], side: int, progress: Progress) -> Pixels:
    from PIL import Image, UnidentifiedImageError

    pixels = np.empty((len(described), 3, side, side), np.uint8)
    for place, image in enumerate(described):
        if place % 500 == 0:
            progress("decode pictures", place, len(described))
        try:
            with Image.open(folder / image.image) as opened:
                small = opened.convert("RGB").resize((side, side), Image.Resampling.BICUBIC)
        except (OSError, UnidentifiedImageError) as error:
            raise InputError(
                f"{folder / image.image} cannot be read as a picture: {error}. Its path is taken from the caption "
                "file, relative to ",
                Parameter("images"),
                ".",
            ) from error
        pixels[place] = np.asarray(small).transpose(2, 0, 1)
    progress("decode pictures", len(described), len(described))
    return pixels
