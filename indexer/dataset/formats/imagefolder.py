"""Hugging Face's `imagefolder`: `imagefolder/SPLIT/ID.png` and a `metadata.jsonl` beside the pictures of each split.

Source: https://huggingface.co/docs/datasets/image_dataset
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from indexer.dataset.formats.draft import new_folder
from indexer.dataset.formats.rows import by_split, json_line, row_of
from indexer.dataset.records import DataSetImage

IMAGE_FOLDER = "imagefolder"
_METADATA = "metadata.jsonl"


def write_imagefolder(folder: Path, images: Sequence[DataSetImage]) -> list[Path]:
    """Pictures are hard links to those of the data set where the disk can make them, else copies."""
    written: list[Path] = []
    with new_folder(folder / IMAGE_FOLDER) as draft:
        for split, members in by_split(images).items():
            (draft / split).mkdir()
            lines = []
            for image in members:
                name = image.image.name
                _link_or_copy(folder / image.image, draft / split / name)
                written.append(folder / IMAGE_FOLDER / split / name)
                # The split is the folder's name.
                row = {key: value for key, value in row_of(image).items() if key != "split"}
                lines.append(json_line({"file_name": name, **row}) + "\n")
            (draft / split / _METADATA).write_text("".join(lines), encoding="utf-8")
            written.append(folder / IMAGE_FOLDER / split / _METADATA)
    return written


def _link_or_copy(picture: Path, target: Path) -> None:
    try:
        os.link(picture, target)
    except OSError:
        shutil.copyfile(picture, target)
