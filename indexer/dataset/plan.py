"""What a data set is to be: all that decides what is in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from indexer.dataset.labelling import MapSources
from indexer.sampling.area import EVERYWHERE, Area
from indexer.sampling.cutting import Cutting
from indexer.sampling.sample import Strategy, Value
from trsllava.labels.file import dump_tree


@dataclass(frozen=True)
class Splitting:
    """Blocks of the Earth, and the ground between pictures of two splits."""

    block_km: float = 20.0
    gap_km: float = 1.0


_USUAL_CUTTING, _USUAL_SPLITTING = Cutting(metres=1280.0), Splitting()


@dataclass(frozen=True)
class DataSetPlan:
    """Where to look, what to cut, label and write."""

    name: str
    strategy: Strategy
    """How places are chosen."""
    scenes: Path
    """Folder of GeoTIFFs that pictures are cut from, or one file."""
    sources: MapSources
    """What labels are taken from."""
    count: int = 1000
    """Places to choose."""
    seed: int = 0
    area: Area = EVERYWHERE
    cutting: Cutting = _USUAL_CUTTING
    splitting: Splitting = _USUAL_SPLITTING
    formats: tuple[str, ...] = ()
    """Names of the formats to write; none: all."""
    description: str = ""
    license: str = ""

    def asked(self) -> dict[str, Value]:
        """What was asked for, by name: for the page, and to tell whether a folder was begun with something else."""
        sources, tree = self.sources, self.sources.tree
        told: Mapping[str, Value] = {
            "name": self.name,
            "strategy": self.strategy.name,
            **self.strategy.asked,
            "area": str(self.area),
            "places wanted": self.count,
            "seed": self.seed,
            "scenes": self.scenes.name,
            "metres of a picture": self.cutting.metres,
            "bands and stretch": f"{self.cutting.recipe.bands}, {self.cutting.recipe.stretch}",
            "labels": f"{tree.name} {tree.version}".strip(),
            "objects": sources.objects.name if sources.objects else "none",
            "land cover": sources.land_cover.name if sources.land_cover else "none",
            "scope": ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in asdict(sources.scope).items()),
            "km of a block": self.splitting.block_km,
            "km between splits": self.splitting.gap_km,
        }
        return dict(told)

    def digest(self) -> str:
        """Changes when anything does that decides which pictures there are and what they are labelled."""
        tree = hashlib.sha256(dump_tree(self.sources.tree).encode()).hexdigest()
        return hashlib.sha256(json.dumps([self.asked(), tree], sort_keys=True).encode()).hexdigest()
