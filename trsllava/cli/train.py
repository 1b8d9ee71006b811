"""`trsllava train`: networks of one's own."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trsllava.cli.options import Device, Encoder

if TYPE_CHECKING:
    from trsllava.encoders.protocol import TextEncoder
    from trsllava.training.backbones import Backbone
    from trsllava.training.plan import TrainingPlan

_LOSSES = ("itc", "id", "irr", "scene", "presence")


class _Identity(StrEnum):
    image = "image"
    scene = "scene"


class _Keywords(StrEnum):
    direct = "direct"
    far = "far"


class _Precision(StrEnum):
    auto = "auto"
    bf16 = "bf16"
    fp32 = "fp32"


app = typer.Typer(
    help="Train image-text networks on captioned pictures.", no_args_is_help=True, rich_markup_mode="markdown"
)


@app.callback()
def _group() -> None:
    """Train image-text networks on captioned pictures."""


@app.command()
def diaret(
    images: Annotated[Path, typer.Option("--images", help="Folder that image paths are relative to.")],
    captions: Annotated[
        Path,
        typer.Option(
            "--captions", help='JSON lines: {"image", "split": train|val, "scene", "captions": […]}, or as for `eval`.'
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the run lives; it goes on from there.")],
    backbone: Annotated[
        str,
        typer.Option(
            "--backbone",
            help="nano (from scratch); efficientnet-lite0, -lite1, -lite2 or a transformers image backbone (nano over "
            "its weights, in stages); or a transformers CLIP: hub id or folder.",
        ),
    ] = "nano",
    stages: Annotated[
        str | None,
        typer.Option(
            "--stages", help="Over pretrained weights: what learns, and epochs.  [default: head=8,late=12,head=16]"
        ),
    ] = None,
    epochs: Annotated[int | None, typer.Option("--epochs", min=1, help="[default: nano 48, CLIP 20]")] = None,
    batch: Annotated[int | None, typer.Option("--batch", min=2, help="[default: nano 128, CLIP 64]")] = None,
    rate: Annotated[float | None, typer.Option("--rate", help="Peak learning rate.")] = None,
    size: Annotated[
        int | None, typer.Option("--size", min=16, help="Pixels. [default: nano 112, CLIP its own]")
    ] = None,
    objectives: Annotated[
        str | None, typer.Option("--objectives", help="Weights, as in itc=1,id=1,irr=1,scene=0.5,presence=10.")
    ] = None,
    identity: Annotated[_Identity, typer.Option("--identity", help="Classes of eq. 9.")] = _Identity.image,
    keywords: Annotated[
        _Keywords, typer.Option("--keywords", help="Where eq. 5 finds what it hides: the caption, or FAR's sentences.")
    ] = _Keywords.direct,
    levels: Annotated[
        str | None, typer.Option("--levels", help="Keywords that eq. 5 hides: global,large,small,look.")
    ] = None,
    patience: Annotated[int, typer.Option("--patience", min=0, help="Epochs without gain to stop after.")] = 0,
    seed: Annotated[int, typer.Option("--seed")] = 0,
    precision: Annotated[
        _Precision, typer.Option("--precision", help="auto: bf16 where it is fast.")
    ] = _Precision.auto,
    threads: Annotated[int | None, typer.Option("--threads", min=1, help="CPU threads.  [default: torch's]")] = None,
    encoder: Encoder = None,
    device: Device = None,
) -> None:
    """Train with DiaRet's objectives, and validate after each epoch.

    The same command goes on where a run was stopped. The folder then holds `best/` (the network), `history.json` and
    `curves.svg`.

    **Examples**

    `trsllava train diaret --images images --captions captions.jsonl -o runs/nano`

    `trsllava train diaret --images images --captions captions.jsonl -o runs/clip --backbone ./clip-vit-base-patch16`
    """
    from trsllava.cli.progress import shown_progress
    from trsllava.encoders.text import load_text_encoder
    from trsllava.encoders.weights import DEFAULT_MODEL
    from trsllava.errors import InputError

    if not images.is_dir():
        raise InputError(f"{images} is no folder; --images takes the one that the caption file's paths start from.")
    import torch

    from trsllava.training.backbones import is_image_backbone
    from trsllava.training.data import load_split
    from trsllava.training.plan import clip_plan, nano_plan
    from trsllava.training.precision import fast_precision
    from trsllava.training.staged import USUAL, parse_stages, train_staged
    from trsllava.training.trainer import train

    if threads:
        torch.set_num_threads(threads)
    torch.manual_seed(seed)
    text_encoder = load_text_encoder(encoder or DEFAULT_MODEL)
    if backbone != "nano" and is_image_backbone(backbone):
        unused = {"--epochs": epochs, "--batch": batch, "--rate": rate, "--objectives": objectives, "--levels": levels}
        given = [flag for flag, value in unused.items() if value is not None]
        if given:
            raise InputError(
                f"{', '.join(given)}: not for a pretrained image backbone, whose stages bring their own settings. "
                f"Give --stages, as in {USUAL}."
            )
        planned, seen_at = parse_stages(stages or USUAL), size or 224
        with shown_progress() as progress:
            training, validation = (
                load_split(images, captions, split, text_encoder, round(seen_at * 8 / 7), progress)
                for split in ("train", "val")
            )
            result = train_staged(
                backbone, training, validation, planned, output,
                size=seen_at, seed=seed, each_epoch=_say, each_step=progress,
            )  # fmt: skip
        print(f"Best: epoch {result.best_epoch}, validation mR {result.best:.2f}; kept in {output / 'best'}")
        return
    if stages is not None:
        raise InputError("--stages is for pretrained image backbones, such as --backbone efficientnet-lite0.")
    chosen, where = _backbone(backbone, text_encoder), device or "cpu"
    plan = _plan(
        nano_plan() if backbone == "nano" else clip_plan(chosen.size),
        size,
        objectives,
        levels,
        epochs=epochs,
        batch=batch,
        rate=rate,
        identity=identity.value,
        keywords=keywords.value,
        patience=patience,
        seed=seed,
        precision=fast_precision(where) if precision is _Precision.auto else precision.value,
    )
    with shown_progress() as progress:
        side = max(plan.eval_size, round(plan.augmentation.size * 1.4))
        training = load_split(images, captions, "train", text_encoder, side, progress)
        validation = load_split(images, captions, "val", text_encoder, side, progress)
        result = train(
            chosen, training, validation, plan, output, device=where, each_epoch=_say, each_step=progress
        )  # fmt: skip
    print(f"Best: epoch {result.best_epoch}, validation mR {result.best:.2f}; kept in {output / 'best'}")


def _backbone(name: str, encoder: TextEncoder) -> Backbone:
    from trsllava.training.backbones import clip_backbone, nano_backbone

    return nano_backbone(encoder) if name == "nano" else clip_backbone(name)


def _plan(
    usual: TrainingPlan, size: int | None, objectives: str | None, levels: str | None, **settings: Any
) -> TrainingPlan:
    """The backbone's usual plan, with what the flags change; a setting that is None stays as it is."""
    from dataclasses import replace

    from trsllava.lexicon import parse_levels
    from trsllava.training.objectives.total import parse_weights

    plan = replace(usual, **{name: value for name, value in settings.items() if value is not None})
    if size is not None:
        shown = round(size * plan.eval_size / plan.augmentation.size)
        plan = replace(plan, augmentation=replace(plan.augmentation, size=size), eval_size=shown)
    if objectives is not None:
        plan = replace(plan, weights=parse_weights(objectives, plan.weights))
    if levels is not None:
        plan = replace(plan, keyword_levels=parse_levels(levels))
    return plan


