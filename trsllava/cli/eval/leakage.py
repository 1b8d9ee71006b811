"""`trsllava eval leakage`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trsllava.cli.options import AsJson, TrainSplit


def leakage(
    captions: Annotated[
        Path,
        typer.Option("--captions", help="Human captions, in any layout of `eval retrieval`."),
    ],
    images: Annotated[
        Path | None,
        typer.Option("--images", help="Folder that image paths are relative to.  [default: pictures not compared]"),
    ] = None,
    rich: Annotated[
        Path | None, typer.Option("--rich", help="Rich texts of the test images: documents to look for.")
    ] = None,
    split: Annotated[str, typer.Option("--split", help="Split to measure on.")] = "test",
    training: Annotated[
        Path | None,
        typer.Option("--training", help="Captions that the model was trained on.  [default: --captions]"),
    ] = None,
    train_split: TrainSplit = "train",
    training_images: Annotated[
        Path | None, typer.Option("--training-images", help="Folder of the training images.  [default: --images]")
    ] = None,
    distance: Annotated[
        int | None,
        typer.Option(
            "--distance", min=0, max=64, help="Most bits, of 256, that may differ.  [default: 60]", show_default=False
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find what a test split shares with training data: pictures that look alike, texts that are the same.

    Pictures are compared byte by byte and by perceptual hash; texts exactly, and ignoring case and punctuation.
    `eval retrieval --training FILE` adds the same to a run and its report.

    **Examples**

    `trsllava eval leakage --captions captions.jsonl --images images --rich rich.jsonl`

    `trsllava eval leakage --captions test.jsonl --training rsitmd.jsonl --train-split train --json`
    """
    from eval.datasets.captioned import read_captioned
    from eval.leakage import LOOK_ALIKE, PictureFolder, find_leakage, read_training
    from eval.task import human_task
    from trsllava.captioners.imported import read_rich_texts
    from trsllava.cli.progress import shown_progress

    asked, source = read_captioned(captions, split), training or captions
    learnt = read_training(source, train_split, captions, asked)
    pictures = None
    if images is not None:
        tested = PictureFolder(images, [image.image for image in asked])
        pictures = tested, PictureFolder(training_images or images, [image.image for image in learnt])
    with shown_progress() as progress:
        found = find_leakage(
            human_task(asked, read_rich_texts(rich)).documents if rich else (),
            [caption for image in asked for caption in image.captions],
            learnt,
            (source, train_split),
            pictures,
            LOOK_ALIKE if distance is None else distance,
            progress,
        )
    if as_json:
        print(found.model_dump_json(indent=2))
        return
    for sentence in found.told():
        print(sentence)
    for pair in found.pictures.pairs if found.pictures else ():
        print(f"  {pair.image} looks like {pair.training}: {pair.distance} bits")
