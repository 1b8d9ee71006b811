"""Search by a picture, alone and together with a text.

    python examples/search_by_picture.py WORK_FOLDER

Runs offline, without a GPU, in about half a minute.
"""

import sys
from pathlib import Path

import trsllava
from trsllava.sample.archive import draw_archive


def main(work: Path) -> None:
    """Find what looks like a harbor, then harbors with a bridge."""
    images = work / "images"
    if not images.exists():
        draw_archive(images, count=12)

    with trsllava.open(work / "home") as archive:
        archive.index(images)
        picture = next(images.rglob("harbor_*"))

        alike = archive.search(image=picture, k=3)
        print("like", picture.name, [Path(hit.paths[0]).name for hit in alike])

        changed = archive.search("with a bridge", image=picture, weight=0.4, k=3)
        print("with a bridge", [Path(hit.paths[0]).name for hit in changed])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
