"""CISEN trained in stages: the backbone's way into the space of texts where it has none, V2TMap, then HFE."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import torch
from torch import Tensor

from indexer.progress import Progress, no_progress
from trsllava.encoders.text import load_text_encoder
from trsllava.errors import EncoderError, InputError, Parameter
from trsllava.models.cisen.checkpoint import load_cisen, save_cisen
from trsllava.models.cisen.conv_trunk import NanoBackbone
from trsllava.models.cisen.levels import CisenBackbone
from trsllava.models.cisen.long_texts import PAPER_LENGTH
from trsllava.models.cisen.network import Cisen, CisenConfig, Part, grown
from trsllava.models.cisen.vit_levels import ClipBackbone
from trsllava.models.clip import Clip
from trsllava.models.efficientnet_lite import LITE
from trsllava.models.nano import Nano, load_nano
from trsllava.training.augment import Augmentation
from trsllava.training.backbones import Backbone, clip_backbone
from trsllava.training.checkpoint import RunState, check_run_folder
from trsllava.training.data import CaptionedSet, load_split
from trsllava.training.devices import check_device
from trsllava.training.objectives.total import Weights
from trsllava.training.plan import TrainingPlan
from trsllava.training.staged import pretrained_trunk
from trsllava.training.trainer import EpochReport, SeenViews, freeze, not_reported, train

USUAL = "v2tmap=12,hfe=12"
USUAL_OVER_A_TRUNK = f"align=12,{USUAL}"
_PARTS: tuple[Part, ...] = ("align", "v2tmap", "hfe")
_CONTRAST = Weights(itc=1.0, id=0.0, irr=0.0)


@dataclass(frozen=True)
class Stage:
    """What learns, and for how long; all else is frozen."""

    part: Part
    epochs: int


def parse_stages(text: str) -> tuple[Stage, ...]:
    """`v2tmap=12,hfe=12`: what learns, with its epochs, in the order of the network. Raises InputError."""
    stages = []
    for given in text.split(","):
        name, _, epochs = given.strip().partition("=")
        part = next((part for part in _PARTS if part == name), None)
        if part is None or not epochs.isdecimal() or int(epochs) < 1:
            raise InputError(
                f"Stage {given.strip()!r} is not understood: give align, v2tmap or hfe with its epochs, as in {USUAL}."
            )
        stages.append(Stage(part, int(epochs)))
    order = [_PARTS.index(stage.part) for stage in stages]
    if order != sorted(set(order)):
        raise InputError(f"CISEN's stages follow each other as {', '.join(_PARTS)}, each at most once, as in {USUAL}.")
    return tuple(stages)


def stage_plan(stage: Stage, backbone: CisenBackbone, size: int, seed: int) -> TrainingPlan:
    """What a stage is trained by: the contrastive loss alone (eq. 25) over two views of each picture, which the trunk
    sees once.

    A CLIP by the paper's rate, one caption a picture. nano by its own rate, with two captions a picture, and
    paraphrases share the target.
    """
    usual = TrainingPlan(
        epochs=stage.epochs,
        batch=128,
        rate=1e-3,
        weights=_CONTRAST,
        augmentation=Augmentation(size=size, area=(0.5, 1.0), tilt=15.0, colour=0.25, cutout=0.15, blend=0.0),
        eval_size=size,
        seed=seed,
        captions=2,
        affinity_temperature=0.05,
        frozen=1,
        views=2,
    )
    if isinstance(backbone, NanoBackbone):
        return usual
    return replace(usual, rate=1e-4, captions=1, affinity_temperature=0.0)


def train_stage(
    network: Cisen,
    stage: Stage,
    training: CaptionedSet,
    validation: CaptionedSet,
    plan: TrainingPlan,
    folder: Path,
    seen: Callable[[], SeenViews],
    *,
    name: str,
    text_encoder: str,
    device: str = "cpu",
    each_epoch: EpochReport = not_reported,
    each_step: Progress = no_progress,
) -> RunState:
    """Train one part of a network; `folder` gets what `trainer.train` leaves, with the best network in `best/`.

    `seen`: asked for what the trunk makes of the pictures. Raises InputError where `folder` holds another run.
    """
    network.learn(stage.part)
    backbone = Backbone(
        f"{name}, {network.config}",
        network,
        _text_inputs(network.backbone, training, validation),
        network.config.size,
        partial(save_cisen, text_encoder=text_encoder),
    )
    return train(
        backbone, training, validation, plan, folder, seen=lambda: needed_of(seen(), network), device=device,
        each_epoch=each_epoch, each_step=each_step,
    )  # fmt: skip


def needed_of(seen: SeenViews, network: Cisen) -> SeenViews:
    """The part of what the trunk sees that a network looks at: without HFE its pooled output is enough."""
    if network.hfe is not None:
        return seen
    pooled = network.layout.pooled
    return SeenViews(seen.training.shortened(pooled), seen.validation.shortened(pooled))


def stage_network(before: Cisen, part: Part, alpha: float, beta: float, seed: int) -> Cisen:
    """The network before a stage with what the stage teaches; torch's global seed is set, and decides new weights."""
    torch.manual_seed(seed)
    if part == "align":
        return before
    if part == "v2tmap":
        return grown(before, replace(before.config, v2tmap=True, alpha=alpha))
    return grown(before, replace(before.config, hfe=True, beta=beta))


