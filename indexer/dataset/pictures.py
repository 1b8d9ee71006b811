"""Pictures of the chosen places, cut once: what was cut is noted row by row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from indexer.dataset.kept import Journal
from indexer.progress import Progress
from indexer.sampling.cutting import Cut, Cutting, each_cut, scenes_of
from indexer.sampling.sample import SamplePoint
from trsllava.raster.values import Grid
from trsllava.records import Footprint


@dataclass(frozen=True)
class CutPicture:
    """What is remembered of a picture that was cut."""

    id: str
    source: str
    """The scene, relative to the folder of scenes."""
    width: int
    """Pixels."""
    height: int
    """Pixels."""
    footprint: Footprint
    acquired: datetime | None


@dataclass(frozen=True)
class Scenes:
    """The scenes to cut from."""

    folder: Path
    grids: dict[Path, Grid]

    @classmethod
    def of(cls, folder: Path) -> Scenes:
        """Raises InputError where there is none."""
        return cls(folder, scenes_of(folder))

    def name(self, path: Path) -> str:
        """Of a scene, relative to the folder."""
        return path.name if path == self.folder else path.relative_to(self.folder).as_posix()


@dataclass(frozen=True)
class CutPictures:
    """All that were cut, by id, and a sentence for each damaged scene."""

    by_id: dict[str, CutPicture]
    unreadable: tuple[str, ...]


def cut_once(
    points: Sequence[SamplePoint], scenes: Scenes, cutting: Cutting, folder: Path, journal: Journal, progress: Progress
) -> CutPictures:
    """Cut the points' pictures into a folder, but those that the journal has. Raises OSError."""
    for leftover in folder.glob(".*.png"):
        leftover.unlink()
    found = {row["id"]: _picture(row) for row in journal.rows()}
    unreadable: list[str] = []
    left = [point for point in points if point.id not in found]
    for one in each_cut(left, scenes.grids, folder, cutting):
        if isinstance(one, Cut):
            row = _row(one, scenes)
            journal.add(row)
            found[one.point.id] = _picture(row)
            progress("cut", len(found), len(points))
        else:
            unreadable.append(one)
    return CutPictures(dict(sorted(found.items())), tuple(unreadable))


def restore(
    wanted: Iterable[str], points: Sequence[SamplePoint], scenes: Scenes, cutting: Cutting, folder: Path
) -> None:
    """Cut again what was cut and has gone since."""
    gone = {name for name in wanted if not (folder / f"{name}.png").exists()}
    for _ in each_cut([point for point in points if point.id in gone], scenes.grids if gone else {}, folder, cutting):
        pass


def _row(cut: Cut, scenes: Scenes) -> dict[str, Any]:
    return {
        "id": cut.point.id,
        "source": scenes.name(cut.source),
        "width": cut.window.width,
        "height": cut.window.height,
        "footprint": cut.footprint.model_dump(mode="json"),
        "acquired": cut.acquired.isoformat() if cut.acquired else None,
    }


def _picture(row: dict[str, Any]) -> CutPicture:
    acquired = datetime.fromisoformat(row["acquired"]) if row["acquired"] else None
    footprint = Footprint.model_validate(row["footprint"])
    return CutPicture(row["id"], row["source"], row["width"], row["height"], footprint, acquired)
