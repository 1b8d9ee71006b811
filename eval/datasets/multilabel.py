"""Labels as a table, `.csv` or tab-separated `.tsv`: `image` and one column of 0 and 1 a label.

    image,split,water,harbor,trees
    port/a.jpg,test,1,1,0
    park/b.jpg,test,0,0,1

The image's column may also be called `filename` or `filepath`, and `split` may be left out; every other column is a
label.
"""

from __future__ import annotations

from pathlib import Path

from eval.datasets.captions import image_key
from eval.datasets.labels import LabelledImage
from eval.datasets.tables import Row, column, read_table
from trsllava.errors import CaptionFileError

LAYOUT = "image,split,water,harbor,… with 0 or 1 in each column of a label"
"""What the header looks like."""

_IMAGE = ("image", "filename", "filepath")
_SPLIT = "split"


def multilabel_images(path: Path) -> list[LabelledImage]:
    """The labels of all splits, in the order of the file.

    Raises CaptionFileError, with line and column, for a column that is missing, a cell that is neither 0 nor 1, and an
    image that comes twice.
    """
    header, rows = read_table(path)
    image_column = column(path, header, _IMAGE, LAYOUT)
    labels = [name for name in header if name not in (image_column, _SPLIT)]
    if not labels:
        raise CaptionFileError(f"{path} has no label column. Expected: {LAYOUT}.")
    seen: dict[str, int] = {}
    images = []
    for row in rows:
        image = row.cells[image_column].strip()
        if not image:
            raise CaptionFileError(f"{path}, line {row.line}, column {image_column}: does not name an image.")
        first = seen.setdefault(image_key(image), row.line)
        if first != row.line:
            raise CaptionFileError(f"{path}, line {row.line}: {image} was already labelled in line {first}.")
        has = frozenset(name for name in labels if _is_one(path, row, name))
        images.append(LabelledImage(image, has, row.cells.get(_SPLIT, "").strip()))
    return images


def _is_one(path: Path, row: Row, name: str) -> bool:
    match row.cells[name].strip():
        case "1" | "1.0":
            return True
        case "0" | "0.0":
            return False
        case other:
            raise CaptionFileError(f"{path}, line {row.line}, column {name}: {other!r} is neither 0 nor 1.")