def train_cisen(
    images: Path,
    captions: Path,
    output: Path,
    *,
    encoder: str,
    backbone: str,
    stages: str | None = None,
    alpha: float | None = None,
    beta: float | None = None,
    size: int | None = None,
    text_length: int | None = None,
    batch: int | None = None,
    rate: float | None = None,
    device: str = "cpu",
    seed: int = 0,
    each_epoch: EpochReport = not_reported,
    progress: Progress = no_progress,
) -> RunState:
    """Train CISEN over a backbone, stage after stage, each in a folder of its own below `output`, which ends with the
    last one's `best/`. The same call goes on where it was stopped.

    `encoder`: the frozen text encoder of nano. `backbone`: one of `efficientnet_lite.LITE`, the folder of a finished
    `train diaret` run of nano, or a transformers CLIP. `alpha`: residual ratio of eq. 19. `beta`: share of
    HFE's feature in the embedding. `size`: side in pixels.
    `text_length`: tokens that a CLIP reads of a text; the paper's 328 where left out. Raises InputError for settings
    that do not go with the backbone, CaptionFileError, EncoderError.
    """
    check_device(device)
    check_run_folder(output)
    text_encoder = load_text_encoder(encoder)
    torch.manual_seed(seed)
    own = cisen_backbone(backbone, text_encoder.dim, text_length)
    new = backbone in LITE
    planned = parse_stages(stages or (USUAL_OVER_A_TRUNK if new else USUAL))
    _check_stages(planned, new)
    _check_ratio("alpha", alpha, "v2tmap", planned)
    _check_ratio("beta", beta, "hfe", planned)
    network = Cisen(own, CisenConfig(size=size or own.size))
    shown = network.config.size
    training, validation = (
        load_split(images, captions, split, text_encoder, round(shown * 1.4), progress) for split in ("train", "val")
    )
    plans = [_changed(stage_plan(stage, own, shown, seed), batch, rate) for stage in planned]
    output.mkdir(parents=True, exist_ok=True)
    seen = cache(partial(freeze, network, training, validation, plans[0], output, progress))
    ended = RunState()
    for place, (stage, plan) in enumerate(zip(planned, plans, strict=True), 1):
        folder = output / f"{place}-{stage.part}"
        network = stage_network(
            network,
            stage.part,
            CisenConfig.alpha if alpha is None else alpha,
            CisenConfig.beta if beta is None else beta,
            seed,
        )
        ended = train_stage(
            network, stage, training, validation, plan, folder, seen,
            name=f"CISEN over {backbone}", text_encoder=encoder, device=device, each_epoch=each_epoch,
            each_step=progress,
        )  # fmt: skip
        network = load_cisen(folder / "best")
    shutil.copytree(folder / "best", output / "best", dirs_exist_ok=True)
    for views in output.glob("*views*.npy"):
        views.unlink()  # gigabytes, and made again from the seed
    return ended


def cisen_backbone(name: str, text_dim: int, text_length: int | None) -> CisenBackbone:
    """What a name means as CISEN's backbone. Raises EncoderError, and InputError where a text length is given for
    nano."""
    folder = Path(name).expanduser() / "best"
    if name in LITE or (folder / "weights.pt").exists():
        if text_length is not None:
            raise InputError(
                Parameter("text_length"),
                " is for a transformers CLIP: nano's texts are read by a frozen text encoder.",
            )
        return NanoBackbone(_new_nano(name, text_dim) if name in LITE else _finished_nano(folder, text_dim))
    chosen = clip_backbone(name).network
    assert isinstance(chosen, Clip)
    return ClipBackbone(chosen, text_length or PAPER_LENGTH)


def _text_inputs(backbone: CisenBackbone, *splits: CaptionedSet) -> Callable[[Sequence[str]], Tensor]:
    """A CLIP's tokens, or the vectors that the sets hold of their texts."""
    if isinstance(backbone, ClipBackbone):
        return backbone.network.tokenize
    vectors = {split.texts: split.vectors for split in splits}
    return lambda texts: torch.from_numpy(vectors[tuple(texts)])


def _changed(plan: TrainingPlan, batch: int | None, rate: float | None) -> TrainingPlan:
    return replace(plan, batch=batch or plan.batch, rate=rate or plan.rate)


def _new_nano(name: str, text_dim: int) -> Nano:
    """nano over ImageNet weights, with a new head."""
    shape, trunk = pretrained_trunk(name, text_dim)
    return Nano(shape, trunk)


def _finished_nano(folder: Path, text_dim: int) -> Nano:
    try:
        network = load_nano(folder)
    except (OSError, KeyError, TypeError, RuntimeError) as error:
        raise EncoderError(f"{folder} does not hold a nano that this version reads. Train it again.") from error
    if network.dim != text_dim:
        raise InputError(f"{folder.parent} was trained with another text encoder. Name it with ",
                         Parameter("encoder"), ".")  # fmt: skip
    return network


def _check_stages(stages: tuple[Stage, ...], new: bool) -> None:
    """Raises InputError where stages do not go with the backbone."""
    parts = [stage.part for stage in stages]
    if new and parts[0] != "align":
        raise InputError(f"The trunk knows no texts yet: its first stage is align, as in {USUAL_OVER_A_TRUNK}.")
    if not new and "align" in parts:
        raise InputError("The backbone is aligned with texts already, and stays as it is: leave out the stage align.")


def _check_ratio(name: str, ratio: float | None, part: Part, stages: tuple[Stage, ...]) -> None:
    """Raises InputError where a ratio is none, or no stage teaches the part that it is for."""
    if ratio is None:
        return
    if not any(stage.part == part for stage in stages):
        raise InputError(Parameter(name), f" is for the stage {part}, which is not among the stages.")
    if not 0 <= ratio <= 1:
        raise InputError(Parameter(name), f" is between 0 and 1, not {ratio:g}.")
