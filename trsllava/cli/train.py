"""`trsllava train`: networks of one's own."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from trsllava.cli.options import Device, Encoder

_LOSSES = ("itc", "id", "irr", "scene", "presence")

Images = Annotated[Path, typer.Option("--images", help="Folder that image paths are relative to.")]
Captions = Annotated[
    Path,
    typer.Option(
        "--captions", help='JSON lines: {"image", "split": train|val, "scene", "captions": […]}, or as for `eval`.'
    ),
]
Threads = Annotated[int | None, typer.Option("--threads", min=1, help="CPU threads.  [default: torch's]")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Of first weights, and of the order and views of pictures.")]
_SLOWEST, _FASTEST = 1e-8, 1.0
"""Learning rates."""
NanoRun = Annotated[Path, typer.Argument(help="The --output of a finished `train diaret` run of nano.")]


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
    images: Images,
    captions: Captions,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the run; the same command resumes it.")],
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
            "--stages",
            help="With pretrained weights: what is trained, and for how many epochs.  "
            "[default: head=8,late=12,head=16]",
        ),
    ] = None,
    epochs: Annotated[int | None, typer.Option("--epochs", min=1, help="[default: nano 48, CLIP 20]")] = None,
    batch: Annotated[int | None, typer.Option("--batch", min=2, help="[default: nano 128, CLIP 64]")] = None,
    rate: Annotated[
        float | None, typer.Option("--rate", min=_SLOWEST, max=_FASTEST, help="Peak learning rate.")
    ] = None,
    size: Annotated[
        int | None, typer.Option("--size", min=16, help="Pixels. [default: nano 112, CLIP its own]")
    ] = None,
    objectives: Annotated[
        str | None, typer.Option("--objectives", help="Weights, as in itc=1,id=1,irr=1,scene=0.5,presence=10.")
    ] = None,
    identity: Annotated[
        _Identity, typer.Option("--identity", help="Classes of the identity objective.")
    ] = _Identity.image,
    keywords: Annotated[
        _Keywords, typer.Option("--keywords", help="Where masked keywords come from: the caption, or FAR's sentences.")
    ] = _Keywords.direct,
    levels: Annotated[
        str | None, typer.Option("--levels", help="Levels of keywords to mask: global,large,small,look.")
    ] = None,
    dialogues: Annotated[
        Path | None,
        typer.Option(
            "--dialogues",
            help="Dialogues of `trsllava dialogue generate`, whose keywords are masked in place of --keywords.",
        ),
    ] = None,
    patience: Annotated[
        int, typer.Option("--patience", min=0, help="Stop after this many epochs without improvement.")
    ] = 0,
    seed: Seed = 0,
    precision: Annotated[
        _Precision, typer.Option("--precision", help="auto: bf16 where it is faster.")
    ] = _Precision.auto,
    threads: Threads = None,
    encoder: Encoder = None,
    device: Device = None,
) -> None:
    """Train with DiaRet's objectives, and validate after each epoch.

    The same command resumes a stopped run. The folder then holds `best/` (the network), `history.json` and
    `curves.svg`.

    **Examples**

    `trsllava train diaret --images images --captions captions.jsonl -o runs/nano`

    `trsllava train diaret --images images --captions captions.jsonl -o runs/clip --backbone ./clip-vit-base-patch16`

    `trsllava train diaret --images images --captions captions.jsonl -o runs/far --dialogues dialogues.jsonl`
    """
    from trsllava.cli.progress import shown_progress
    from trsllava.encoders.weights import DEFAULT_MODEL

    _begin(images, threads)  # before torch and its friends are loaded
    from trsllava.training.diaret import train_diaret

    with shown_progress() as progress:
        result = train_diaret(
            images,
            captions,
            output,
            encoder=encoder or DEFAULT_MODEL,
            backbone=backbone,
            stages=stages,
            epochs=epochs,
            batch=batch,
            rate=rate,
            size=size,
            objectives=objectives,
            levels=levels,
            dialogues=dialogues,
            identity=identity.value,
            keywords=keywords.value,
            patience=patience,
            precision=precision.value,
            device=device or "cpu",
            seed=seed,
            each_epoch=_say,
            progress=progress,
        )
    print(f"Best: epoch {result.best_epoch}, validation mR {result.best:.2f}; kept in {output / 'best'}")


@app.command()
def cisen(
    images: Images,
    captions: Captions,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the run; the same command resumes it.")],
    backbone: Annotated[
        str,
        typer.Option(
            "--backbone",
            help="What stays frozen: efficientnet-lite0, -lite1 or -lite2 (nano's trunk), the --output of a finished "
            "`train diaret` run of nano, or a transformers CLIP: hub id or folder.",
        ),
    ] = "efficientnet-lite0",
    stages: Annotated[
        str | None,
        typer.Option(
            "--stages",
            help="What is trained, and for how many epochs; v2tmap or hfe may be left out.  "
            "[default: v2tmap=12,hfe=12, after align=12 over efficientnet]",
        ),
    ] = None,
    alpha: Annotated[
        float | None, typer.Option("--alpha", help="Residual ratio of V2TMap, 0 to 1.  [default: 0.9]")
    ] = None,
    beta: Annotated[
        float | None,
        typer.Option("--beta", help="Share of HFE's feature in the embedding; 1 is the paper's.  [default: 1]"),
    ] = None,
    size: Annotated[int | None, typer.Option("--size", min=32, help="Pixels.  [default: the backbone's own]")] = None,
    text_length: Annotated[
        int | None,
        typer.Option("--text-length", min=8, help="Tokens that a CLIP reads of a text.  [default: 328]"),
    ] = None,
    batch: Annotated[int | None, typer.Option("--batch", min=2, help="[default: 128]")] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            "--rate", min=_SLOWEST, max=_FASTEST, help="Peak learning rate.  [default: nano 0.001, CLIP 0.0001]"
        ),
    ] = None,
    seed: Seed = 0,
    threads: Threads = None,
    encoder: Encoder = None,
    device: Device = None,
) -> None:
    """Train CISEN, which enhances a frozen network's visual side, and validate after each epoch.

    The same command resumes a stopped run. `best/` in the folder is an image-text encoder (`--image-encoder`).

    **Examples**

    `trsllava train cisen --images images --captions captions.jsonl -o runs/cisen`

    `trsllava train cisen --images images --captions captions.jsonl -o runs/adapter --stages align=12,v2tmap=12`

    `trsllava train cisen --images images --captions captions.jsonl -o runs/clip --backbone ./clip-vit-base-patch16`
    """
    from trsllava.cli.progress import shown_progress
    from trsllava.encoders.weights import DEFAULT_MODEL

    _begin(images, threads)  # before torch and its friends are loaded
    from trsllava.training.cisen import train_cisen

    with shown_progress() as progress:
        result = train_cisen(
            images,
            captions,
            output,
            encoder=encoder or DEFAULT_MODEL,
            backbone=backbone,
            stages=stages,
            alpha=alpha,
            beta=beta,
            size=size,
            text_length=text_length,
            batch=batch,
            rate=rate,
            device=device or "cpu",
            seed=seed,
            each_epoch=_say,
            progress=progress,
        )
    print(f"Best: epoch {result.best_epoch}, validation mR {result.best:.2f}; kept in {output / 'best'}")


def _begin(images: Path, threads: int | None) -> None:
    """Raises InputError where there is no such folder of pictures."""
    from trsllava.errors import InputError, Parameter

    if not images.is_dir():
        raise InputError(
            f"{images} is not a folder; ",
            Parameter("images"),
            " takes the one that the caption file's paths start from.",
        )
    if threads:
        import torch

        torch.set_num_threads(threads)


def _say(line: dict[str, float]) -> None:
    losses = ", ".join(f"{name} {value:.3f}" for name, value in line.items() if name in _LOSSES)
    print(f"epoch {line['epoch']:.0f}: {losses}; validation mR {line['mR']:.2f}; {line['seconds']:.0f} s", flush=True)


@app.command()
def export(
    run: NanoRun,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the exported files.")],
    size: Annotated[
        int | None, typer.Option("--size", min=16, help="Pixels.  [default: 224 over pretrained weights, else 128]")
    ] = None,
    encoder: Encoder = None,
) -> None:
    """Export a trained nano to files that do not need torch: `nano.onnx`, `nano.json`, `texts.npz`.

    **Example**: `trsllava train export runs/nano -o nano`
    """
    from trsllava.encoders.weights import DEFAULT_MODEL
    from trsllava.training.export import export_nano

    export_nano(run, output, text_encoder=encoder or DEFAULT_MODEL, size=size)
    print(f"nano written to {output}")


@app.command()
def captioner(
    run: NanoRun,
    images: Images,
    captions: Captions,
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder of `train export`.")],
    size: Annotated[int | None, typer.Option("--size", min=16, help="Pixels, as given to `train export`.")] = None,
    epochs: Annotated[int, typer.Option("--epochs", min=1, help="Epochs to train the decoder for.")] = 10,
    seed: Seed = 0,
    threads: Threads = None,
) -> None:
    """Train a trained nano to write captions, and calibrate its confidence.

    **Example**: `trsllava train captioner runs/nano --images images --captions captions.jsonl -o nano`
    """
    from trsllava.cli.progress import shown_progress
    from trsllava.encoders.text import load_text_encoder
    from trsllava.encoders.weights import DEFAULT_MODEL
    from trsllava.training.captioner import train_captioner
    from trsllava.training.data import load_split
    from trsllava.training.decoder import DecoderPlan

    _begin(images, threads)
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
    images: Images,
    captions: Annotated[
        Path,
        typer.Option(
            "--captions", help='JSON lines: {"image", "split": train|val, "captions": […]}, or as for `eval`.'
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="File for the weights, .npz.")],
    nano: Annotated[
        Path | None,
        typer.Option(
            "--nano", help="Folder of `train export` to encode the pictures with.  [default: the bundled nano]"
        ),
    ] = None,
    seed: Seed = 0,
) -> None:
    """Calibrate the default text encoder so that human and machine captions of a picture lie close together.

    This improves text-to-text search over machine captions.

    **Example**: `trsllava train calibration --images images --captions captions.jsonl -o calibration.npz`
    """
    from trsllava.cli.output import check_folder_of
    from trsllava.cli.progress import shown_progress
    from trsllava.training.text_calibration import calibrate

    check_folder_of(output)
    with shown_progress() as progress:
        gains = calibrate(images, captions, output, nano, seed, progress)
    for gain in gains:
        print(f"Validation, documents {gain.documents}: mR {gain.before.mR:.2f} plain, {gain.after.mR:.2f} calibrated")
    print(f"Weights in {output}")


@app.command()
def relevance(
    images: Images,
    captions: Captions,
    output: Annotated[Path, typer.Option("--output", "-o", help="File for the weights, .npz.")],
    nano: Annotated[
        Path | None,
        typer.Option(
            "--nano", help="Folder of `train captioner` to encode the pictures with.  [default: the bundled nano]"
        ),
    ] = None,
) -> None:
    """Learn how likely a hit is to be right, from the split `val`, drawn scenes and nonsense queries.

    **Example**: `trsllava train relevance --images images --captions captions.jsonl -o relevance.npz`
    """
    from trsllava.cli.output import check_folder_of
    from trsllava.cli.progress import shown_progress
    from trsllava.training.relevance import learn_relevance

    check_folder_of(output)
    with shown_progress() as progress:
        learn_relevance(images, captions, nano, progress).save(output)
    print(f"Weights in {output}")


@app.command()
def presence(
    images: Images,
    captions: Captions,
    output: Annotated[Path, typer.Option("--output", "-o", help="File for the weights, .npz.")],
    nano: Annotated[
        Path | None,
        typer.Option(
            "--nano", help="Folder of `train captioner` to look at the pictures with.  [default: the bundled nano]"
        ),
    ] = None,
) -> None:
    """Learn to read off a picture's vector what nano sees in the picture, from the pictures of the split `val`.

    Dialogues ask about what is seen: no indexed picture need be looked at again.

    **Example**: `trsllava train presence --images images --captions captions.jsonl -o presence.npz`
    """
    from trsllava.cli.output import check_folder_of
    from trsllava.cli.progress import shown_progress
    from trsllava.training.presence import learn_presence

    check_folder_of(output)
    with shown_progress() as progress:
        learn_presence(images, captions, nano, progress).save(output)
    print(f"Weights in {output}")