def _say(line: dict[str, float]) -> None:
    losses = ", ".join(f"{name} {value:.3f}" for name, value in line.items() if name in _LOSSES)
    print(f"epoch {line['epoch']:.0f}: {losses}; validation mR {line['mR']:.2f}; {line['seconds']:.0f} s", flush=True)


@app.command()
def export(
    run: Annotated[Path, typer.Argument(help="The --output of a finished `train diaret` of nano.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the files.")],
    size: Annotated[
        int | None, typer.Option("--size", min=16, help="Pixels.  [default: 224 over pretrained weights, else 128]")
    ] = None,
    encoder: Encoder = None,
) -> None:
    """Write a trained nano as files that need no torch: `nano.onnx`, `nano.json`, `texts.npz`.

    **Example**: `trsllava train export runs/nano -o nano`
    """
    from trsllava.encoders.weights import DEFAULT_MODEL
    from trsllava.training.export import export_nano

    export_nano(run, output, text_encoder=encoder or DEFAULT_MODEL, size=size)
    print(f"nano written to {output}")


@app.command()
def captioner(
    run: Annotated[Path, typer.Argument(help="The --output of a finished `train diaret` of nano.")],
    images: Annotated[Path, typer.Option("--images", help="Folder that image paths are relative to.")],
    captions: Annotated[
        Path,
        typer.Option(
            "--captions", help='JSON lines: {"image", "split": train|val, "scene", "captions": […]}, or as for `eval`.'
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder of `train export`.")],
    size: Annotated[int | None, typer.Option("--size", min=16, help="As given to `train export`.")] = None,
    epochs: Annotated[int, typer.Option("--epochs", min=1, help="Of the decoder.")] = 10,
    seed: Annotated[int, typer.Option("--seed")] = 0,
    threads: Annotated[int | None, typer.Option("--threads", min=1, help="CPU threads.  [default: torch's]")] = None,
) -> None:
    """Teach a trained nano to write captions, and how sure it may be of them.

    **Example**: `trsllava train captioner runs/nano --images images --captions captions.jsonl -o nano`
    """
    import torch

    from trsllava.cli.progress import shown_progress
    from trsllava.encoders.text import load_text_encoder
    from trsllava.encoders.weights import DEFAULT_MODEL
    from trsllava.training.captioner import train_captioner
    from trsllava.training.data import load_split
    from trsllava.training.decoder import DecoderPlan

    if threads:
        torch.set_num_threads(threads)
    text_encoder = load_text_encoder(DEFAULT_MODEL)
    with shown_progress() as progress:
        training, validation = (
            load_split(images, captions, split, text_encoder, 256, progress) for split in ("train", "val")
        )
        plan = DecoderPlan(epochs=epochs, seed=seed)
        figures = train_captioner(run, training, validation, output, size=size, plan=plan, progress=progress)
    print(f"Validation: scene right {figures.scene_right:.1%}, expected calibration error of scenes "
          f"{figures.scene_error:.3f}, of things {figures.presence_error:.3f}; places taken for nothing "
          f"{figures.places_missed:.1%}, nothing taken for a place {figures.nothing_missed:.1%}")  # fmt: skip


@app.command()
def calibration(
    images: Annotated[Path, typer.Option("--images", help="Folder that image paths are relative to.")],
    captions: Annotated[
        Path,
        typer.Option(
            "--captions", help='JSON lines: {"image", "split": train|val, "captions": […]}, or as for `eval`.'
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="File for the weights, .npz.")],
    nano: Annotated[
        Path | None, typer.Option("--nano", help="A folder of `train export` that looks at the pictures; the shipped.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed")] = 0,
) -> None:
    """Bend the default text encoder's vectors so that people's captions and a captioner's lie together by picture.

    Text-to-text search over a captioner's texts gains.

    **Example**: `trsllava train calibration --images images --captions captions.jsonl -o calibration.npz`
    """
    from eval.datasets.captioned import read_captioned
    from eval.pictures import picture_vectors
    from eval.proxy import machine_task, nearest_captions, proxy_task
    from trsllava.cli.progress import shown_progress
    from trsllava.encoders import shipped
    from trsllava.encoders.nano import NanoEncoder
    from trsllava.training.calibrating import (
        CalibrationPlan,
        captioned_views,
        train_calibration,
        validate_calibration,
    )
    from trsllava.training.export import save_calibration

    seeing = NanoEncoder("nano", nano or shipped.present(shipped.NANO), views=1)
    learning, validation = (read_captioned(captions, split) for split in ("train", "val"))
    with shown_progress() as progress:
        seen, held_out = (
            picture_vectors(seeing, images, [image.image for image in split], progress)
            for split in (learning, validation)
        )
        views = captioned_views(learning, seen, seeing.encode_texts)
        learnt = train_calibration(views, seeing.text_encoder, CalibrationPlan(seed=seed), progress)
    save_calibration(learnt, output)
    nearest = nearest_captions(held_out, seeing.encode_texts(views.texts))
    for what, task in (
        ("nearest training captions", machine_task(validation, views.texts, nearest)),
        ("people's first captions", proxy_task(validation)),
    ):
        before, after = validate_calibration(learnt, task, seeing.text_encoder)
        print(f"Validation, documents {what}: mR {before.mR:.2f} plain, {after.mR:.2f} calibrated")
    print(f"Weights in {output}")
