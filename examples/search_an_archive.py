"""Draw a small archive, index it with nano's captions, and search it.

    python examples/search_an_archive.py WORK_FOLDER

Runs offline, without a GPU, in about half a minute.
"""

import sys
from pathlib import Path

import trsllava
from trsllava.sample.archive import draw_archive


def main(work: Path) -> None:
    """Index, search, filter."""
    images = work / "images"
    if not images.exists():
        draw_archive(images, count=12)

    with trsllava.open(work / "home") as archive:
        report = archive.index(images)
        print(f"{report.captioned} images captioned, {report.stored} stored")

        for text in ("baseball field", "an airport without planes"):
            hits = archive.search(text, k=3)
            print(f"\n{text}", *hits.notices(), sep="\n")
            for hit in hits:
                print(f"  {hit.score:6.2f}  {Path(hit.paths[0]).name:<28} {hit.why.text}")

        airports = archive.search("planes", labels=["airport"])
        print("\nlabelled airport:", [Path(hit.paths[0]).name for hit in airports])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
