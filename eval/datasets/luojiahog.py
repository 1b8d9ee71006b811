"""LuojiaHOG-style captions with labels of two levels: JSON lines, or a `.json` array, of

    {"image": "a.jpg", "split": "test", "captions": ["…"], "second_level": ["water"], "third_level": ["marina"]}

`split` may be left out, and `captions` where the texts come from another file; lists of labels may be empty.
`captioner` names the model that wrote the captions where no person did.

What could be verified: from the paper, that an image has labels of a tree of three levels, 21 classes on the second
and 131 on the third (`marina`, `farmland`, `natural_meadow`…), several at a time, and long descriptions. What could
not: the keys of its files. The public repository of the data set was seen to hold a folder of images and no
annotations, and the file that its demonstration reads, `LuojiaHOG(best)_.json`, was not at hand. So this layout is
ours: whoever has the annotations brings them into it, one object an image.

Source: Zhao et al., "LuojiaHOG: A Hierarchy Oriented Geo-aware Image Caption Dataset for Remote Sensing Image-Text
Retrieval", arXiv 2403.10887.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, StringConstraints, ValidationError

from eval.datasets.captions import image_key, read_json, text_lines
from eval.datasets.labels import LabelledImage, Level
from trsllava.errors import CaptionFileError
from trsllava.validation import first_fault

LAYOUT = '{"image": "a.jpg", "split": "test", "captions": ["…"], "second_level": ["water"], "third_level": ["marina"]}'
"""What an object looks like."""

_Name = Annotated[str, StringConstraints(min_length=1)]


class _Image(BaseModel):
    image: _Name
    split: str = ""
    captions: tuple[str, ...] = ()
    second_level: frozenset[_Name] | None = None
    third_level: frozenset[_Name] | None = None
    captioner: str = ""


def luojiahog_images(path: Path, level: Level) -> list[LabelledImage]:
    """The labels of one level and the captions of all splits, in the order of the file.

    Raises CaptionFileError, naming the line or the entry, for one that cannot be read, lacks the level, or names an
    image that comes twice.
    """
    seen: dict[str, str] = {}
    images = []
    for where, read in _entries(path):
        labels = read.second_level if level == "second" else read.third_level
        if labels is None:
            raise CaptionFileError(f"{path}, {where}: {level}_level: Field required. It looks like {LAYOUT}.")
        first = seen.setdefault(image_key(read.image), where)
        if first != where:
            raise CaptionFileError(f"{path}, {where}: {read.image} was already labelled in {first}.")
        images.append(LabelledImage(read.image, labels, read.split, read.captions, read.captioner))
    return images


def _entries(path: Path) -> list[tuple[str, _Image]]:
    """Images, each with its place in the file."""
    if path.suffix.lower() == ".json":
        document = read_json(path)
        if not isinstance(document, list):
            raise CaptionFileError(f"{path} is not a list. Its entries look like {LAYOUT}.")
        return [(f"[{place}]", _image(path, f"[{place}]", entry)) for place, entry in enumerate(document)]
    lines = [(f"line {number}", line) for number, line in enumerate(text_lines(path), start=1) if line.strip()]
    return [(where, _image(path, where, line)) for where, line in lines]


def _image(path: Path, where: str, entry: object) -> _Image:
    try:
        return _Image.model_validate_json(entry) if isinstance(entry, str) else _Image.model_validate(entry)
    except ValidationError as error:
        raise CaptionFileError(f"{path}, {where}: {first_fault(error)}. It looks like {LAYOUT}.") from error
