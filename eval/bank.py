"""A bank of captioned images that nothing is measured on: what it finds too often is a hub (`eval.rescoring`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.datasets.captioned import read_captioned
from eval.datasets.captions import CaptionedImage, image_key
from eval.pictures import Pictures
from eval.rescoring import Rescoring, Resort
from eval.scores import Gallery
from trsllava.errors import InputError, Parameter
from trsllava.records import RichCaption, RichText

BANK_IMAGES = 2000
"""On RSICD's validation split as good as all 8,734 of the training split."""
BANK_SEED = 0
"""Of the draw."""


@dataclass(frozen=True)
class Bank:
    """Texts that ask for the images that are measured, and images that ask for the texts."""

    texts: tuple[str, ...]
    images: Gallery
    source: str


def check_bank(rescoring: Rescoring | None, bank: str | None) -> None:
    """Before pictures are looked at for minutes: raises InputError for a bank without its use, and the other way."""
    needed = not isinstance(rescoring, Resort | None)
    if needed and not bank:
        raise InputError(
            f"{rescoring} recognises hubs by captioned images; name them with ",
            Parameter("bank"),
            ", as in FILE:train.",
        )
    if bank and not needed:
        raise InputError(
            Parameter("bank"),
            " is for a ",
            Parameter("rescoring"),
            " that recognises hubs by it: inverted-softmax, qb-norm or csls.",
        )


def read_bank(name: str, measured: Iterable[CaptionedImage]) -> list[CaptionedImage]:
    """The captioned images of `FILE` or `FILE:SPLIT`. Raises CaptionFileError; InputError where one of them is
    measured, told by its path: a bank that holds the queries would make their scores depend on each other."""
    images = read_captioned(*bank_named(name))
    asked = {image_key(image.image) for image in measured}
    both = [image.image for image in images if image_key(image.image) in asked]
    if both:
        raise InputError(
            f"{len(both)} of {len(images)} images of the bank {name} are also measured; the first is {both[0]}. "
            "Name a file or a split without them with ",
            Parameter("bank"),
            ", as in FILE:train.",
        )
    return images


def draw_bank(
    images: Sequence[CaptionedImage], size: int = BANK_IMAGES, seed: int = BANK_SEED
) -> Sequence[CaptionedImage]:
    """At most `size` images, in their order; all where there are no more."""
    if len(images) <= size:
        return images
    drawn = np.random.default_rng(seed).choice(len(images), size, replace=False)
    return [images[place] for place in sorted(drawn.tolist())]


def bank_named(name: str) -> tuple[Path, str | None]:
    """The file and the split, None for all of it, of `FILE` or `FILE:SPLIT`."""
    path, colon, split = name.rpartition(":")
    return (Path(path), split) if colon and not Path(name).exists() else (Path(name), None)


def caption_bank(images: Sequence[CaptionedImage], pictures: Pictures | None, source: str) -> Bank:
    """Distinct captions ask for images. What asks for texts are the pictures, where they are given, and an image's
    first caption in place of what a captioner would say of it."""
    firsts = [next((text for text in image.captions if text.strip()), None) for image in images]
    texts = tuple(dict.fromkeys(text for image in images for text in image.captions if text.strip()))
    documents = tuple(RichText(variants=(RichCaption(caption=text),), model="people") for text in firsts if text)
    if len(documents) < len(images):
        raise InputError(f"{len(images) - len(documents)} images of the bank {source} have only blank captions.")
    return Bank(texts, Gallery(documents, pictures), f"{source}: {len(texts):,} texts, {len(images):,} images")
