"""Captions made elsewhere: RSRT JSONL, and the plain form with a list of sentences."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Any
from unicodedata import normalize

from pydantic import ValidationError

from trsllava.errors import CaptionFileError, InputError
from trsllava.records import RichCaption, RichText, Window

BY_HAND = "accepted by hand"
"""The model that a rich text names when a person has taken it over from quarantine."""


@dataclass(frozen=True)
class CaptionFile:
    """What a caption file says: rich texts by image path or tile name, and lines it cannot be read at."""

    path: Path
    texts: dict[str, RichText] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def below(self, root: Path) -> CaptionFile:
        """The same with the absolute paths that lie in a folder made relative to it; of two captions for one image
        the first stays."""
        found = CaptionFile(self.path, errors=list(self.errors))
        for image, text in self.texts.items():
            name = _below(image, root)
            if name in found.texts:
                found.errors.append(f"{self.path}: {image} was captioned before as {name}; the first caption stays.")
            else:
                found.texts[name] = text
        return found

    def name_of(self, image: str) -> str | None:
        """The name by which the file calls an image or tile: the very same, else the same characters in another
        Unicode form, as file systems and archivers make it (ü as one character or as two). None where it has none."""
        return image if image in self.texts else self._composed.get(normalize("NFC", image))

    @cached_property
    def _composed(self) -> dict[str, str]:
        """Names in NFC to names as they are; the first of several counts."""
        return {normalize("NFC", name): name for name in reversed(self.texts)}


def _below(image: str, root: Path) -> str:
    """An absolute path relative to the folder that it lies in, links resolved where need be; any other as it is."""
    if not os.path.isabs(image):
        return image
    folder, name = os.path.split(image)
    return (
        _inside(image, root.as_posix())
        or _inside(os.path.join(os.path.realpath(folder), name), Path(os.path.realpath(root)).as_posix())
        or image
    )


def _inside(image: str, folder: str) -> str | None:
    """A path relative to a folder, whichever Unicode form the two name it in; None where it lies elsewhere."""
    path, depth = PurePosixPath(image), len(PurePosixPath(folder).parts)
    if normalize("NFC", str(PurePosixPath(*path.parts[:depth]))) != normalize("NFC", folder):
        return None
    return PurePosixPath(*path.parts[depth:]).as_posix()


def read_caption_file(path: Path) -> CaptionFile:
    """Read a caption file as far as it goes: malformed lines become `errors`, each naming file and line.

    Raises CaptionFileError where the file itself cannot be opened.
    """
    found = CaptionFile(path)
    for number, line in _lines(path):
        try:
            image, text = parse_line(line)
        except ValueError as error:
            found.errors.append(f"{path}, line {number}: {error}")
            continue
        if image in found.texts:
            found.errors.append(f"{path}, line {number}: {image} was captioned before; the first caption stays.")
            continue
        found.texts[image] = text
    return found


def read_rich_texts(path: Path) -> dict[str, RichText]:
    """Rich texts by image path. Raises CaptionFileError at the first line that cannot be read."""
    found = read_caption_file(path)
    if found.errors:
        raise CaptionFileError(found.errors[0])
    return found.texts


def tile_name(image: str, window: Window) -> str:
    """How a caption file calls one tile of a scene: `image#col,row,width,height`."""
    return f"{image}#{','.join(map(str, window))}"


def rich_text_line(image: str, text: RichText) -> str:
    """One line of RSRT JSONL, as `read_caption_file` reads it."""
    record: dict[str, Any] = {
        "image": image,
        "variants": [variant.model_dump(mode="json") for variant in text.variants],
        "labels": list(text.labels),
        "model": text.model,
    }
    if text.prompt:
        record["prompt"] = text.prompt
    if text.confidence is not None:
        record["confidence"] = text.confidence
    return json.dumps(record, ensure_ascii=False)


def read_answer(answer: str) -> RichText:
    """A rich text as a person accepts it: an object with `variants` (and `labels`) or `captions`, or plain sentences,
    one a line, each a variant. Raises InputError where there is no text in it.
    """
    try:
        row = json.loads(answer, strict=False)
    except (ValueError, RecursionError):
        row = {"captions": [line for line in answer.splitlines() if line.strip()]}
    if not isinstance(row, dict):
        raise InputError("The answer is neither an object with variants or captions nor plain sentences.")
    try:
        return _rich_text({"image": "The answer", **row, "model": BY_HAND, "prompt": ""})
    except (ValidationError, ValueError, TypeError, KeyError) as error:
        raise InputError(
            "The answer cannot be accepted as it is: it has no text in RSRT form. Give an edited one."
        ) from error


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            yield from _numbered(file)
    except UnicodeDecodeError as error:
        raise CaptionFileError(f"{path} is not UTF-8 text: {error.reason} at byte {error.start}.") from error
    except OSError as error:
        raise CaptionFileError(f"{path} cannot be read: {error.strerror}.") from error


def _numbered(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield number, line


def parse_line(line: str) -> tuple[str, RichText]:
    """The image or tile that a line of a caption file names, and its rich text. Raises ValueError with a sentence for
    people."""
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON ({error.msg} at column {error.colno}).") from error
    except ValueError as error:  # Python's guard against integers of thousands of digits
        raise ValueError("a number has too many digits.") from error
    except RecursionError as error:
        raise ValueError("nested too deeply.") from error
    if not isinstance(row, dict) or not isinstance(row.get("image"), str) or not row["image"]:
        raise ValueError('needs an "image": the path relative to the indexed folder.')
    try:
        return normpath(row["image"].replace("\\", "/")), _rich_text(row)
    except UnicodeEncodeError as error:
        raise ValueError(f"{row['image']!a}: contains an unpaired surrogate, which is not a character.") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{row['image']}: {'.'.join(map(str, first['loc'])) or 'text'}: {first['msg']}.") from error


def _rich_text(row: dict[str, Any]) -> RichText:
    json.dumps(row, ensure_ascii=False).encode()  # a lone surrogate is found here, not when the text is stored
    if isinstance(row.get("variants"), list):
        variants = row["variants"]
    elif isinstance(row.get("captions"), list):
        said = [caption for caption in row["captions"] if caption != ""]
        variants = [{"caption": caption} for caption in said or row["captions"]]
    else:
        raise ValueError(f'{row["image"]}: needs "variants" (RSRT) or "captions" (a list of sentences).')
    labels = row.get("labels") or ()
    if isinstance(labels, str):
        raise ValueError(f'{row["image"]}: "labels" must be a list of words.')
    return RichText(
        variants=tuple(RichCaption.model_validate(variant) for variant in variants),
        labels=labels,
        model=row.get("model") or "",
        prompt=row.get("prompt") or "",
        confidence=row.get("confidence"),
    )
