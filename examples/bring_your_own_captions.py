"""Index captions written elsewhere, add a captioner of your own, and export everything as JSON Lines.

    python examples/bring_your_own_captions.py WORK_FOLDER

Runs offline, without a GPU, in a few seconds.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import trsllava
from trsllava.captioners.protocol import CaptionAnswer, CaptionJob
from trsllava.raster.tile_picture import read_tile
from trsllava.records import RichCaption, RichText
from trsllava.sample.archive import draw_archive


class ColourCaptioner:
    """Names the strongest colour of a picture: the smallest captioner that follows the protocol."""

    name = "colours"
    prompt = ""

    def caption(self, jobs: Iterable[CaptionJob]) -> Iterator[CaptionAnswer]:
        """One answer a job, as they become ready."""
        for job in jobs:
            pixels = read_tile(job.tile, job.paths)  # (h, w, 3) uint8 RGB
            colour = ("red", "green", "blue")[pixels.mean(axis=(0, 1)).argmax()]
            text = RichText(variants=(RichCaption(one_sentence=f"A scene that is mostly {colour}."),))
            yield CaptionAnswer(str(job.tile.id), text)


def main(work: Path) -> None:
    """Two collections over the same images, each with its own captions."""
    images = work / "images"
    if not images.exists():
        draw_archive(images, count=12)

    with trsllava.open(work / "home", collection="drawn") as archive:
        archive.index(images, captions=images / "captions.jsonl")
        best = archive.search("water", k=1)[0]
        print(f"water: {Path(best.paths[0]).name}: {best.why.text}")

    with trsllava.open(work / "home", collection="colours") as archive:
        archive.index(images, captioner=ColourCaptioner())
        lines = list(archive.export())
        (work / "colours.jsonl").write_text("\n".join(lines), encoding="utf-8")
        print(f"{len(lines)} captions in {work / 'colours.jsonl'}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
