"""Captions of a data set, and their plain layout: JSON lines of `{"image", "split", "scene", "captions": […]}`.

`split` and `scene` may be left out. `captioner` names the model that wrote the captions where no person did. The other
layouts: `eval.datasets.captioned`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from posixpath import normpath
from typing import Annotated, Any, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from trsllava.errors import CaptionFileError, InputError, Parameter
from trsllava.validation import first_fault, reason_of

LAYOUT = '{"image": "a.jpg", "split": "test", "captions": ["…"]}'
"""What a line looks like."""


class _OfSplit(Protocol):
    @property
    def split(self) -> str: ...


Image = TypeVar("Image", bound=_OfSplit)


class CaptionedImage(BaseModel):
    """One image and what is written of it. Captions are kept as they are, blank ones too: published figures
    count them."""

    model_config = ConfigDict(frozen=True)

    image: Annotated[str, StringConstraints(min_length=1)]
    """Path within the data set's folder."""
    split: str = ""
    """Empty: the file is not split, the image belongs to any."""
    scene: str = ""
    captions: tuple[str, ...] = Field(min_length=1)
    captioner: str = ""
    """The model that wrote the captions; empty: people did."""


def read_captions(path: Path, split: str | None = None) -> list[CaptionedImage]:
    """Read the captions of a split (None: of all), in the order of the file.

    Raises CaptionFileError, with the line, for a file or a line that cannot be read or an image that comes twice;
    InputError where the split is empty.
    """
    images: list[CaptionedImage] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(text_lines(path), start=1):
        if not line.strip():
            continue
        image = _parse(path, number, line)
        first = seen.setdefault(image_key(image.image), number)
        if first != number:
            raise CaptionFileError(f"{path}, line {number}: {image.image} was already described in line {first}.")
        images.append(image)
    return of_split(path, images, split)


def of_split(path: Path, images: Sequence[Image], split: str | None) -> list[Image]:
    """The images of a split (None: all); `path` is what they were read from. Raises InputError where it is empty."""
    chosen = [image for image in images if split is None or image.split in ("", split)]
    if not chosen:
        splits = ", ".join(sorted({image.split for image in images})) or "no image at all"
        raise InputError(
            f"{path} has no image of split {split!r}, it has: {splits}. Choose one with ", Parameter("split"), "."
        )
    return chosen


def image_key(path: str) -> str:
    """One spelling of an image's path, so that `./a//b.jpg` and `a/b.jpg` match; never the basename alone."""
    return normpath(path.replace("\\", "/"))


def text_lines(path: Path) -> list[str]:
    """Lines of a UTF-8 text file, without their ends. Raises CaptionFileError."""
    try:
        # Not splitlines(), which also breaks at separators that JSON allows inside a string.
        return path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CaptionFileError(f"{path} cannot be read as a UTF-8 text file: {error}.") from error


def read_json(path: Path) -> Any:
    """What is in a JSON file. Raises CaptionFileError, with line and column."""
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise CaptionFileError(
            f"{path} cannot be read as JSON: {reason_of(error)}. Name a file of JSON lines so that it ends in .jsonl."
        ) from error


def _parse(path: Path, number: int, line: str) -> CaptionedImage:
    try:
        return CaptionedImage.model_validate_json(line)
    except ValidationError as error:
        raise CaptionFileError(f"{path}, line {number}: {first_fault(error)}. A line looks like {LAYOUT}.") from error
