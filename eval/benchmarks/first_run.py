"""The first run on a laptop: `trsllava index` of a captioned split's pictures without flags, without a network.

    python -m eval.benchmarks.first_run --images images --captions captions.jsonl

Copies the split's pictures (RSICD's test split: 1,093) to a temporary folder, runs `trsllava index` on it as a process
of its own with an empty home, and prints pictures a second from start to end, peak memory with workers, time by stage
(stages overlap) and texts encoded a picture. Linux only.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import trsllava
from eval.benchmarks.watching import watch_index
from eval.datasets.captions import read_captions


def main(given: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m eval.benchmarks.first_run", description=__doc__)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--captions", type=Path, required=True)
    parser.add_argument("--split", default="test")
    parser.add_argument("--pictures", type=int, help="only the first so many")
    arguments = parser.parse_args(given)
    names = [image.image for image in read_captions(arguments.captions, arguments.split)][: arguments.pictures]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "images"
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(arguments.images / name, folder / name)
        offline = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_WAIT_POLICY": "PASSIVE"}
        run = watch_index([str(folder)], Path(temporary) / "home", offline)
        with trsllava.open(Path(temporary) / "home") as archive:
            texts = [record.text.texts() for record in archive.ledger.scan("stored") if record.text is not None]
        words = sum(len(text.split()) for of_picture in texts for text in of_picture)
        print(run.said.rstrip())
        print(f"{len(texts)} of {len(names)} pictures stored in {run.seconds:.1f} s: {len(texts) / run.seconds:.1f} a "
              f"second on {len(os.sched_getaffinity(0))} cores; peak memory {run.peak / 1e6:.0f} MB; "
              f"{sum(map(len, texts)) / len(texts):.2f} texts of {words / sum(map(len, texts)):.0f} words encoded a "
              "picture")  # fmt: skip
        if len(texts) < len(names):
            raise SystemExit(1)


if __name__ == "__main__":
    main()
