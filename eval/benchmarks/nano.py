"""nano and the calibration on stand-ins for a captioner (`eval.proxy`), which weights and rescorings are chosen by.

    python -m eval.benchmarks.nano --images images --captions captions.jsonl --documents nearest --captioner other

Human captions of validation ask, ties count by chance (`eval.metrics`). Documents are an image's first caption, its
others asking; with `--documents nearest` a training caption that another nano (`--captioner`) holds near the picture;
with `best` the one of the nearest five that is worded most like people's. Figures on test: `trsllava eval retrieval`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from eval.bank import Bank, caption_bank, draw_bank, read_bank
from eval.datasets.captions import CaptionedImage, read_captions
from eval.metrics.recall import Owner
from eval.pictures import Pictures, picture_vectors
from eval.proxy import best_worded, machine_task, nearest_captions, proxy_task
from eval.report import Figures, measure
from eval.rescoring import Rescoring, parse_rescoring
from eval.retrieval import BankScores, Scoring, bank_scores, both_ways
from eval.scores import Gallery, branch_scores
from eval.task import RetrievalTask
from trsllava.encoders import shipped
from trsllava.encoders.calibrated import CalibratedEncoder, Calibration
from trsllava.encoders.nano import NanoEncoder
from trsllava.encoders.protocol import TextEncoder
from trsllava.records import Branch
from trsllava.store.protocol import FloatArray

BRANCHES: tuple[Branch, ...] = ("dense", "image")
_WEIGHTS = (0.3, 0.5, 0.6, 0.7, 0.8, 1.0, 1.2, 1.5, 2.0)


def figures(scores: FloatArray, scoring: Scoring, owner: Owner, known: BankScores | None = None) -> Figures:
    """Figures of branch scores `(b, q, n)`, fused as `scoring` says."""
    return measure(*both_ways(scores, scoring, known), owner)[0]


def alone(branch: Branch, rescoring: Rescoring | None = None) -> Scoring:
    """One branch by itself."""
    return Scoring((branch,), "zscore", {}, rescoring)


def show(what: str, told: Figures) -> None:
    """One line: recalls both ways and their mean."""
    t2i, i2t = (" / ".join(f"{value:5.2f}" for value in side.values()) for side in (told.t2i, told.i2t))
    print(f"{what:60s} T2I {t2i}   I2T {i2t}   mR {told.mR:.2f}", flush=True)


def stand_in_task(
    documents: str, images: Sequence[CaptionedImage], learnt: Sequence[CaptionedImage], pictures: Pictures
) -> RetrievalTask:
    """What stands in for rich texts: `first`, `nearest` or `best`, the last two as `pictures`' encoder sees them."""
    if documents == "first":
        return proxy_task(images)
    texts = list(dict.fromkeys(text for image in learnt for text in image.captions))
    nearest = nearest_captions(pictures.vectors, pictures.encoder.encode_texts(texts))
    return machine_task(images, texts, best_worded(images, texts, nearest) if documents == "best" else nearest)


def main(given: Sequence[str] | None = None) -> None:
    """Measure, and print a line a figure."""
    parser = argparse.ArgumentParser(prog="python -m eval.benchmarks.nano", description=__doc__)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--captions", type=Path, required=True)
    parser.add_argument("--documents", choices=("first", "nearest", "best"), default="first")
    parser.add_argument("--captioner", type=Path, help="of `nearest`, `best`: a nano of another run; --nano itself")
    parser.add_argument("--split", default="val")
    parser.add_argument("--nano", type=Path, default=shipped.NANO, help="a folder of `trsllava train export`")
    parser.add_argument("--calibration", type=Path, default=shipped.CALIBRATION, help="of text to text, .npz")
    parser.add_argument("--views", type=int, default=4, help="flips and quarter-turns averaged, 1 to 8")
    parser.add_argument("--weight", type=float, default=0.5, help="of the embedding beside the text's 1")
    parser.add_argument("--sweep", action="store_true", help="try weights")
    parser.add_argument("--rescore", type=parse_rescoring, nargs="*", default=[], help="as in inverted-softmax:0.07")
    parser.add_argument("--bank", help="FILE:SPLIT of the rescorings; the training split")
    arguments = parser.parse_args(given)

    encoder = NanoEncoder("nano", arguments.nano, views=arguments.views)
    images, learnt = (read_captions(arguments.captions, split) for split in (arguments.split, "train"))

    def seen(looking: NanoEncoder, of: Sequence[CaptionedImage]) -> Pictures:
        return Pictures(looking, picture_vectors(looking, arguments.images, [image.image for image in of]))

    captioner = NanoEncoder("captioner", arguments.captioner, views=1) if arguments.captioner else encoder
    task = stand_in_task(arguments.documents, images, learnt, seen(captioner, images))
    asked = [image for image in images if image.image in set(task.images)]
    pictures = seen(encoder, asked)
    bank = None
    if arguments.rescore:
        name = arguments.bank or f"{arguments.captions}:train"
        banked = draw_bank(read_bank(name, asked))
        bank = caption_bank(banked, seen(encoder, banked), name)
    print(f"documents: {arguments.documents}, {len(task.images)} images, {len(task.queries)} queries")
    bent = CalibratedEncoder(encoder.text_encoder, Calibration.load(arguments.calibration), "calibrated")
    weights = _WEIGHTS if arguments.sweep else (arguments.weight,)
    for name, text_encoder in (("plain", encoder.text_encoder), ("calibrated", bent)):
        _tell(name, task, Gallery(task.documents, pictures), text_encoder, bank, weights, [None, *arguments.rescore])


def _tell(
    name: str,
    task: RetrievalTask,
    gallery: Gallery,
    encoder: TextEncoder,
    bank: Bank | None,
    weights: Sequence[float],
    rescorings: Sequence[Rescoring | None],
) -> None:
    scores = branch_scores(task.queries, gallery, BRANCHES, encoder)
    known = bank_scores(task, gallery, bank, BRANCHES, encoder) if bank else None
    for rescoring in rescorings:
        how = f", {rescoring}" if rescoring else ""
        for place, branch in enumerate(BRANCHES):
            one = BankScores(known.asking[[place]], known.asked[[place]]) if known else None
            what = f"text to text, {name}" if branch == "dense" else "embedding alone"
            show(what + how, figures(scores[[place]], alone(branch, rescoring), task.owner, one))
        for weight in weights:
            scoring = Scoring(BRANCHES, "zscore", {"image": weight}, rescoring)
            show(f"{name} + {weight:g} embedding{how}", figures(scores, scoring, task.owner, known))


if __name__ == "__main__":
    main()
