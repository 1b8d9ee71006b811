"""nano: a compact image-text network for overhead pictures.

A trunk sees the picture once: EfficientNet-Lite with ImageNet weights, any transformers image backbone, or a residual
network (He et al., CVPR 2016, basic blocks) that begins from nothing. The embedding lives in the space of a frozen
text encoder, behind a learnt calibration of the text vectors. Needs torch.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from trsllava.models.calibration import Calibration
from trsllava.models.efficientnet_lite import LITE, WIDTH, efficientnet_lite
from trsllava.models.features import Features, LayeredNetwork
from trsllava.models.vision_trunk import new_vision_trunk, vision_width


@dataclass(frozen=True)
class NanoConfig:
    """What fixes the shape of the network; kept beside its weights."""

    text_dim: int = 384
    """Length of the frozen text encoder's vectors, and of the embedding."""
    trunk: str = "residual"
    """`residual`, whose widths, depths and strides follow; one of `efficientnet_lite.LITE`; or `transformers`."""
    vision: str = ""
    """Of `transformers`: the backbone's config in JSON."""
    widths: tuple[int, ...] = (64, 128, 256, 384)
    depths: tuple[int, ...] = (1, 2, 2, 1)
    strides: tuple[int, ...] = (1, 2, 2, 1)
    drop_path: float = 0.05
    """Chance that the last block is skipped while training; earlier blocks less, in proportion to their depth."""
    dropout: float = 0.2
    hidden: int = 0
    """Units between pooled features and embedding, beside the straight way; 0: the straight way alone."""

    @property
    def usual_size(self) -> int:
        """Side in pixels at which pictures are seen, where nothing else is asked for."""
        return 128 if self.trunk == "residual" else 224


class BasicBlock(nn.Module):
    """Two 3x3 convolutions around a shortcut, dropped at random as a whole (Huang et al., ECCV 2016)."""

    def __init__(self, width_in: int, width: int, stride: int, drop: float) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width_in, width, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(width)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or width_in != width:
            shrink = nn.AvgPool2d(stride, ceil_mode=True) if stride != 1 else nn.Identity()
            self.shortcut = nn.Sequential(shrink, nn.Conv2d(width_in, width, 1, bias=False), nn.BatchNorm2d(width))
        self.drop = drop

    def forward(self, x: Tensor) -> Tensor:
        """`(b, width_in, h, w)` to `(b, width, h / stride, w / stride)`."""
        branch = self.norm2(self.conv2(functional.relu(self.norm1(self.conv1(x)))))
        if self.training and self.drop > 0:
            keep = torch.rand(len(x), 1, 1, 1) >= self.drop
            branch = branch * keep.to(branch) / (1 - self.drop)
        return functional.relu(self.shortcut(x) + branch)


class Centred(nn.Module):
    """Pixels about zero."""

    def forward(self, pixels: Tensor) -> Tensor:
        """`(b, 3, h, w)` in 0…1 to the same shape, with a mean near 0 and a spread near 1."""
        return (pixels - 0.4) / 0.2


