"""How many drawn scenes nano names rightly: pictures of `trsllava sample`, none of which it was trained on.

    python -m eval.benchmarks.drawn

The kinds of scene that nano knows by another name are looked for under that name; those it has no name for are left
out and listed.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np

from trsllava.captioners.nano.captioner import shipped_captioner
from trsllava.sample.draw import SCENES, draw

NAMES = {
    "harbor": ("port",),
    "marina": ("port",),
    "island": (),
    "stadium": ("stadium",),
    "baseball field": ("baseball field",),
    "solar farm": (),
    "parking lot": ("parking",),
    "roundabout": (),
    "football field": ("playfields", "playground"),
    "lake": ("pond",),
    "industrial area": ("industrial",),
    "circular farmland": ("farmland",),
    "tennis court": ("playfields", "playground"),
    "golf course": (),
    "apartment blocks": ("dense residential", "medium residential"),
}
"""Drawn kinds of scene whose name is not nano's: what nano calls them."""


def main(given: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m eval.benchmarks.drawn", description=__doc__)
    parser.add_argument("--pictures", type=int, default=10, help="of each kind")
    parser.add_argument("--seed", type=int, default=100_000, help="of the first picture")
    arguments = parser.parse_args(given)
    captioner = shipped_captioner()
    right = count = 0
    for kind in SCENES:
        names = NAMES.get(kind, (kind,))
        if not names:
            continue
        seeds = range(arguments.seed, arguments.seed + arguments.pictures)
        _, seen = captioner.impressions([np.asarray(draw(kind, seed).picture) for seed in seeds])
        called = [impression.scenes[0][0] for impression in seen]
        hits = [name in names for name in called]
        right, count = right + sum(hits), count + len(hits)
        others = sorted({name for name in called if name not in names})
        print(f"{kind:20s} {sum(hits):3d} of {len(hits)}" + (f"   else {', '.join(others)}" if others else ""))
    print(f"named rightly: {right} of {count} ({right / count:.0%}); no name for: "
          + ", ".join(kind for kind in SCENES if not NAMES.get(kind, (kind,))))  # fmt: skip


if __name__ == "__main__":
    main()
