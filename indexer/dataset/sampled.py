"""The places of a data set, chosen once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from indexer.dataset.kept import read_json, write_json, write_whole
from indexer.dataset.plan import DataSetPlan
from indexer.progress import Progress
from indexer.sampling.map_picture import map_picture
from indexer.sampling.page import legend_of
from indexer.sampling.sample import Sample, SamplePoint, Table, Value

SAMPLE = "sample.json"


@dataclass(frozen=True)
class Sampled:
    """A sample as it is kept: without its layer, which is drawn on the map."""

    points: Sequence[SamplePoint]
    figures: Mapping[str, Value]
    tables: Sequence[Table]
    notes: Sequence[str]
    legend: Sequence[tuple[tuple[int, int, int], str]]
    """Colours of the map and what they mean."""

    @cached_property
    def by_id(self) -> Mapping[str, SamplePoint]:
        """The points by their ids."""
        return {point.id: point for point in self.points}


def sampled_once(state: Path, plan: DataSetPlan, progress: Progress) -> Sampled:
    """Choose the places and draw the map (`map.png`), or read what was chosen. Raises InputError, ImageError."""
    kept = state / SAMPLE
    known = read_json(kept)
    if known is None:
        progress("sample", 0, plan.count)
        sample = plan.strategy.sample(plan.count, plan.seed)
        write_whole(state / "map.png", map_picture(sample))
        known = _kept(sample)
        write_json(kept, known)
        progress("sample", len(sample.points), plan.count)
    return Sampled(
        [SamplePoint(**point) for point in known["points"]],
        known["figures"],
        [Table(**table) for table in known["tables"]],
        known["notes"],
        [((red, green, blue), name) for (red, green, blue), name in known["legend"]],
    )


def _kept(sample: Sample) -> dict[str, Any]:
    return {
        "points": [asdict(point) for point in sample.points],
        "figures": dict(sample.figures),
        "tables": [asdict(table) for table in sample.tables],
        "notes": list(sample.notes),
        "legend": [[list(colour), name] for colour, name in legend_of(sample)],
    }
