"""Does the service keep to its own description? schemathesis, all checks on, over REST and STAC, several seeds.

    python -m eval.benchmarks.service_contract --seeds 1,2,3

The sample archive is served by a process of its own, which asks for an API key, so that refusals without one are
checked as well. A run counts when it made enough cases and found nothing.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trsllava
from trsllava.sample.archive import draw_archive

_RULES = Path(__file__).parents[2] / "schemathesis.toml"
_GENERATED = re.compile(r"(\d[\d,]*) generated")


@contextmanager
def serving(home: Path, images: Path) -> Iterator[str]:
    """`trsllava serve` as a process that wants keys; gives its address."""
    command = [sys.executable, "-m", "trsllava", "serve", "--port", "0", "--home", str(home), "--root", str(images)]
    environment = {**os.environ, "TRSLLAVA_KEYS_REQUIRED": "true", "TRSLLAVA_ORIGINALS": "true"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr
        url = next((line.split()[-1] for line in process.stderr if line.startswith("Serving ")), "")
        if not url:
            raise SystemExit("The server did not start.")
        with subprocess.Popen(["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL):
            try:
                yield url
            finally:
                process.terminate()


def run(url: str, key: str, *, seed: int, examples: int, report: Path, paths: str) -> tuple[int, int]:
    """One run of schemathesis; returns the number of cases and its exit status (0: nothing was found)."""
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(_RULES), "run", f"{url}/openapi.json"),
        *("--seed", str(seed), "--max-examples", str(examples), "--header", f"X-API-Key: {key}"),
        *("--include-path-regex", paths, "--continue-on-failure", "--no-color"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    report.write_text(done.stdout + done.stderr, encoding="utf-8")
    generated = _GENERATED.search(done.stdout)
    return int(generated[1].replace(",", "")) if generated else 0, done.returncode


def main() -> None:
    """Run it and print a line a seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument(
        "--examples", type=int, default=40, help="Random cases an operation, on top of those at limits."
    )
    parser.add_argument("--paths", default="^/", help="Regular expression of the paths to try.")
    parser.add_argument("--reports", type=Path, help="Folder for what schemathesis printed.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        images, home = folder / "images", folder / "home"
        draw_archive(images, seed=3)
        with trsllava.open(home) as archive:
            archive.index(images, captions=images / "captions.jsonl")
        add = [sys.executable, "-m", "trsllava", "keys", "add", "contract", "--scope", "admin", "--home", str(home)]
        key = subprocess.run(add, capture_output=True, text=True, check=True).stdout.strip()
        reports = given.reports or folder
        reports.mkdir(parents=True, exist_ok=True)
        found = 0
        with serving(home, images) as url:
            for seed in map(int, given.seeds.split(",")):
                report = reports / f"seed-{seed}.txt"
                cases, status = run(url, key, seed=seed, examples=given.examples, report=report, paths=given.paths)
                print(
                    f"seed {seed}: {cases:,} cases, {'nothing found' if status == 0 else f'see {report}'}", flush=True
                )
                found |= status
    raise SystemExit(found)


if __name__ == "__main__":
    main()
