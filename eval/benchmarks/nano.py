"""nano on a captioned data set: by its embedding, beside text-to-text search, and both together.

    python -m eval.benchmarks.nano --images images --captions captions.jsonl --rich earthdial_captions.jsonl

Human captions ask, ties count by chance (`eval.metrics`). Without `--rich` the documents are stand-ins (`eval.proxy`),
which calibrations and weights are chosen by, with `--split val --sweep`: an image's first caption, its others asking;
with `--documents nearest` a training caption that another nano (`--captioner`) holds near the picture; with `best` the
one of the nearest five that is worded most like people's.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from eval.datasets.captions import CaptionedImage, read_captions
from eval.metrics.recall import Owner, ScoreMatrix
from eval.pictures import embed_folder
from eval.proxy import best_worded, machine_task, nearest_captions, proxy_task
from eval.report import Figures, measure
from eval.retrieval import Scoring, fused
from eval.scores import text_scores
from eval.task import RetrievalTask, human_task
from trsllava.captioners.imported import read_rich_texts
from trsllava.encoders import shipped
from trsllava.encoders.calibrated import Calibration
from trsllava.encoders.nano import NanoEncoder
from trsllava.records import RichCaption, RichText

_WEIGHTS = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 1.0, 1.2, 1.5, 2.0)


def hybrid(first: ScoreMatrix, second: ScoreMatrix, weight: float, owner: Owner) -> Figures:
    """Sum of z-scores, the second's times `weight`; each direction has the statistics of what it ranks."""
    scoring = Scoring(("dense", "image"), "zscore", {"image": weight})
    both = np.stack([first, second])
    figures, _ = measure(fused(both, scoring), fused(both.transpose(0, 2, 1), scoring).T, owner)
    return figures


def alone(scores: ScoreMatrix, owner: Owner) -> Figures:
    """One branch by itself."""
    return measure(scores, scores, owner)[0]


def show(what: str, figures: Figures) -> None:
    """One line: recalls both ways and their mean."""
    t2i, i2t = (" / ".join(f"{value:5.2f}" for value in side.values()) for side in (figures.t2i, figures.i2t))
    print(f"{what:46s} T2I {t2i}   I2T {i2t}   mR {figures.mR:.2f}", flush=True)


def _tasks(
    arguments: argparse.Namespace, images: Sequence[CaptionedImage], encoder: NanoEncoder
) -> tuple[RetrievalTask, RetrievalTask]:
    """Every caption asking, for the embedding alone; and what documents are measured by."""
    if arguments.rich:
        task = human_task(images, read_rich_texts(arguments.rich))
    elif arguments.documents != "first":
        captioner = NanoEncoder("captioner", arguments.captioner, views=1) if arguments.captioner else encoder
        learnt = read_captions(arguments.captions, "train")
        texts = list(dict.fromkeys(text for image in learnt for text in image.captions))
        pictures, _ = embed_folder(captioner, arguments.images, [image.image for image in images])
        nearest = nearest_captions(pictures, captioner.encode_texts(texts))
        task = machine_task(
            images, texts, best_worded(images, texts, nearest) if arguments.documents == "best" else nearest
        )
    else:
        first = {image.image: RichText(variants=(RichCaption(caption=image.captions[0]),)) for image in images}
        return human_task(images, first), proxy_task(images)
    return task, task


def main(given: Sequence[str] | None = None) -> None:
    """Measure, and print a line a figure."""
    parser = argparse.ArgumentParser(prog="python -m eval.benchmarks.nano", description=__doc__)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--captions", type=Path, required=True)
    parser.add_argument("--rich", type=Path, help="rich texts of the images; without it the first human caption")
    parser.add_argument(
        "--documents", choices=("first", "nearest", "best"), default="first", help="stand-ins for --rich"
    )
    parser.add_argument("--captioner", type=Path, help="of `nearest`, `best`: a nano of another run; --nano itself")
    parser.add_argument("--split", default="test")
    parser.add_argument("--nano", type=Path, help="a folder of `trsllava train export`; the shipped one")
    parser.add_argument("--calibration", type=Path, default=shipped.CALIBRATION, help="of text to text, .npz")
    parser.add_argument("--views", type=int, default=4, help="flips and quarter-turns averaged, 1 to 8")
    parser.add_argument("--weight", type=float, default=1.0, help="of the embedding beside the text's 1")
    parser.add_argument("--sweep", action="store_true", help="try weights: for validation only")
    arguments = parser.parse_args(given)

    images = read_captions(arguments.captions, arguments.split)
    encoder = NanoEncoder("nano", arguments.nano or shipped.NANO, views=arguments.views)
    embedding, scene = embed_folder(encoder, arguments.images, [image.image for image in images])

    whole, task = _tasks(arguments, images, encoder)
    texts = list(dict.fromkeys([*whole.queries, *(text for document in task.documents for text in document.texts())]))
    plain = dict(zip(texts, encoder.text_encoder.encode(texts), strict=True))
    bent = dict(zip(texts, encoder.encode_texts(texts), strict=True))
    calibrate = Calibration.load(arguments.calibration)
    calibrated = dict(zip(texts, calibrate(np.stack(list(plain.values()))), strict=True))
    image_whole = np.stack([bent[text] for text in whole.queries]) @ embedding.T
    show(f"{arguments.split}: embedding alone, {len(images)} images", alone(image_whole, whole.owner))
    named = np.array([encoder.scenes[best] for best in scene.argmax(1)])
    right = np.mean(named == np.array([image.scene for image in images]))
    print(f"scene class right: {100 * right:.1f} %")

    row = {image.image: number for number, image in enumerate(images)}
    image_scores = np.stack([bent[text] for text in task.queries]) @ embedding[[row[name] for name in task.images]].T
    print(
        f"documents: {arguments.rich or arguments.documents}, {len(task.images)} images, {len(task.queries)} queries"
    )
    show("embedding alone", alone(image_scores, task.owner))
    for name, vectors in (("plain", plain), ("calibrated", calibrated)):
        dense = text_scores(task, vectors)
        show(f"text to text, {name}", alone(dense, task.owner))
        for weight in _WEIGHTS[1:] if arguments.sweep else (arguments.weight,):
            show(f"text to text, {name} + {weight:g} embedding", hybrid(dense, image_scores, weight, task.owner))


if __name__ == "__main__":
    main()
