"""Composed queries out of a captioned data set: a picture of a scene, and a thing that its captions never name.

    python -m eval.benchmarks.composed_set --captions captions.jsonl --split val -o composed-val.jsonl
    python -m eval.benchmarks.composed_set --captions captions.jsonl --split val --images images --sheets sheets
    python -m eval.benchmarks.composed_set --captions captions.jsonl --split val --ask without -o without-val.jsonl
    python -m eval.benchmarks.composed_set --drawn drawn/captions.jsonl -o composed-drawn.jsonl

A query's picture has no caption that names the thing, its text is "with the thing", and its answers are the pictures
of the same scene where at least two captions name it. Groups are `scene/thing`; a scene's own thing (planes of
airports) is no group. People do not name all that is to be seen: `--sheets` lays out a hundred of the query pictures,
for somebody to count those that show the thing all the same. `--ask without` turns the question round: pictures with
the thing ask "without the thing" for those of the scene that never name it. `--drawn` takes the captions that
`trsllava sample` writes: they name all that is drawn.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from PIL import Image, ImageDraw

from eval.datasets.captions import CaptionedImage, read_captions
from eval.datasets.composed import ComposedQuery
from eval.pictures import load_picture
from trsllava.captioners.imported import read_rich_texts
from trsllava.lexicon import keywords

Asked = Literal["with", "without"]
THINGS = {
    "boat": "boats",
    "ship": "ships",
    "plane": "planes",
    "train": "trains",
    "bridge": "a bridge",
    "river": "a river",
    "pond": "a pond",
    "island": "an island",
    "railway": "a railway",
    "playground": "a playground",
    "swimming pool": "a swimming pool",
    "tennis court": "a tennis court",
    "basketball court": "a basketball court",
    "baseball field": "a baseball field",
}
"""Things of `trsllava.lexicon`, by name, and how a query says them: those that people mostly name when they see them.
Trees, buildings, roads, cars and parking lots are not among them: most query pictures of validation showed them,
unnamed."""
DRAWN_THINGS = THINGS | {"building": "a building", "house": "houses", "lawn": "grass", "road": "a road"}
"""Captions of drawn scenes never leave these out."""
OWN = {("airport", "plane"), ("port", "boat"), ("port", "ship"), ("railway station", "railway"),
       ("viaduct", "bridge"), ("playfields", "playground")}  # fmt: skip
"""What a scene hardly goes without, beside the thing of the same name."""
_NAMED = 2
"""Captions that must name a thing."""
_LEAST = 3
"""Positives, and queries, that a group must have."""
_SHEET, _SIDE = 25, 224


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the queries, or the sheets."""
    parser = argparse.ArgumentParser(prog="python -m eval.benchmarks.composed_set", description=__doc__)
    captions = parser.add_mutually_exclusive_group(required=True)
    captions.add_argument("--captions", type=Path, help="human captions with scenes, JSON lines")
    captions.add_argument("--drawn", type=Path, help="captions of drawn scenes")
    parser.add_argument("--split", default="val")
    parser.add_argument("-o", "--output", type=Path, help="file of composed queries to write")
    parser.add_argument(
        "--ask", choices=get_args(Asked), default="with", help="for pictures with the thing, or without"
    )
    parser.add_argument("--per-group", type=int, default=30, help="the most queries of a group")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--images", type=Path, help="folder of the images, for --sheets")
    parser.add_argument("--sheets", type=Path, help="folder for contact sheets of query pictures")
    parser.add_argument("--looked-at", type=int, default=100, help="query pictures on the sheets")
    given = parser.parse_args(arguments)

    images, things = (
        (read_captions(given.captions, given.split), THINGS)
        if given.captions
        else (read_drawn(given.drawn), DRAWN_THINGS)
    )
    queries = composed_queries(images, given.per_group, given.seed, given.ask, things)
    groups = Counter(query.group for query in queries)
    positives = sum(len(query.positives) for query in queries)
    print(f"{len(queries)} queries, {len({query.image for query in queries})} pictures, {len(groups)} groups, "
          f"{positives / max(1, len(queries)):.1f} positives a query")  # fmt: skip
    if given.output:
        lines = (json.dumps(vars(query)) + "\n" for query in queries)
        given.output.write_text("".join(lines), encoding="utf-8")
    if given.sheets:
        draw_sheets(queries, given.images, given.sheets, given.looked_at, given.seed)


def read_drawn(captions: Path) -> list[CaptionedImage]:
    """Drawn scenes with all five texts of each; its kind stands in its name (`city/airport_01.png`)."""
    return [
        CaptionedImage(
            image=image,
            scene=re.sub(r"_\d+$", "", Path(image).stem).replace("_", " "),
            captions=tuple(variant.text() for variant in text.variants),
        )
        for image, text in read_rich_texts(captions).items()
    ]


def composed_queries(
    images: Sequence[CaptionedImage],
    per_group: int,
    seed: int = 0,
    ask: Asked = "with",
    things: Mapping[str, str] = THINGS,
) -> list[ComposedQuery]:
    """The queries of a split, group by group, in a fixed order; of a group with more than `per_group`, a draw."""
    rng = np.random.default_rng(seed)
    found: list[ComposedQuery] = []
    for scene, members in sorted(_by_scene(images).items()):
        counts = [(image.image, _named(image)) for image in sorted(members, key=lambda image: image.image)]
        for thing, words in things.items():
            bare = tuple(name for name, count in counts if not count[thing])
            filled = tuple(name for name, count in counts if count[thing] >= _NAMED)
            if _is_own(scene, thing) or min(len(bare), len(filled)) < _LEAST:
                continue
            asking, positives = (bare, filled) if ask == "with" else (filled, bare)
            drawn = sorted(rng.permutation(len(asking))[:per_group].tolist())
            group = f"{scene}/{thing}"
            found += [ComposedQuery(asking[place], f"{ask} {words}", positives, group) for place in drawn]
    return found


def _by_scene(images: Iterable[CaptionedImage]) -> dict[str, list[CaptionedImage]]:
    scenes: dict[str, list[CaptionedImage]] = defaultdict(list)
    for image in images:
        scenes[image.scene].append(image)
    return scenes


def _named(image: CaptionedImage) -> Counter[str]:
    """How many captions name each thing."""
    return Counter(keyword.name for caption in image.captions for keyword in keywords(caption))


def _is_own(scene: str, thing: str) -> bool:
    return (scene, thing) in OWN or thing in scene


def draw_sheets(queries: Sequence[ComposedQuery], images: Path, folder: Path, number: int, seed: int) -> None:
    """Contact sheets of so many query pictures, drawn by seed, with number, scene and thing under each."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = np.random.default_rng(seed).permutation(len(queries))[:number].tolist()
    for sheet, places in enumerate(_parts(drawn, _SHEET)):
        canvas = Image.new("RGB", (5 * _SIDE, 5 * (_SIDE + 16)), "white")
        draw = ImageDraw.Draw(canvas)
        for cell, place in enumerate(places):
            query = queries[place]
            corner = (cell % 5 * _SIDE, cell // 5 * (_SIDE + 16))
            canvas.paste(Image.fromarray(load_picture(images / query.image)).resize((_SIDE, _SIDE)), corner)
            draw.text((corner[0] + 2, corner[1] + _SIDE + 2), f"{_SHEET * sheet + cell}: {query.group}", fill="black")
        canvas.save(folder / f"sheet-{sheet}.png")


def _parts(places: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(places), size):
        yield places[start : start + size]


if __name__ == "__main__":
    main()
