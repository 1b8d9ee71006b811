"""What the layers that no longer learn make of pictures: computed once, kept on disk, and learnt from there."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from indexer.progress import Progress, no_progress
from trsllava.models.features import Features, ImageTextNetwork, LayeredNetwork
from trsllava.training.augment import Augmentation, random_views
from trsllava.training.data import Pixels
from trsllava.training.validation import resized

_BATCH = 32
_LEAST_CROP = 0.75
"""Side of the smallest crop of a grid, relative to the grid's."""
_SMALLEST = 16
"""Cells a side below which a grid is not cropped."""


@dataclass(frozen=True)
class FrozenViews:
    """Grids of n pictures in v views each."""

    grids: NDArray[np.float16]
    """`(n, v, c, h, w)`, on disk."""
    layers: int
    """Layers of the trunk that made them."""

    def draw(self, chosen: list[int], generator: torch.Generator) -> Tensor:
        """One view of each chosen picture, all cropped to one size: `(b, c, h', w')` float32."""
        views = torch.randint(0, self.grids.shape[1], (len(chosen),), generator=generator).tolist()
        grids = torch.from_numpy(self.grids[chosen, views]).float()
        side = grids.shape[-1]
        if side >= _SMALLEST:
            least = round(_LEAST_CROP * side)
            cropped = int(torch.randint(least, side + 1, (), generator=generator))
            top, left = (int(torch.randint(0, side - cropped + 1, (), generator=generator)) for _ in range(2))
            grids = grids[:, :, top : top + cropped, left : left + cropped]
        return grids

    def shortened(self, channels: int) -> FrozenViews:
        """The first channels alone."""
        return FrozenViews(self.grids[:, :, :channels], self.layers)

    def finish(self, network: ImageTextNetwork, grids: Tensor) -> Features:
        """What the layers that learn make of grids."""
        assert isinstance(network, LayeredNetwork)
        return network.after(self.layers, grids)

    def features(self, network: ImageTextNetwork) -> list[Features]:
        """What the rest of the network sees in each picture's first view, batch by batch, without gradients; where
        the network lives."""
        network.eval()
        device = next(network.parameters()).device
        with torch.inference_mode():
            return [
                self.finish(
                    network, torch.from_numpy(self.grids[start : start + _BATCH, 0].astype(np.float32)).to(device)
                )
                for start in range(0, len(self.grids), _BATCH)
            ]


def freeze_views(
    network: LayeredNetwork,
    layers: int,
    pixels: Pixels,
    path: Path,
    views: int,
    view: Callable[[Tensor], Tensor],
    stage: str = "look at pictures",
    progress: Progress = no_progress,
) -> FrozenViews:
    """Grids of pictures `(n, 3, side, side)` uint8 after the first `layers`; `path` (`.npy`) is read where it exists.

    Args:
        views: how often `view` is asked for another view of each picture.
        view: pictures `(b, 3, side, side)` uint8 to views `(b, 3, s, s)` float32 in 0…1.
        stage: what `progress` is told that this is.
    """
    if not path.exists():
        draft = path.with_suffix(".part")
        _compute(network, layers, pixels, draft, views, view, partial(progress, stage))
        os.replace(draft, path)
    return FrozenViews(np.load(path, mmap_mode="r"), layers)


def _compute(
    network: LayeredNetwork,
    layers: int,
    pixels: Pixels,
    path: Path,
    views: int,
    view: Callable[[Tensor], Tensor],
    progress: Callable[[int, int], None],
) -> None:
    network.eval()
    grids: np.memmap[Any, np.dtype[np.float16]] | None = None
    with torch.inference_mode():
        for start in range(0, len(pixels), _BATCH):
            batch = torch.from_numpy(pixels[start : start + _BATCH])
            seen = [
                network.up_to(layers, view(batch).contiguous(memory_format=torch.channels_last)) for _ in range(views)
            ]
            made = torch.stack(seen, dim=1).half().numpy()
            if grids is None:
                shape = (len(pixels), *made.shape[1:])
                grids = np.lib.format.open_memmap(path, mode="w+", dtype=np.float16, shape=shape)
            grids[start : start + len(made)] = made
            progress(start + len(made), len(pixels))
    if grids is not None:
        grids.flush()


def random_view(how: Augmentation, seed: int) -> Callable[[Tensor], Tensor]:
    """Another changed view at every call, the same ones for the same seed."""
    generator = torch.Generator().manual_seed(seed)
    return lambda pictures: random_views(pictures, how, generator)


def whole_view(size: int) -> Callable[[Tensor], Tensor]:
    """The picture as inference sees it."""
    return lambda pictures: resized(pictures, size)
