"""Objects of OpenStreetMap in focus, as SkyScript chooses places (Wang et al., arXiv 2312.12856)."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.sampling.area import EVERYWHERE, Area
from indexer.sampling.counts import shared_out
from indexer.sampling.osm_objects import OsmObject, TagWish, read_objects
from indexer.sampling.sample import Row, Sample, SamplePoint, Table, Value
from trsllava.errors import InputError

_LONGEST_ID = 60
"""Characters that are kept of an object's id: files are called by it."""


@dataclass(frozen=True)
class OsmStrategy:
    """Sample the objects that have one of some tags, as many of each value as of the next."""

    objects: Path
    tags: tuple[TagWish, ...]
    area: Area = EVERYWHERE
    name: str = "osm"

    @property
    def asked(self) -> dict[str, Value]:
        """What was asked for."""
        return {"objects": self.objects.name, "tags": ", ".join(map(str, self.tags)), "area": str(self.area)}

    def sample(self, count: int, seed: int) -> Sample:
        """Raises InputError where no object in the area has one of the tags."""
        groups = self._by_tag()
        if not groups:
            wanted = " or ".join(map(str, self.tags))
            raise InputError(f"No object of {self.objects} in the area has the tag {wanted}.")
        names = sorted(groups)
        taken = level_shares([len(groups[name]) for name in names], count)
        rng = np.random.default_rng(seed)
        points: list[SamplePoint] = []
        for name, number in zip(names, taken, strict=True):
            found = groups[name]
            for pick in np.sort(rng.permutation(len(found))[:number]):
                points.append(_point(found[pick], name))
        available = sum(map(len, groups.values()))
        rows: list[Row] = [
            {"tag": name, "objects": len(groups[name]), "points": int(number)}
            for name, number in zip(names, taken, strict=True)
        ]
        notes = () if available >= count else (f"Only {available} objects have the tags; all were taken.",)
        figures = {"objects with the tags": available, "tags": len(names), "points": len(points)}
        return Sample(_with_own_ids(points), figures, (Table("Tags", rows),), notes=notes)

    def _by_tag(self) -> dict[str, list[OsmObject]]:
        """The objects in the area, by the first wish that each meets."""
        groups: dict[str, list[OsmObject]] = defaultdict(list)
        for one in read_objects(self.objects, self.tags):
            if self.area.holds(one.longitude, one.latitude)[0]:
                wish = next(wish for wish in self.tags if wish.met_by(one.tags))
                groups[f"{wish.key}={one.tags[wish.key]}"].append(one)
        return groups


def level_shares(available: list[int], count: int) -> list[int]:
    """As many of each as of the next, as far as there are so many, `count` together or all that there are.

    >>> level_shares([1, 5, 9], 9)
    [1, 4, 4]
    """
    taken = [0] * len(available)
    left = min(count, sum(available))
    while left:
        open_ones = [place for place, most in enumerate(available) if taken[place] < most]
        for place, share in zip(open_ones, shared_out(np.ones(len(open_ones)), left), strict=True):
            more = min(int(share), available[place] - taken[place])
            taken[place] += more
            left -= more
    return taken


def _point(found: OsmObject, tag: str) -> SamplePoint:
    name = re.sub(r"[^\w-]+", "-", found.id).strip("-")[:_LONGEST_ID] or "object"
    tags = {f"tag:{key}": value for key, value in found.tags.items()}
    return SamplePoint(name, found.longitude, found.latitude, {"osm": found.id, "tag": tag, **tags})


def _with_own_ids(points: list[SamplePoint]) -> list[SamplePoint]:
    """Objects with one id, such as those of two extracts, are told apart by a number."""
    given = {point.id for point in points}
    times: Counter[str] = Counter()
    found = []
    for point in points:
        times[point.id] += 1
        own = point.id
        while times[point.id] > 1 and own in given:
            own = f"{point.id}_{times[point.id]}"
            times[point.id] += own in given
        found.append(SamplePoint(own, point.longitude, point.latitude, point.properties))
    return found
