"""How well does `archive.changes` find what was added between two times?

    python -m eval.benchmarks.change

Draws places of `trsllava sample` twice, in 2019 and in 2023, as GeoTIFFs on the same ground. The light differs between
the two times everywhere. In a share of the places a smaller scene of another kind is drawn into the later picture (an
addition), in as many into the earlier one (a removal); the others stay as they are, and some of these show an added
kind at both times. Each kind that is added is then asked for (`new tennis court`), and the mean average precision
(mAP) over the kinds is told for

- the captions that are true of the pictures, worded anew for each time;
- the captions that nano writes of the pictures;
- the difference of the two pictures (mean absolute difference of grey values), which knows no query;
- the later captions alone, as a query without `--change` compares them;
- chance: the expected average precision of a random order.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from affine import Affine
from PIL import Image

import trsllava
from trsllava.sample.draw import draw
from trsllava.sample.grammar import describe
from trsllava.sample.scenes import Scene

_ADDED = (
    "tennis court",
    "parking lot",
    "baseball field",
    "solar farm",
    "storage tanks",
    "church",
    "roundabout",
    "lake",
)
_GROUND = ("farmland", "forest", "desert", "beach", "dense residential", "river", "mountain", "sparse residential")
_SIDE, _PATCH = 256, 112
_TIMES = (2019, 2023)


@dataclass(frozen=True)
class _Place:
    """A place at two times."""

    pictures: tuple[Image.Image, Image.Image]
    scenes: tuple[Scene, Scene]
    added: str = ""


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw, index, ask, print."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.benchmarks.change",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--places", type=int, default=40, help="of each added kind")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    places = _draw(given.places * len(_ADDED), given.seed)
    relevant = {kind: np.array([place.added == kind for place in places]) for kind in _ADDED}
    print(
        f"{len(places)} places, {sum(bool(place.added) for place in places)} with an addition, of {len(_ADDED)} kinds"
    )
    difference = np.array([_difference(*place.pictures) for place in places])
    print(f"difference of the pictures: mAP {_map(dict.fromkeys(_ADDED, difference), relevant):.3f}")
    rng = np.random.default_rng(given.seed)
    chance = np.mean([_map({kind: rng.random(len(places)) for kind in _ADDED}, relevant) for _ in range(1_000)])
    print(f"chance: mAP {chance:.3f}")

    with tempfile.TemporaryDirectory() as name:
        images = Path(name, "images")
        _save(places, images, given.seed)
        for title, captions in (("true captions", images / "captions.jsonl"), ("nano's captions", None)):
            with trsllava.open(Path(name, "home"), title.split()[0].strip("'s"), image_encoder="none") as archive:
                archive.index(images, captions=captions, captioner=None if captions else "nano")
                changed = {kind: _changed(archive, kind, len(places)) for kind in _ADDED}
                later = {kind: _later(archive, kind, len(places)) for kind in _ADDED}
            print(
                f"{title}: mAP {_map(changed, relevant):.3f}; the later captions alone {_map(later, relevant):.3f}",
                flush=True,
            )


def _draw(count: int, seed: int) -> list[_Place]:
    """A fifth of the places gain a scene, a fifth lose one, a fifth show at both times what is added elsewhere."""
    rng = np.random.default_rng(seed)
    places = []
    for number in range(count):
        kind = _ADDED[number // 5 % len(_ADDED)]
        group = number % 5
        ground = kind if group == 2 else _GROUND[int(rng.integers(len(_GROUND)))]
        drawing, other = draw(ground, seed + number, size=_SIDE), draw(kind, seed + count + number, size=_PATCH)
        plain, with_other = drawing.picture, drawing.picture.copy()
        col, row = rng.integers(0, _SIDE - _PATCH, 2).tolist()
        with_other.paste(other.picture, (col, row))
        scene = replace(drawing.scene, north_up=True)
        richer = replace(scene, parts=(*scene.parts, replace(other.scene.subject, relation="", zone=None)))
        before, after = ((plain, scene), (plain, scene))
        if group == 0:
            after = (with_other, richer)
        elif group == 1:
            before = (with_other, richer)
        pictures = (_lit(before[0], rng), _lit(after[0], rng))
        places.append(_Place(pictures, (before[1], after[1]), kind if group == 0 else ""))
    return places


def _lit(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The picture in another light, with a little noise: no two times look alike."""
    pixels = np.asarray(picture, np.float64)
    pixels = pixels * rng.uniform(0.75, 1.2, 3) + rng.uniform(-15, 15) + rng.normal(0, 4, pixels.shape)
    return Image.fromarray(np.clip(pixels, 1, 255).astype(np.uint8))


def _save(places: Sequence[_Place], folder: Path, seed: int) -> None:
    import rasterio

    folder.mkdir()
    lines = []
    for number, place in enumerate(places):
        for side, year in enumerate(_TIMES):
            name = f"{number:05}_{year}-06-01.tif"
            transform = Affine(1e-5, 0, number % 100 * 0.01, 0, -1e-5, 50 + number // 100 * 0.01)
            with rasterio.open(
                folder / name, "w", driver="GTiff", width=_SIDE, height=_SIDE, count=3, dtype="uint8",
                crs="EPSG:4326", transform=transform,
            ) as dataset:  # fmt: skip
                dataset.write(np.moveaxis(np.asarray(place.pictures[side]), -1, 0))
            text = describe(place.scenes[side], seed + 2 * number + side)
            lines.append(json.dumps({"image": name, **text.model_dump(mode="json", include={"variants", "labels"})}))
    (folder / "captions.jsonl").write_text("\n".join(lines), encoding="utf-8")


def _changed(archive: trsllava.Archive, kind: str, count: int) -> np.ndarray:
    """What each place scores for `new KIND`, by its number."""
    scores = np.full(count, -np.inf)
    for change in archive.changes(f"new {kind}", f"{_TIMES[0]}..{_TIMES[1]}", k=count):
        scores[_number(change.after.paths[0])] = change.score
    return scores


def _later(archive: trsllava.Archive, kind: str, count: int) -> np.ndarray:
    """What the later tiles score for the kind, in a query of the usual sort."""
    scores = np.full(count, -np.inf)
    for hit in archive.search(kind, time=str(_TIMES[1]), k=count, exact_words=True):
        scores[_number(hit.paths[0])] = hit.score
    return scores


def _number(path: str) -> int:
    return int(Path(path).name.partition("_")[0])


def _difference(before: Image.Image, after: Image.Image) -> float:
    grey = [np.asarray(picture.convert("L"), np.float32) for picture in (before, after)]
    return float(np.abs(grey[0] - grey[1]).mean())


def _map(scores: dict[str, np.ndarray], relevant: dict[str, np.ndarray]) -> float:
    return float(np.mean([_average_precision(scores[kind], relevant[kind]) for kind in relevant]))


def _average_precision(scores: np.ndarray, relevant: np.ndarray) -> float:
    ranked = relevant[np.argsort(-scores, kind="stable")]
    hits = np.cumsum(ranked)
    return float((hits[ranked] / (np.flatnonzero(ranked) + 1)).mean())


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
