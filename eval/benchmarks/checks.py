"""How often the quality checks object to what people wrote.

`python -m eval.benchmarks.checks --captions captions.jsonl [--show 3]`: every distinct caption alone, then every
image's captions as the variants of one rich text. No sentence of a person should be refused for a fault that is none.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from trsllava.captioners.checks.boilerplate import without_boilerplate
from trsllava.captioners.checks.faults import faults
from trsllava.captioners.checks.figures import without_figures
from trsllava.captioners.checks.unreadable import readable
from trsllava.captioners.imported import read_caption_file
from trsllava.records import CheckName, RichText

_REPAIRS: dict[CheckName, Callable[[str], str]] = {
    "unreadable": readable,
    "figures": without_figures,
    "boilerplate": without_boilerplate,
}


def objections(texts: Iterable[RichText], *, north_up: bool) -> dict[CheckName, list[str]]:
    """What each refusing check says, over all texts."""
    found: dict[CheckName, list[str]] = defaultdict(list)
    for text in texts:
        for check, reason in faults(text, north_up=north_up):
            found[check].append(f"{reason} | {text.variants[0].text()[:100]}")
    return found


def repairs(captions: Iterable[str]) -> dict[CheckName, list[str]]:
    """What each repair makes of the captions that it changes."""
    found: dict[CheckName, list[str]] = defaultdict(list)
    for caption in captions:
        for check, repair in _REPAIRS.items():
            if (mended := repair(caption)) != caption:
                found[check].append(f"{caption} -> {mended}")
    return found


def main() -> None:
    """Print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--captions", type=Path, required=True)
    parser.add_argument("--show", type=int, default=0, help="examples of each objection")
    options = parser.parse_args()
    images = list(read_caption_file(options.captions).texts.values())
    alone = {
        variant.text(): text.model_copy(update={"variants": (variant,)})
        for text in images
        for variant in text.variants
    }
    start = time.perf_counter()
    _print(f"{len(alone)} distinct captions, each alone", objections(alone.values(), north_up=False), options.show)
    print(f"{1e6 * (time.perf_counter() - start) / len(alone):.0f} microseconds a caption")
    _print(f"{len(images)} images, all captions together", objections(images, north_up=True), options.show)
    _print("mended", repairs(alone), options.show)


def _print(title: str, found: Mapping[CheckName, list[str]], shown: int) -> None:
    print(f"{title}: " + (", ".join(f"{name} {len(said)}" for name, said in found.items()) or "nothing"))
    for name, said in found.items():
        for line in said[:: max(1, len(said) // shown)][:shown] if shown else []:
            print(f"  {name}: {line}")


if __name__ == "__main__":
    main()
