"""The folder that `trsllava dataset sample` writes."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from indexer.sampling.blocks import Split, split_by_blocks
from indexer.sampling.cutting import Cutting, Pictures, cut_pictures, scenes_of
from indexer.sampling.geojson import points_geojson, tiles_geojson
from indexer.sampling.map_picture import map_picture
from indexer.sampling.page import sample_page, written
from indexer.sampling.sample import Sample, Strategy, Value
from indexer.sampling.tiles import square_around
from trsllava.errors import InputError
from trsllava.raster.scene import check_recipe
from trsllava.raster.values import Grid
from trsllava.records import Recipe
from trsllava.stac.samples import SampledTile, write_sample_stac
from trsllava.validation import reason_of


@dataclass(frozen=True)
class PictureWishes:
    """What is cut around each point."""

    metres: float
    images: Path | None = None
    bands: str | None = None
    stretch: str | None = None

    def cutting(self) -> Cutting:
        """Raises InputError for bands or a stretch that cannot be."""
        wishes = {"bands": self.bands, "stretch": self.stretch}
        recipe = Recipe(**{name: wish for name, wish in wishes.items() if wish is not None})
        check_recipe(recipe)
        return Cutting(self.metres, recipe)


@dataclass(frozen=True)
class Splitting:
    """Blocks and the distance between splits, in kilometres."""

    block: float
    gap: float


def write_sample(
    folder: Path, strategy: Strategy, count: int, seed: int, pictures: PictureWishes, splitting: Splitting | None
) -> Iterator[str]:
    """Choose points and write all that is made of them; lines that tell of it. The folder appears whole or not at all.

    Raises InputError where the folder cannot be written or holds something, ImageError.
    """
    cutting = pictures.cutting()
    scenes = None if pictures.images is None else scenes_of(pictures.images)
    draft = _draft_of(folder)
    try:
        sample = strategy.sample(count, seed)
        split = _split(sample, splitting, seed, pictures.metres)
        cuts = None if scenes is None else _cut(sample, scenes, cutting, draft)
        told: dict[str, Value] = {"strategy": strategy.name, "points wanted": count, "seed": seed}
        told |= {**strategy.asked, "metres of a tile": pictures.metres}
        if splitting is not None:
            told |= {"km of a block": splitting.block, "km between splits": splitting.gap}
        lines = list(_lines(sample, split, cuts))
        _write(draft, strategy.name, sample, split, cuts, pictures.metres, told)
        draft.chmod(0o755)
        os.replace(draft, folder)
    except OSError as error:
        raise InputError(f"{error.filename or folder} cannot be read or written: {reason_of(error)}.") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    yield from lines
    yield f"Written to {folder}: open {folder / 'index.html'} for the map and the numbers."


def _draft_of(folder: Path) -> Path:
    try:
        if folder.is_symlink() or (folder.exists() and any(folder.iterdir())):
            raise InputError(f"{folder} is there already. Name a new folder for the sample.")
        return Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror}.") from error


def _split(sample: Sample, splitting: Splitting | None, seed: int, metres: float) -> Split | None:
    """The stated distance lies between the tiles: their centres are farther apart by a tile's diagonal."""
    if splitting is None:
        return None
    return split_by_blocks(
        [point.longitude for point in sample.points],
        [point.latitude for point in sample.points],
        block_km=splitting.block,
        gap_km=splitting.gap + metres * 2**0.5 / 1000,
        seed=seed,
    )


def _cut(sample: Sample, scenes: dict[Path, Grid], cutting: Cutting, draft: Path) -> Pictures:
    target = draft / "pictures"
    target.mkdir()
    return cut_pictures(sample.points, scenes, target, cutting)


def _write(
    draft: Path,
    name: str,
    sample: Sample,
    split: Split | None,
    cuts: Pictures | None,
    metres: float,
    told: Mapping[str, Value],
) -> None:
    names = split.names if split else [""] * len(sample.points)
    splits = {point.id: of for point, of in zip(sample.points, names, strict=True) if of}
    tiles = []
    for point in sample.points:
        cut = cuts.cuts.get(point.id) if cuts else None
        footprint = cut.footprint if cut else square_around(point, metres)
        tiles.append(
            SampledTile(
                point,
                footprint,
                splits.get(point.id, ""),
                cut.picture if cut else None,
                cut.acquired if cut else None,
            )
        )
    _write_lines(draft / "points.geojson", points_geojson(sample.points, splits))
    _write_lines(draft / "tiles.geojson", tiles_geojson(((tile.point, tile.footprint) for tile in tiles), splits))
    write_sample_stac(draft / "stac", f"sample-{name}", f"{len(tiles):,} places chosen by {name}.", tiles)
    picture = map_picture(sample)
    (draft / "map.png").write_bytes(picture)
    numbers = {
        "asked": dict(told),
        "figures": dict(sample.figures),
        "tables": {table.title: [dict(row) for row in table.rows] for table in sample.tables},
        "notes": list(sample.notes),
        "splits": None if split is None else _split_numbers(split),
    }
    (draft / "sampling.json").write_text(json.dumps(numbers, ensure_ascii=False, indent=1), encoding="utf-8")
    figures = {**sample.figures, **({} if split is None else _split_figures(split))}
    page = sample_page(f"Sample by {name}", _with_figures(sample, figures), picture, told)
    (draft / "index.html").write_text(page, encoding="utf-8")


def _with_figures(sample: Sample, figures: Mapping[str, Value]) -> Sample:
    return Sample(sample.points, figures, sample.tables, sample.layer, sample.notes)


def _split_numbers(split: Split) -> dict[str, object]:
    return {
        "points": _points_by_split(split),
        "left out": split.left_out,
        "nearest km": {f"{one}-{other}": distance for (one, other), distance in split.nearest_km.items()},
    }


def _points_by_split(split: Split) -> dict[str, int]:
    return dict(sorted(Counter(name for name in split.names if name).items()))


def _split_figures(split: Split) -> dict[str, Value]:
    figures: dict[str, Value] = {f"points in {name}": count for name, count in _points_by_split(split).items()}
    figures["points left out between splits"] = split.left_out
    for (one, other), distance in split.nearest_km.items():
        figures[f"km from {one} to {other}"] = distance
    return figures


def _lines(sample: Sample, split: Split | None, pictures: Pictures | None) -> Iterator[str]:
    yield from sample.notes
    for name, value in {**sample.figures, **({} if split is None else _split_figures(split))}.items():
        yield f"{name}: {written(value)}"
    if pictures is not None:
        yield from pictures.unreadable
        yield f"pictures cut: {len(pictures.cuts)} of {len(sample.points)} places lie within an image"


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(lines)
