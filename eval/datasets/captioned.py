"""Human captions in whatever layout a data set is published.

| path | layout | module |
|---|---|---|
| `.json` | Karpathy's: RSICD, RSITMD, UCM-Captions, Sydney-Captions | `eval.datasets.karpathy` |
| `.json` | NWPU-Captions | `eval.datasets.nwpu` |
| folder | `*_precomp` text files | `eval.datasets.precomp` |
| `.csv`, `.tsv` | a table with a split column | `eval.datasets.caption_csv` |
| `.jsonl`, any other | JSON lines | `eval.datasets.captions` |
"""

from __future__ import annotations

from pathlib import Path

from eval.datasets import caption_csv, captions, karpathy, nwpu, precomp
from eval.datasets.captions import CaptionedImage, of_split, read_captions, read_json
from trsllava.errors import CaptionFileError, InputError, Parameter

_LAYOUTS = (
    f"JSON lines of {captions.LAYOUT}; .json like {karpathy.LAYOUT}; .json like {nwpu.LAYOUT}; .csv or .tsv with the "
    f"header {caption_csv.LAYOUT}; {precomp.LAYOUT}"
)


def read_captioned(path: Path, split: str | None = None) -> list[CaptionedImage]:
    """Read the captions of a split (None: of all), in the order of the data set; the path says which layout it has.

    Raises CaptionFileError, with the place, for what is missing or cannot be read; InputError where the split is
    empty.
    """
    if path.is_dir():
        return of_split(path, precomp.precomp_images(path, split), split)
    if not path.exists():
        raise CaptionFileError(f"{path} does not exist. Captions can be: {_LAYOUTS}.")
    match path.suffix.lower():
        case ".json":
            return of_split(path, _of_json(path), split)
        case ".csv" | ".tsv":
            return of_split(path, caption_csv.csv_images(path), split)
        case _:
            return read_captions(path, split)


def read_pictured(path: Path, split: str, images: Path | None) -> list[CaptionedImage]:
    """The captioned images of a split. Raises InputError where one of them is not in the folder of images."""
    captioned = read_captioned(path, split)
    missing = [image.image for image in captioned if images is not None and not (images / image.image).is_file()]
    if missing:
        raise InputError(
            f"{len(missing)} of {len(captioned)} images of {path} are not in {images}; the first is {missing[0]}. "
            "Name the folder that their paths are relative to with ",
            Parameter("images"),
            ".",
        )
    return captioned


def _of_json(path: Path) -> list[CaptionedImage]:
    document = read_json(path)
    if karpathy.is_karpathy(document):
        return karpathy.karpathy_images(path, document)
    if nwpu.is_nwpu(document):
        return nwpu.nwpu_images(path, document)
    raise CaptionFileError(f"{path} is neither like {karpathy.LAYOUT} nor like {nwpu.LAYOUT}.")
