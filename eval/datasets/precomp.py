"""A `*_precomp` folder: how AMFMN, GaLR and what followed them ship RSICD, RSITMD, UCM-Captions and Sydney-Captions.

    rsicd_precomp/
        test_caps.txt        one caption a line, an image's captions one after the other
        test_filename.txt    the image of each line; or of each five lines, then a fifth as long
        train_caps.txt, train_filename.txt
        train_caps_verify.txt, train_filename_verify.txt, val_caps_verify.txt, val_filename_verify.txt

Both forms of the list of images occur: in AMFMN's folders that of `test` has a line a caption, that of `train` a line
an image. Where there are `_verify` files, `train` and `val` are read from them, as AMFMN reads them: its
`train_caps.txt` holds the validation images too. Paths are relative to the folder of images.

Source: Yuan et al., IEEE TGRS 2022 (AMFMN); checked against the text files in its repository.
"""

from __future__ import annotations

from pathlib import Path

from eval.datasets.captions import CaptionedImage, text_lines
from trsllava.errors import CaptionFileError

LAYOUT = "a folder with test_caps.txt (a caption a line) and test_filename.txt (its image)"
"""What it looks like."""

_EACH = 5
"""Captions of an image where images are listed once."""


def precomp_images(folder: Path, split: str | None) -> list[CaptionedImage]:
    """The captions of a split (None: of all that the folder has), in the order of its files.

    Raises CaptionFileError that names the file looked for, and the two that do not go together.
    """
    splits = _splits(folder) if split is None else [split]
    return [image for name in splits for image in _of_split(folder, name)]


def _splits(folder: Path) -> list[str]:
    names = {file.name.partition("_caps")[0] for file in folder.glob("*_caps*.txt")}
    if not names:
        raise CaptionFileError(f"{folder / 'test_caps.txt'} does not exist. Expected: {LAYOUT}.")
    return sorted(names)


def _of_split(folder: Path, split: str) -> list[CaptionedImage]:
    ending = "_verify.txt" if (folder / f"{split}_caps_verify.txt").is_file() else ".txt"
    told, shown = folder / f"{split}_caps{ending}", folder / f"{split}_filename{ending}"
    for file in (told, shown):
        if not file.is_file():
            raise CaptionFileError(f"{file} does not exist. Expected: {LAYOUT}.")
    captions, names = _lines(told), _lines(shown)
    if len(captions) not in (len(names), _EACH * len(names)):
        raise CaptionFileError(
            f"{told} has {len(captions)} lines and {shown} {len(names)}: it should name the image of every line, or "
            f"of every {_EACH} lines."
        )
    if len(captions) != len(names):
        names = [name for name in names for _ in range(_EACH)]
    return [CaptionedImage(image=name, split=split, captions=said) for name, said in _joined(shown, names, captions)]


def _joined(shown: Path, names: list[str], captions: list[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Captions by image, in the order that images first come."""
    by_image: dict[str, list[str]] = {}
    for name, caption in zip(names, captions, strict=True):
        if not name:
            raise CaptionFileError(f"{shown}: a line is blank, where an image should be named.")
        by_image.setdefault(name, []).append(caption)
    return [(name, tuple(said)) for name, said in by_image.items()]


def _lines(file: Path) -> list[str]:
    """Blank captions count, the end of the last line does not."""
    lines = [line.strip() for line in text_lines(file)]
    return lines[:-1] if lines[-1] == "" else lines
