"""The data card: `README.md` with the YAML header that the Hugging Face hub reads.

Source: https://huggingface.co/docs/hub/datasets-cards
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from indexer.dataset.formats.draft import new_file
from indexer.dataset.formats.parquet import DATA
from indexer.dataset.formats.rows import by_split, is_spdx, level_of
from indexer.dataset.records import DataSetAbout, DataSetImage

CARD = "README.md"
_FILES = {
    "captions": ("`captions.jsonl`, `rich.jsonl`", "captions and labels, for trsllava's own commands"),
    "parquet": ("`data/`", 'Parquet with the pictures inside: `datasets.load_dataset("FOLDER")`'),
    "imagefolder": ("`imagefolder/`", 'pictures and `metadata.jsonl` by split: `load_dataset("imagefolder", …)`'),
    "webdataset": ("`webdataset/`", "tar files for streaming: `webdataset.WebDataset`"),
    "croissant": ("`croissant.json`", "GeoCroissant 1.0: `mlcroissant.Dataset`"),
    "trainingdml": ("`trainingdml.json`", "OGC TrainingDML-AI"),
    "stac": ("`stac/`", "a static STAC catalogue: `pystac.Catalog.from_file`"),
    "checksums": ("`SHA256SUMS`", "`sha256sum -c SHA256SUMS` checks every file"),
}
_HUB_LICENSES = {"odbl-1.0": "odbl", "odc-by-1.0": "odc-by", "pddl-1.0": "pddl"}
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
"""The hub's size categories, by the number of pictures that they end at."""


def write_card(
    folder: Path, about: DataSetAbout, images: Sequence[DataSetImage], formats: Collection[str]
) -> list[Path]:
    """`formats`: what else was written."""
    import yaml

    header = yaml.safe_dump(_header(about, images, formats), sort_keys=False, allow_unicode=True)
    path = folder / CARD
    with new_file(path) as draft:
        draft.write_text(f"---\n{header}---\n\n" + "\n".join(_body(about, images, formats)) + "\n", encoding="utf-8")
    return [path]


def _header(about: DataSetAbout, images: Sequence[DataSetImage], formats: Collection[str]) -> dict[str, Any]:
    header: dict[str, Any] = {
        "pretty_name": about.name,
        "language": ["en"],
        "license": _license(about.license),
        "task_categories": ["image-to-text", "image-classification"],
        "tags": ["remote-sensing", "earth-observation", "geospatial", "image-captioning", "text-to-image-retrieval"],
        "size_categories": [next((name for end, name in _SIZES if len(images) < end), "1M<n<10M")],
    }
    if "parquet" in formats:
        files = [{"split": split, "path": f"{DATA}/{split}-*"} for split in by_split(images)]
        header["configs"] = [{"config_name": "default", "data_files": files}]
    return header


def _license(stated: str) -> str:
    """As the hub calls it: SPDX identifiers in small letters, most of them; a sentence is told in the card alone."""
    if is_spdx(stated):
        return _HUB_LICENSES.get(stated.lower(), stated.lower())
    return "other" if stated else "unknown"


def _body(about: DataSetAbout, images: Sequence[DataSetImage], formats: Collection[str]) -> Iterator[str]:
    yield f"# {about.name}\n"
    if about.description:
        yield f"{about.description}\n"
    yield "## Contents\n"
    yield from _contents(about, images)
    yield "\n## Files\n"
    yield "| path | |\n|---|---|\n| `images/` | the pictures |"
    yield from (f"| {path} | {what} |" for name, (path, what) in _FILES.items() if name in formats)
    yield "\n## How it was made\n"
    yield from _making(about)
    yield "\n## Labels\n"
    yield from _labels(about, images)
    yield "\n## Limits\n"
    yield from _limits(images)
    yield "\n## Licence\n"
    yield about.license or "None was stated. Ask whoever gave you this data set, and look at the terms of its scenes."


def _contents(about: DataSetAbout, images: Sequence[DataSetImage]) -> Iterator[str]:
    members = by_split(images)
    yield "| split | pictures | with captions | captions |\n|---|---|---|---|"
    for split, count in about.counts.items():
        texts = [image.text.texts() for image in members.get(split, ()) if image.text is not None]
        yield f"| {split} | {count:,} | {len(texts):,} | {sum(map(len, texts)):,} |"
    west, south, east, north = about.area
    yield f"\nThe area reaches from {west:g}° to {east:g}° in longitude and from {south:g}° to {north:g}° in latitude."
    times = sorted(image.acquired for image in images if image.acquired is not None)
    if times:
        yield f"The scenes were taken between {times[0]:%Y-%m-%d} and {times[-1]:%Y-%m-%d}."


def _making(about: DataSetAbout) -> Iterator[str]:
    yield f"By `trsllava dataset build`, {about.created:%Y-%m-%d}, with the seed {about.seed}.\n"
    yield "- Places were chosen in the area, and pictures of them cut from georeferenced scenes."
    yield (
        f"- Labels come from a map, by the label tree {about.labels_name}. What is from OpenStreetMap is "
        "© OpenStreetMap contributors (ODbL), what is from ESA WorldCover © ESA WorldCover project (CC BY 4.0)."
    )
    asked = f", asked with the prompt {about.prompt}" if about.prompt else ""
    yield f"- Captions were written by {about.captioner or 'nobody yet'}{asked}."
    yield "- The splits are blocks of ground, so that no test picture lies beside one that was trained on."


def _labels(about: DataSetAbout, images: Sequence[DataSetImage]) -> Iterator[str]:
    yield f"{about.labels_name}. A picture can have several.\n"
    yield "| label | pictures |\n|---|---|"
    counts = Counter(label for image in images for label in image.labels)
    for label in sorted(counts, key=lambda one: (-counts[one], one)):
        yield f"| {label} | {counts[label]:,} |"
    seconds = Counter(label for image in images for label in level_of(image, 1))
    yield f"\n{len(counts)} labels of the third level, in {len(seconds)} of the second."


def _limits(images: Sequence[DataSetImage]) -> Iterator[str]:
    bare = sum(not image.labels for image in images)
    silent = sum(image.text is None for image in images)
    yield "- Captions are a model's and can be wrong: only what people reviewed has been looked at."
    yield "- Labels are as complete and as recent as the map; what it does not show is not labelled."
    yield "- Places were chosen on purpose: how often a label comes is not how often it is on the ground."
    if bare:
        yield f"- {bare:,} of {len(images):,} pictures have no label."
    if silent:
        yield f"- {silent:,} of {len(images):,} pictures have no caption."