def residual_trunk(config: NanoConfig) -> nn.Sequential:
    """A new stem with blocks: `(b, 3, h, w)` float32 in 0…1 to `(b, widths[-1], h / 16, w / 16)`, strides as usual."""
    first = config.widths[0]
    stem = nn.Sequential(
        Centred(),
        nn.Conv2d(3, first // 2, 3, 2, 1, bias=False),
        nn.BatchNorm2d(first // 2),
        nn.ReLU(inplace=True),
        nn.Conv2d(first // 2, first, 3, 2, 1, bias=False),
        nn.BatchNorm2d(first),
        nn.ReLU(inplace=True),
    )
    blocks: list[nn.Module] = []
    width_in, total = first, sum(config.depths)
    for width, depth, stride in zip(config.widths, config.depths, config.strides, strict=True):
        for place in range(depth):
            drop = config.drop_path * (len(blocks) + 1) / total
            blocks.append(BasicBlock(width_in, width, stride if place == 0 else 1, drop))
            width_in = width
    return nn.Sequential(stem, *blocks)


class Nano(LayeredNetwork):
    """Trunk, embedding, and what bends frozen text vectors into its space."""

    def __init__(self, config: NanoConfig, trunk: nn.Sequential | None = None) -> None:
        """`trunk`: one of the kind that `config` names, with its weights; a new one where left out."""
        super().__init__()
        self.config = config
        self.trunk = trunk or _new_trunk(config)
        width = _trunk_width(config)
        self.dim, self.local_width, self.pooled_width = config.text_dim, width, 2 * width
        self.pooled_norm = nn.BatchNorm1d(2 * width)
        self.dropout = nn.Dropout(config.dropout)
        self.embed = nn.Linear(2 * width, config.text_dim)
        self.bend = _bend(2 * width, config) if config.hidden else None
        self.text = Calibration(config.text_dim)
        self.log_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))

    def forward(self, pixels: Tensor) -> Features:
        """`pixels`: `(b, 3, h, w)` float32 in 0…1."""
        return self.after(0, pixels)

    def first(self, layers: int) -> nn.Module:
        """The trunk's first `layers`."""
        return self.trunk[:layers]

    def up_to(self, layers: int, pixels: Tensor) -> Tensor:
        """What the trunk's first `layers` make of pixels `(b, 3, h, w)` float32 in 0…1: `(b, c, h', w')`."""
        grid: Tensor = self.trunk[:layers](pixels)
        return grid

    def after(self, layers: int, grid: Tensor) -> Features:
        """The rest, from what `up_to` gave."""
        grid = self.trunk[layers:](grid)
        pooled = self.dropout(self.pooled_norm(mean_and_highest(grid)))
        embedding = functional.normalize(self._read(pooled).float(), dim=-1)
        return Features(embedding, pooled, grid.flatten(2).transpose(1, 2))

    def read(self, pooled: Tensor) -> Tensor:
        """The embedding `(b, d)`, not normalised, of what `mean_and_highest` made of the trunk's grid."""
        return self._read(self.dropout(self.pooled_norm(pooled)))

    def _read(self, pooled: Tensor) -> Tensor:
        straight: Tensor = self.embed(pooled)
        return straight if self.bend is None else straight + self.bend(pooled)

    def encode_texts(self, vectors: Tensor) -> Tensor:
        """Frozen text vectors `(n, text_dim)` into the embedding's space, L2-normalised."""
        bent: Tensor = self.text(vectors)
        return bent


def mean_and_highest(grid: Tensor) -> Tensor:
    """Of each channel over a grid `(b, c, h, w)`: `(b, 2c)`."""
    return torch.cat([grid.mean((2, 3)), grid.amax((2, 3))], dim=1)


def _new_trunk(config: NanoConfig) -> nn.Sequential:
    if config.trunk in LITE:
        return efficientnet_lite(config.trunk, config.drop_path)
    return new_vision_trunk(config.vision) if config.trunk == "transformers" else residual_trunk(config)


def _bend(width: int, config: NanoConfig) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(width, config.hidden),
        nn.ReLU(),
        nn.Dropout(config.dropout),
        nn.Linear(config.hidden, config.text_dim),
    )


def _trunk_width(config: NanoConfig) -> int:
    if config.trunk in LITE:
        return WIDTH
    return vision_width(config.vision) if config.trunk == "transformers" else config.widths[-1]


def save_nano(network: Nano, folder: Path) -> None:
    """Write `config.json` and `weights.pt` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"network": "nano", **asdict(network.config)}), encoding="utf-8")
    torch.save(network.state_dict(), folder / "weights.pt")


def load_nano(folder: Path) -> Nano:
    """Read what `save_nano` wrote, ready for inference. Raises OSError, and KeyError or TypeError for another file."""
    settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    settings.pop("network")
    shape: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in settings.items()}
    network = Nano(NanoConfig(**shape))
    network.load_state_dict(torch.load(folder / "weights.pt", weights_only=True, map_location="cpu"))
    return network.eval()
