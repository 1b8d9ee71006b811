"""Labels in whatever layout a data set is published.

| path | layout | module |
|---|---|---|
| `.csv`, `.tsv` | `image` and one 0/1 column a label | `eval.datasets.multilabel` |
| a folder | what `dataset build` writes: its `captions.jsonl` | `eval.datasets.luojiahog` |
| `.json`, `.jsonl`, any other | captions with labels of two levels | `eval.datasets.luojiahog` |
"""

from __future__ import annotations

from pathlib import Path

from eval.datasets import luojiahog, multilabel
from eval.datasets.captions import of_split
from eval.datasets.labels import LabelledImage, Level
from indexer.dataset.formats.captions import CAPTIONS
from trsllava.errors import CaptionFileError, InputError, Parameter


def labels_file(path: Path) -> Path:
    """The file that labels are read from: of a data set's folder, its `captions.jsonl`; any other path as it is.

    Raises CaptionFileError for a folder without one.
    """
    if not path.is_dir():
        return path
    if not (path / CAPTIONS).is_file():
        raise CaptionFileError(
            f"{path} has no {CAPTIONS}, so it is not a data set of `trsllava dataset build`. Name a file of labels."
        )
    return path / CAPTIONS


def level_of(path: Path, level: Level | None) -> Level | None:
    """The level of a tree that a file's labels are read at: the third where none is named. None: it has no levels.

    Raises InputError where a level is asked of a table.
    """
    if path.suffix.lower() not in (".csv", ".tsv"):
        return level or "third"
    if level is not None:
        raise InputError(f"{path} is a table and its labels have no levels: leave out ", Parameter("level"), ".")
    return None


def read_labelled(path: Path, split: str | None = None, level: Level | None = None) -> list[LabelledImage]:
    """Read the labels of a split (None: of all), in the order of the data set; the path says which layout it has.

    Args:
        path: of the file, or of a data set's folder.
        split: its name.
        level: of a tree of labels; None: the third.

    Raises:
        CaptionFileError: with the place, for what is missing or cannot be read.
        InputError: where the split is empty, or a level is asked of labels that have none.
    """
    path = labels_file(path)
    if not path.is_file():
        raise CaptionFileError(
            f"{path} does not exist. Labels can be: a data set's folder; a .csv or .tsv with the header "
            f"{multilabel.LAYOUT}; JSON lines or a .json list of {luojiahog.LAYOUT}."
        )
    read_at = level_of(path, level)
    if read_at is None:
        return of_split(path, multilabel.multilabel_images(path), split)
    return of_split(path, luojiahog.luojiahog_images(path, read_at), split)
