"""Reads files as the indexer does, and says of each one line what became of it.

usage: python reader.py FOLDER

For each file: `read` with the number of its tiles, or `refused` with the reason. Runs in a process of its own, whose
memory and time its caller bounds: a crash or a hang ends this process and not the tests.
"""

from __future__ import annotations

import json
import re
import resource
import signal
import sys
from pathlib import Path

from trsllava.errors import ImageError
from trsllava.raster.scene import inspect, read_rgb

SECONDS_A_FILE = 20


def main() -> None:
    """Go through the folder in order."""
    for path in sorted(Path(sys.argv[1]).iterdir()):
        print(path.name, end="\t", flush=True)  # a crash leaves the name of the file that did it
        signal.alarm(SECONDS_A_FILE)
        print(json.dumps(verdict(path)), flush=True)
        signal.alarm(0)
    print("peak", peak_kilobytes(), sep="\t")


def peak_kilobytes() -> int:
    """Most memory that this process ever held. Linux's rusage begins with what the parent held, its status not."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1])  # type: ignore[index]
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def verdict(path: Path) -> list[str | int]:
    """Every tile that the file gives must be readable, or the file be refused; anything else is a traceback."""
    try:
        scene = inspect(path)
        for tile in scene.tiles[:4]:
            pixels = read_rgb(path, tile.window, scene.rendering)
            assert pixels.shape == (tile.window.height, tile.window.width, 3)
    except ImageError as error:
        return ["refused", str(error)]
    return ["read", len(scene.tiles)]


if __name__ == "__main__":
    main()
