"""Karpathy-style JSON: how RSICD, RSITMD, UCM-Captions, Sydney-Captions and COCO are published.

    {"images": [{"filename": "airport_1.jpg", "split": "train", "sentences": [{"raw": "…"}, …]}, …]}

An image's path is its `filename`, within `filepath` where that is given (COCO). Splits are `train`, `val` and `test`;
`restval`, the rest of COCO's validation images, belongs to `train` by convention. Other keys are not looked at.

Source: Karpathy & Fei-Fei, "Deep Visual-Semantic Alignments for Generating Image Descriptions", CVPR 2015; RSICD: Lu
et al., IEEE TGRS 2018, `dataset_rsicd.json`; RSITMD: Yuan et al., IEEE TGRS 2022, `dataset_RSITMD.json`.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints, ValidationError

from eval.datasets.captions import CaptionedImage, image_key
from trsllava.errors import CaptionFileError
from trsllava.validation import first_fault

LAYOUT = '{"images": [{"filename": "a.jpg", "split": "test", "sentences": [{"raw": "…"}]}]}'
"""What the file looks like."""

_TRAINS = "restval"


class _Sentence(BaseModel):
    raw: str


class _Image(BaseModel):
    filename: Annotated[str, StringConstraints(min_length=1)]
    filepath: str = ""
    split: str = ""
    sentences: tuple[_Sentence, ...] = Field(min_length=1)


def is_karpathy(document: object) -> bool:
    """Whether a JSON document has this layout."""
    return isinstance(document, dict) and isinstance(document.get("images"), list)


def karpathy_images(path: Path, document: dict[str, list[object]]) -> list[CaptionedImage]:
    """The captions of all splits, in the order of the file.

    Args:
        path: of the file, for messages.
        document: what is in it.

    Raises:
        CaptionFileError: naming the entry, for one without a key or an image that comes twice.
    """
    images: list[CaptionedImage] = []
    seen: dict[str, int] = {}
    for place, entry in enumerate(document["images"]):
        try:
            read = _Image.model_validate(entry)
        except ValidationError as error:
            raise CaptionFileError(
                f"{path}, images[{place}]: {first_fault(error)}. The file looks like {LAYOUT}."
            ) from error
        name = (PurePosixPath(read.filepath) / read.filename).as_posix()
        first = seen.setdefault(image_key(name), place)
        if first != place:
            raise CaptionFileError(f"{path}, images[{place}]: {name} was already described in images[{first}].")
        split = "train" if read.split == _TRAINS else read.split
        images.append(CaptionedImage(image=name, split=split, captions=tuple(told.raw for told in read.sentences)))
    return images
