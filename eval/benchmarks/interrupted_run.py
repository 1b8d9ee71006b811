"""Does a long captioning run survive being killed, again and again, against a real server?

    python -m eval.benchmarks.interrupted_run --images rsicd/images --captions rsicd/captions.jsonl --split test \\
        --base-url http://localhost:8000/v1

Indexes the images of one split with `trsllava index --captioner vllm`, kills that process (SIGKILL) five times after
about equal shares of the answers, and runs it to the end. What a text says is not checked: the served model may have
random weights. Then it looks at every tile: stored or quarantined, each
stored text valid under the question's schema, no text that an earlier run had kept changed. Prints the time of every
run and of its stages.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import prompts
import trsllava
from eval.benchmarks.captioning import WORDING
from eval.datasets.captions import read_captions
from trsllava.captioners.answer import Bounds
from trsllava.captioners.rsrt import RsrtQuestion
from trsllava.records import RichText, TileRecord

_POLL_SECONDS = 0.2


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, kill, run, check, print."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.benchmarks.interrupted_run",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--images", type=Path, required=True, help="folder that the caption file's paths start from")
    parser.add_argument("--captions", type=Path, required=True, help="human captions, JSON lines: which images")
    parser.add_argument("--split", default="test")
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--kills", type=int, default=5)
    given = parser.parse_args(arguments)
    names = [row.image for row in read_captions(given.captions, given.split)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _link(names, given.images, folder / "images")
        kept: dict[str, TileRecord] = {}
        for kill in range(given.kills):
            share = len(names) * (kill + 1) // (given.kills + 1)
            kept = _run(folder, given.base_url, kept, stop_at=share)
        kept = _run(folder, given.base_url, kept, stop_at=None)
        _judge(folder, len(names))


def _link(names: Sequence[str], source: Path, target: Path) -> None:
    for name in names:
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to((source / name).absolute())


def _run(folder: Path, url: str, before: dict[str, TileRecord], stop_at: int | None) -> dict[str, TileRecord]:
    """One run, killed once so many tiles are settled; returns the settled tiles, after a look at the earlier ones."""
    index = ["index", str(folder / "images"), "--home", str(folder / "home")]
    command = [sys.executable, "-m", "trsllava", *index, "--captioner", "vllm", "--base-url", url]
    command += [word for check in WORDING for word in ("--skip-check", check)]
    begun = time.perf_counter()
    first = None
    with (folder / "printed.txt").open("w") as printed:
        run = subprocess.Popen(command, stdout=printed)
        while run.poll() is None:
            settled = _count(folder)
            if first is None and settled > len(before):
                first = time.perf_counter() - begun
            if stop_at is not None and settled >= stop_at:
                run.kill()
            time.sleep(_POLL_SECONDS)
    seconds = time.perf_counter() - begun
    after = _settled(folder)
    changed = [tile for tile, record in before.items() if after.get(tile, record).text != record.text]
    missing = before.keys() - after.keys()
    how = "killed" if stop_at is not None else f"ended with {run.returncode}"
    start = "none" if first is None else f"{first:.1f} s"
    print(
        f"{how} after {seconds:.1f} s (first answer after {start}): {len(after) - len(before)} more tiles settled, "
        f"{len(changed)} earlier ones changed, {len(missing)} lost",
        flush=True,
    )
    print((folder / "printed.txt").read_text(), end="", flush=True)
    return after


def _count(folder: Path) -> int:
    with trsllava.open(folder / "home") as archive:
        if not archive.exists():
            return 0
        counts = archive.ledger.counts()
        return counts["captioned"] + counts["stored"] + counts["quarantined"]


def _settled(folder: Path) -> dict[str, TileRecord]:
    with trsllava.open(folder / "home") as archive:
        if not archive.exists():
            return {}
        return {str(record.tile.id): record for record in archive.ledger.scan() if record.state != "pending"}


def _judge(folder: Path, images: int) -> None:
    question = RsrtQuestion(prompts.load("rsrt"), 5, Bounds())
    with trsllava.open(folder / "home") as archive:
        records = list(archive.ledger.scan())
        paths = sum(len(record.paths) for record in records)
        states = Counter(record.state for record in records)
        invalid = [record for record in records if record.text is not None and not _valid(question, record.text)]
        print(f"{images} images, {paths} files in the ledger, {len(records)} distinct tiles: {dict(states)}")
        print(f"{len(invalid)} stored texts against the schema; {archive.store.count()} tiles in the store")
        for reason, count in Counter(record.error for record in records if record.error).most_common(5):
            print(f"quarantined, {count}: {reason[:150]}")
        service = archive.ledger.server_usage()
        print(f"all runs: {service.usage.requests:,} answers, p50 {service.p50:.2f} s, p95 {service.p95:.2f} s")


def _valid(question: RsrtQuestion, text: RichText) -> bool:
    """True where the kept text is an answer that the question's schema allows."""
    answer = {"variants": [variant.model_dump(mode="json") for variant in text.variants], "labels": list(text.labels)}
    try:
        question.answer.model_validate(answer)
    except ValueError:
        return False
    return True


if __name__ == "__main__":
    main()
