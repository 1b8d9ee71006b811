"""Labels in whatever layout a data set is published.

| path | layout | module |
|---|---|---|
| `.csv`, `.tsv` | `image` and one 0/1 column a label | `eval.datasets.multilabel` |
| `.json`, `.jsonl`, any other | captions with labels of two levels | `eval.datasets.luojiahog` |
"""

from __future__ import annotations

from pathlib import Path

from eval.datasets import luojiahog, multilabel
from eval.datasets.captions import of_split
from eval.datasets.labels import LabelledImage, Level
from trsllava.errors import CaptionFileError, InputError, Parameter


def read_labelled(path: Path, split: str | None = None, level: Level | None = None) -> list[LabelledImage]:
    """Read the labels of a split (None: of all), in the order of the data set; the path says which layout it has.

    Args:
        path: of the file.
        split: its name.
        level: of a tree of labels; None: the third.

    Raises:
        CaptionFileError: with the place, for what is missing or cannot be read.
        InputError: where the split is empty, or a level is asked of labels that have none.
    """
    if not path.is_file():
        raise CaptionFileError(
            f"{path} does not exist. Labels can be: a .csv or .tsv with the header "
            f"{multilabel.LAYOUT}; JSON lines or a .json list of {luojiahog.LAYOUT}."
        )
    if path.suffix.lower() in (".csv", ".tsv"):
        if level is not None:
            raise InputError(f"{path} is a table and its labels have no levels: leave out ", Parameter("level"), ".")
        return of_split(path, multilabel.multilabel_images(path), split)
    return of_split(path, luojiahog.luojiahog_images(path, level or "third"), split)
