"""Composed queries in either layout, and the archive that they rank."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from eval.datasets import patterncom
from eval.datasets.captioned import read_captioned
from eval.datasets.composed import LAYOUT, ComposedSet, placed, read_composed
from indexer.discover import check_folder, check_images
from indexer.walk import FolderWalk
from trsllava.errors import InputError, Parameter


def archive_names(images: Path, captions: Path | None = None, split: str | None = None) -> list[str]:
    """The paths within a folder of the images that are ranked: those of a caption file, or all. Raises InputError."""
    check_folder(images)
    if captions is not None:
        return [image.image for image in read_captioned(captions, split)]
    check_images(images)
    return [path.relative_to(images).as_posix() for path in FolderWalk(images)]


def read_composed_queries(path: Path, names: Sequence[str]) -> ComposedSet:
    """A file of composed queries, or PatternCom's folder; `names`: of the images that are ranked. Raises InputError
    that names what was looked for."""
    if path.is_dir():
        return patterncom.read_patterncom(path, names)
    if not path.exists():
        raise InputError(
            f"{path} does not exist. ",
            Parameter("queries"),
            f" is a file with lines like {LAYOUT}, or {patterncom.LAYOUT}.",
        )
    return placed(read_composed(path), names)
