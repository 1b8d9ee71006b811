"""nano as captioner on a captioned data set: its captions alone, with its embedding, and how true they are.

    python -m eval.benchmarks.nano_captions --images images --captions captions.jsonl --split val --sweep

Human captions ask, ties count by chance (`eval.metrics`). The gain of captions beside the embedding is told with its
95 % interval (`eval.significance`). Choose with `--split val`, run `--split test` once.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from eval.benchmarks.nano import alone, figures, show
from eval.datasets.captions import CaptionedImage, read_captions
from eval.leakage import text_overlap
from eval.pictures import Pictures, load_picture
from eval.retrieval import Scoring, both_ways
from eval.scores import Gallery, branch_scores
from eval.significance import bootstrap_gain, hits
from eval.task import human_task
from trsllava.captioners.nano.captioner import NanoCaptioner
from trsllava.captioners.nano.impression import Impression
from trsllava.captioners.nano.mentions import things_named
from trsllava.captioners.nano.rich_text import compose
from trsllava.captioners.nano.tone import tone_words
from trsllava.encoders import shipped
from trsllava.encoders.nano import NanoEncoder
from trsllava.encoders.protocol import FloatArray
from trsllava.lexicon import keywords
from trsllava.records import Branch, RichText

_BRANCHES: tuple[Branch, ...] = ("image", "dense")
_WEIGHTS = (0.1, 0.2, 0.3, 0.5, 0.8, 1.2)
_BATCH = 128


def look(
    captioner: NanoCaptioner, folder: Path, names: Sequence[str]
) -> tuple[FloatArray, list[Impression], list[str]]:
    """Vectors `(n, d)`, impressions and tones of a folder's pictures."""
    vectors: list[FloatArray] = []
    impressions: list[Impression] = []
    tones: list[str] = []
    for start in range(0, len(names), _BATCH):
        pictures = [load_picture(folder / name) for name in names[start : start + _BATCH]]
        seen, made = captioner.impressions(pictures)
        vectors.append(seen)
        impressions += made
        tones += map(tone_words, pictures)
    return np.concatenate(vectors), impressions, tones


def truth(texts: Sequence[RichText], images: Sequence[CaptionedImage]) -> dict[str, float]:
    """Share of the things named in sentences, and of the things in features, that a person names as well."""
    right: dict[str, list[bool]] = {"sentences": [], "features": []}
    for text, image in zip(texts, images, strict=True):
        named = {keyword for caption in image.captions for keyword in keywords(caption)}
        for variant in text.variants:
            right["sentences"] += [thing in named for thing in things_named(variant.one_sentence)]
        right["features"] += [
            thing in named for thing in {t for f in text.variants[0].feature for t in things_named(f)}
        ]
    return {name: float(np.mean(found)) for name, found in right.items()}


def main(given: Sequence[str] | None = None) -> None:
    """Measure, and print a line a figure."""
    parser = argparse.ArgumentParser(prog="python -m eval.benchmarks.nano_captions", description=__doc__)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--captions", type=Path, required=True)
    parser.add_argument("--split", default="test")
    parser.add_argument("--nano", type=Path, default=shipped.NANO, help="a folder of `train export` and `captioner`")
    parser.add_argument("--weight", type=float, default=0.2, help="of the captions beside the embedding's 1")
    parser.add_argument("--sweep", action="store_true", help="try weights: for validation only")
    arguments = parser.parse_args(given)

    images = read_captions(arguments.captions, arguments.split)
    names = [image.image for image in images]
    encoder = NanoEncoder("nano", arguments.nano)
    captioner = NanoCaptioner(encoder, arguments.nano)
    embedding, impressions, tones = look(captioner, arguments.images, names)
    texts = [
        compose(seen, model="nano", sharpness=encoder.sharpness, north_up=False, tone=tone)
        for seen, tone in zip(impressions, tones, strict=True)
    ]
    task = human_task(images, dict(zip(names, texts, strict=True)))
    gallery = Gallery(task.documents, Pictures(encoder, embedding))
    scores = branch_scores(task.queries, gallery, _BRANCHES, encoder.text_encoder)
    show(f"{arguments.split}: captions alone, {len(images)} images", figures(scores[1:], alone("dense"), task.owner))
    show("embedding alone", figures(scores[:1], alone("image"), task.owner))
    before = hits(*both_ways(scores[:1], alone("image")), task.owner)
    for weight in _WEIGHTS if arguments.sweep else (arguments.weight,):
        scoring = Scoring(_BRANCHES, "zscore", {"dense": weight})
        show(f"embedding + {weight:g} captions", figures(scores, scoring, task.owner))
        gain = bootstrap_gain(before, hits(*both_ways(scores, scoring), task.owner))
        print(f"  gain over the embedding alone: {gain.mean:+.2f} [{gain.low:+.2f}, {gain.high:+.2f}]")
    _tell(texts, impressions, images, arguments.captions)


def _tell(
    texts: Sequence[RichText], impressions: Sequence[Impression], images: Sequence[CaptionedImage], captions: Path
) -> None:
    right = np.mean([seen.scenes[0][0] == image.scene for seen, image in zip(impressions, images, strict=True)])
    print(f"scene right: {right:.1%}; claimed nothing about {np.mean([not text.labels for text in texts]):.1%}")
    for where, share in truth(texts, images).items():
        print(f"things in {where} that people name as well: {share:.1%}")
    said = [variant.one_sentence for text in texts for variant in text.variants]
    learnt = [caption for image in read_captions(captions, "train") for caption in image.captions]
    print(f"sentences that stand verbatim in the training captions: {text_overlap(said, learnt).share():.1%}")


if __name__ == "__main__":
    main()
