"""Random views of overhead pictures, a whole batch at once."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

_BLANK = 0.4
"""What nothing looks like: about the mean of overhead pictures."""
_GREY = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)


@dataclass(frozen=True)
class Augmentation:
    """How far views go from the picture."""

    size: int = 112
    """Side of a view in pixels."""
    area: tuple[float, float] = (0.45, 1.0)
    """Share of the picture that a view covers."""
    aspect: float = 1.2
    """Largest ratio of a crop's sides."""
    tilt: float = 15.0
    """Degrees beside the quarter-turns."""
    colour: float = 0.3
    """Largest relative change of brightness, contrast and saturation; a third of it for each channel by itself."""
    grey: float = 0.05
    """Share of views without colour."""
    cutout: float = 0.3
    """Share of views with a square blanked out."""
    blend: float = 0.5
    """Share of batches in which pictures are blended with others: mixup or a pasted rectangle (CutMix) by turns."""


@dataclass(frozen=True)
class Blend:
    """Picture i is `share` of itself and the rest of picture `partner[i]`."""

    partner: Tensor
    share: float

    def of(self, targets: Tensor) -> Tensor:
        """Targets `(b, …)` of the blended pictures."""
        return self.share * targets + (1 - self.share) * targets[self.partner]


def random_views(pictures: Tensor, how: Augmentation, generator: torch.Generator) -> Tensor:
    """One view each: crop, flip, quarter-turn and tilt in one bilinear sampling, then colour and cutout.

    Args:
        pictures: `(b, 3, h, w)` uint8.

    Returns:
        `(b, 3, size, size)` float32 in 0…1.
    """
    n = len(pictures)
    affine = _random_affine(n, how, generator).to(pictures.device)
    grid = functional.affine_grid(affine, [n, 3, how.size, how.size], align_corners=False)
    views = functional.grid_sample(
        pictures.float() / 255, grid, mode="bilinear", padding_mode="reflection", align_corners=False
    )
    return _blank_squares(_recolour(views, how, generator), how, generator)


def blend_views(views: Tensor, how: Augmentation, generator: torch.Generator) -> tuple[Tensor, Blend | None]:
    """Blend a batch with a permutation of itself, or leave it: mixup (Zhang et al., ICLR 2018) or CutMix (Yun et al.,
    ICCV 2019), each for half the blended batches."""
    if torch.rand((), generator=generator) >= how.blend:
        return views, None
    partner = torch.randperm(len(views), generator=generator)
    share = float(torch.rand((), generator=generator)) * 0.5 + 0.5
    if torch.rand((), generator=generator) < 0.5:
        return share * views + (1 - share) * views[partner], Blend(partner, share)
    size = views.shape[-1]
    side = round(size * math.sqrt(1 - share))
    top, left = (int(torch.randint(0, size - side + 1, (), generator=generator)) for _ in range(2))
    pasted = views.clone()
    rows, cols = slice(top, top + side), slice(left, left + side)
    pasted[:, :, rows, cols] = views[partner][:, :, rows, cols]
    return pasted, Blend(partner, 1 - side**2 / size**2)


def symmetries(pictures: Tensor) -> list[Tensor]:
    """The eight flips and quarter-turns of square pictures `(b, c, s, s)`: overhead pictures have no upside."""
    turned = [torch.rot90(pictures, turns, (2, 3)) for turns in range(4)]
    return [*turned, *(picture.flip(3) for picture in turned)]


def _random_affine(n: int, how: Augmentation, generator: torch.Generator) -> Tensor:
    """Maps of output to input coordinates, `(n, 2, 3)`."""

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(n, generator=generator)

    quarter = torch.randint(0, 4, (n,), generator=generator) * (math.pi / 2)
    angle = quarter + torch.deg2rad(uniform(-how.tilt, how.tilt))
    flip = torch.randint(0, 2, (n,), generator=generator) * 2.0 - 1
    side = uniform(*how.area).sqrt()
    stretch = (math.log(how.aspect) / 2 * uniform(-1, 1)).exp()
    width, height = (side * stretch).clamp(max=1), (side / stretch).clamp(max=1)
    cos, sin = angle.cos(), angle.sin()
    linear = torch.stack(
        [torch.stack([cos * width * flip, -sin * height], 1), torch.stack([sin * width * flip, cos * height], 1)], 1
    )
    shift = torch.stack([uniform(-1, 1) * (1 - width), uniform(-1, 1) * (1 - height)], 1)
    return torch.cat([linear, shift[:, :, None]], 2)


def _recolour(views: Tensor, how: Augmentation, generator: torch.Generator) -> Tensor:
    def factor(strength: float, channels: int = 1) -> Tensor:
        drawn = 1 + strength * (2 * torch.rand(len(views), channels, 1, 1, generator=generator) - 1)
        return drawn.to(views.device)

    grey = (views * _GREY.to(views.device)).sum(1, keepdim=True)
    coloured = torch.rand(len(views), 1, 1, 1, generator=generator) >= how.grey
    views = torch.lerp(grey, views, factor(how.colour) * coloured.to(views.device))
    centre = views.mean((1, 2, 3), keepdim=True)
    gain = factor(how.colour) * factor(how.colour / 3, 3)
    return ((centre + (views - centre) * factor(how.colour)) * gain).clamp_(0, 1)


def _blank_squares(views: Tensor, how: Augmentation, generator: torch.Generator) -> Tensor:
    n, _, size, _ = views.shape
    chosen = torch.rand(n, generator=generator) < how.cutout
    side = (torch.rand(n, generator=generator) * 0.25 + 0.15) * size * chosen
    centre = torch.rand(n, 2, generator=generator) * size
    along = torch.arange(size)
    inside = (along[None, None] - centre[:, :, None]).abs() < side[:, None, None] / 2
    hole = inside[:, 0, :, None] & inside[:, 1, None, :]
    return views.masked_fill_(hole[:, None].to(views.device), _BLANK)
