"""NWPU-Captions' own JSON, `dataset_nwpu.json`: images by class, five captions each under keys of their own.

    {"airplane": [{"filename": "airplane_001.jpg", "imgid": 0, "split": "train",
                   "raw": "…", "raw_1": "…", "raw_2": "…", "raw_3": "…", "raw_4": "…"}, …], …}

An image's path is `class/filename`, as NWPU-RESISC45 keeps its pictures, and its scene is the class. `imgid` is not
looked at.

Source: Cheng et al., "NWPU-Captions Dataset and MLCA-Net for Remote Sensing Image Captioning", IEEE TGRS 2022. The
keys are as three public programs read them; the published file itself was not at hand.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, StringConstraints, ValidationError

from eval.datasets.captions import CaptionedImage, image_key
from trsllava.errors import CaptionFileError
from trsllava.validation import first_fault

LAYOUT = '{"airplane": [{"filename": "airplane_001.jpg", "split": "test", "raw": "…", "raw_1": "…", … "raw_4": "…"}]}'
"""What the file looks like."""


class _Image(BaseModel):
    filename: Annotated[str, StringConstraints(min_length=1)]
    split: str
    raw: str
    raw_1: str | None = None
    raw_2: str | None = None
    raw_3: str | None = None
    raw_4: str | None = None

    def captions(self) -> tuple[str, ...]:
        told = (self.raw, self.raw_1, self.raw_2, self.raw_3, self.raw_4)
        return tuple(caption for caption in told if caption is not None)


def is_nwpu(document: object) -> bool:
    """Whether a JSON document has this layout: lists by class."""
    return isinstance(document, dict) and all(isinstance(entries, list) for entries in document.values())


def nwpu_images(path: Path, document: dict[str, list[object]]) -> list[CaptionedImage]:
    """The captions of all splits, in the order of the file.

    Args:
        path: of the file, for messages.
        document: what is in it.

    Raises:
        CaptionFileError: naming class and entry, for one without a key or an image that comes twice.
    """
    images: list[CaptionedImage] = []
    seen: dict[str, int] = {}
    for scene, entries in document.items():
        for place, entry in enumerate(entries):
            try:
                read = _Image.model_validate(entry)
            except ValidationError as error:
                raise CaptionFileError(
                    f"{path}, {scene}[{place}]: {first_fault(error)}. The file looks like {LAYOUT}."
                ) from error
            name = f"{scene}/{read.filename}"
            first = seen.setdefault(image_key(name), place)
            if first != place:
                raise CaptionFileError(f"{path}, {scene}[{place}]: {name} was already described in {scene}[{first}].")
            images.append(CaptionedImage(image=name, split=read.split, scene=scene, captions=read.captions()))
    return images
