"""Kinds of place told by a sentence each, on labelled pictures that nobody learnt from.

    python -m eval.benchmarks.zero_shot --images rsscn7/images --labels rsscn7/labels.jsonl

`--labels` are JSON lines of `{"image", "scene"}`. A picture belongs to the kind whose sentence its embedding is
nearest to (Radford et al., ICML 2021, section 3.1). The sentences are those below, or the scene's own name where there
is none; they were chosen on RSSCN7 itself.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.pictures import picture_vectors
from trsllava.encoders.image_text import load_image_text_encoder
from trsllava.encoders.protocol import ImageTextEncoder

SENTENCES = {
    "grass": "bare grassland with few trees",
    "farmland": "farmland with crops in rows",
    "industrial": "an industrial area",
    "river or lake": "a lake with green water",
    "forest": "a forest",
    "residential": "a residential area with many houses",
    "parking": "a parking lot",
}
"""By scene of RSSCN7."""


def told_kinds(
    encoder: ImageTextEncoder, images: Path, names: Sequence[str], sentences: Sequence[str]
) -> NDArray[np.intp]:
    """Of each picture, the place of the nearest of `sentences`: `(n,)`."""
    told: NDArray[np.intp] = (picture_vectors(encoder, images, names) @ encoder.encode_texts(sentences).T).argmax(1)
    return told


def main(given: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m eval.benchmarks.zero_shot", description=__doc__)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--encoder", default="nano", help="as `--image-encoder` of `trsllava index`")
    parser.add_argument("--every", type=int, default=1, help="look at every so manyth picture alone")
    arguments = parser.parse_args(given)
    lines = [json.loads(line) for line in arguments.labels.read_text(encoding="utf-8").splitlines()][
        :: arguments.every
    ]
    kinds = sorted({line["scene"] for line in lines})
    sentences = [SENTENCES.get(kind, kind) for kind in kinds]
    encoder = load_image_text_encoder(arguments.encoder)
    told = told_kinds(encoder, arguments.images, [line["image"] for line in lines], sentences)
    right = 0
    for place, kind in enumerate(kinds):
        own = [kinds[t] for t, line in zip(told, lines, strict=True) if line["scene"] == kind]
        right += own.count(kind)
        others = ", ".join(f"{name} {count}" for name, count in Counter(own).most_common() if name != kind)
        print(
            f"{kind:20s} {own.count(kind):4d} of {len(own)}   {sentences[place]}"
            + (f"   else {others}" if others else "")
        )
    print(f"right: {right} of {len(lines)} ({right / len(lines):.1%})")


if __name__ == "__main__":
    main()
