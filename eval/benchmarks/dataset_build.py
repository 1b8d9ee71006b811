"""A data set built over a planted world: is what was planted found, is the set balanced, does a kill change anything?

    python -m eval.benchmarks.dataset_build

Draws the world (`eval.benchmarks.planted_world`) in a temporary folder, builds a data set of it by `trsllava dataset
build` with nano's captions, then builds it again and kills that run five times (`kill -9`), each time after a sixth
of the first run's time, before it may end. Prints how much of what was planted was found, how balanced the places are
over classes of land cover against uniform ones, the ground between the splits, and the seconds. Exits with 1 where the
second set differs from the first in any byte, or the splits come nearer than stated.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from eval.benchmarks.planted_world import STEP, PlantedWorld, land_cover, planted, world_in, write_world
from indexer.sampling.balance import evenness

_KILLS = 5
_CITY = "High-High"
_GAP_KM = 0.5


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m eval.benchmarks.dataset_build", description=__doc__)
    parser.add_argument("--count", type=int, default=150, help="places to choose")
    given = parser.parse_args(arguments)

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_world(folder / "world")
        world = world_in(folder / "world")
        begun = time.perf_counter()
        said = _run(_command(world, folder / "whole", given.count))
        seconds = time.perf_counter() - begun
        print(said, end="")
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(f"\nthe whole run: {seconds:.0f} s, of the processor {used.ru_utime + used.ru_stime:.0f} s")
        numbers = json.loads((folder / "whole" / "dataset.json").read_text(encoding="utf-8"))
        _print_found(folder / "whole", numbers)
        kills = _killed(_command(world, folder / "killed", given.count), seconds)
        same = _digests(folder / "whole") == _digests(folder / "killed")
        print(f"killed {kills} times and resumed: {'the same' if same else 'NOT THE SAME'}, byte for byte, "
              f"{len(_digests(folder / 'whole'))} files")  # fmt: skip
        nearest = [km for name, km in numbers["figures"].items() if name.startswith("km from")]
        if not same or min(nearest) < _GAP_KM:
            sys.exit(1)


def _command(world: PlantedWorld, folder: Path, count: int) -> list[str]:
    options = {
        "name": "planted", "area": "10,49.52,10.48,50", "values": world.values, "land-cover": world.land_cover,
        "objects": world.objects, "images": world.scenes, "tile-metres": 640, "count": count, "block-km": 3,
        "gap-km": _GAP_KM, "output": folder,
    }  # fmt: skip
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    return [sys.executable, "-m", "trsllava", "dataset", "build", *words]


def _run(command: Sequence[str]) -> str:
    return subprocess.run(command, env=_environment(), stdout=subprocess.PIPE, text=True, check=True).stdout


def _environment() -> dict[str, str]:
    """One time stands for now in all runs."""
    return {**os.environ, "SOURCE_DATE_EPOCH": str(int(time.time()) // 86_400 * 86_400)}


def _killed(command: Sequence[str], seconds: float) -> int:
    """Kill a build again and again, then let it end; returns how often it was killed before it had ended."""
    kills = 0
    for _ in range(_KILLS):
        process = subprocess.Popen(command, env=_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=seconds / (_KILLS + 1))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
    _run(command)
    return kills


def _print_found(folder: Path, numbers: dict[str, Any]) -> None:
    points = json.loads((folder / ".build" / "sample.json").read_text(encoding="utf-8"))["points"]
    cities = planted()
    hot = [point for point in points if point["properties"]["cluster"] == _CITY]
    inside = [cities[int((50 - point["latitude"]) / STEP), int((point["longitude"] - 10) / STEP)] for point in hot]
    cover = land_cover()
    classes = Counter(int(point["properties"]["class"]) for point in points)
    area = [int((cover == code).sum()) for code in sorted(classes)]
    print(f"planted city cells: {cities.sum()}, hot-spot cells found: {numbers['sampling']['hot-spot cells']}")
    print(f"places in hot clusters: {len(hot)}, of them in a planted city: {np.mean(inside):.1%}")
    print("places by class: " + ", ".join(f"{code}: {classes[code]}" for code in sorted(classes)))
    print(
        "pixels by class: "
        + ", ".join(f"{code}: {n / sum(area):.1%}" for code, n in zip(sorted(classes), area, strict=True))
    )
    print(f"balance over classes: {numbers['sampling']['balance over classes']:.3f}; of uniform places in the region: "
          f"{numbers['sampling']['balance of uniform points in the region']:.3f}; "
          f"of uniform places in the area: {evenness(np.array(area)):.3f}")  # fmt: skip


def _digests(folder: Path) -> dict[str, str]:
    """Of the files of the data set itself."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] != ".build"
    }


if __name__ == "__main__":
    main()
