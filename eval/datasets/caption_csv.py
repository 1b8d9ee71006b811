"""Captions as a table, `.csv` or tab-separated `.tsv`, with a header.

    image,split,caption_1,caption_2          filepath,title
    port/a.jpg,test,a grey ship,two ships    port/a.jpg,a grey ship
                                             port/a.jpg,two ships

| column | what |
|---|---|
| `image`, `filename` or `filepath` | path of the image; on several rows where each holds one caption |
| `split` | `train`, `val` or `test`; may be left out |
| `scene` | class of the image; may be left out |
| `caption…`, `title…` | one column, or several; an empty cell is no caption |

Other columns are not looked at. `filepath` and `title` are the names that open_clip's tables have.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from eval.datasets.captions import CaptionedImage, image_key
from eval.datasets.tables import Row, column, read_table
from trsllava.errors import CaptionFileError

LAYOUT = "image,split,caption_1,caption_2,… (or a row a caption: image,split,caption)"
"""What the header looks like."""

_IMAGE = ("image", "filename", "filepath")
_CAPTION = ("caption", "title")


@dataclass
class _Described:
    image: str
    split: str
    scene: str
    line: int
    captions: list[str] = field(default_factory=list)


def csv_images(path: Path) -> list[CaptionedImage]:
    """The captions of all splits, in the order that images first come.

    Raises CaptionFileError, with line and column, for a column that is missing, a row of another length, an image in
    two splits or without a caption.
    """
    header, rows = read_table(path)
    image_column = column(path, header, _IMAGE, LAYOUT)
    caption_columns = [name for name in header if name.lower().startswith(_CAPTION)]
    if not caption_columns:
        raise CaptionFileError(
            f"{path} has no column `caption…`, its header is {', '.join(header)}. Expected: {LAYOUT}."
        )
    found: dict[str, _Described] = {}
    for row in rows:
        described = _described(path, row, image_column, found)
        described.captions += [row.cells[name] for name in caption_columns if row.cells[name].strip()]
    for described in found.values():
        if not described.captions:
            raise CaptionFileError(f"{path}, line {described.line}: {described.image} has no caption.")
    return [
        CaptionedImage(image=told.image, split=told.split, scene=told.scene, captions=tuple(told.captions))
        for told in found.values()
    ]


def _described(path: Path, row: Row, image_column: str, found: dict[str, _Described]) -> _Described:
    image, split = row.cells[image_column].strip(), row.cells.get("split", "").strip()
    if not image:
        raise CaptionFileError(f"{path}, line {row.line}, column {image_column}: does not name an image.")
    described = found.setdefault(
        image_key(image), _Described(image, split, row.cells.get("scene", "").strip(), row.line)
    )
    if described.split != split:
        raise CaptionFileError(
            f"{path}, line {row.line}, column split: {image} is in {split or 'no split'!r} here and in "
            f"{described.split or 'no split'!r} in line {described.line}."
        )
    return described
