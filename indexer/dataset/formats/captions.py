"""`captions.jsonl` and `rich.jsonl`: what this project's own commands read.

`captions.jsonl` is the layout that `eval labels`, `eval retrieval` and `train` take for captions and labels; there the
split between `train` and `test` is called `val`. `rich.jsonl` is RSRT, which `index --captions` and `--rich` take.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from indexer.dataset.formats.draft import new_file
from indexer.dataset.formats.rows import json_line, row_of
from indexer.dataset.records import DataSetImage
from trsllava.captioners.imported import rich_text_line

CAPTIONS = "captions.jsonl"
RICH = "rich.jsonl"
_SPLITS = {"validation": "val"}


def write_captions(folder: Path, images: Sequence[DataSetImage]) -> list[Path]:
    """A line a picture. Pictures without a text have no line in `rich.jsonl`, and no captions in the other."""
    _write_lines(folder / CAPTIONS, [json_line(_line(image)) for image in images])
    told = [(image.image.as_posix(), image.text) for image in images]
    _write_lines(folder / RICH, [rich_text_line(name, text) for name, text in told if text is not None])
    return [folder / CAPTIONS, folder / RICH]


def _line(image: DataSetImage) -> dict[str, object]:
    return {
        "image": image.image.as_posix(),
        **row_of(image),
        "split": _SPLITS.get(image.split, image.split),
    }


def _write_lines(path: Path, lines: Sequence[str]) -> None:
    with new_file(path) as draft:
        draft.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
