"""A transformers CLIP as a backbone of CISEN: a plain ViT brought to several levels (section 4.1 of the paper).

Source of the modules: Li et al., "Exploring Plain Vision Transformer Backbones for Object Detection", ECCV 2022.
"""

from __future__ import annotations

import math

from torch import Tensor, nn

from trsllava.errors import EncoderError
from trsllava.models.cisen.levels import CisenBackbone, Layout, Levels, Seen
from trsllava.models.cisen.long_texts import lengthen_texts
from trsllava.models.clip import Clip

_MODULES = 4
_LARGE_PATCH = 32
"""Pixels of a patch from which three finer modules give H/8, H/16 and H/32; below, it is the three coarser ones."""
_GROUPS = 32


class ClipBackbone(CisenBackbone):
    """The grids of three of the vision transformer's last four blocks, as its patches lie."""

    network: Clip

    def __init__(self, network: Clip, text_length: int | None = None) -> None:
        """`text_length`: tokens that it is to read of a text; its own number where left out. Raises EncoderError where
        the vision transformer has fewer than four blocks."""
        super().__init__()
        self.network, self.size = network, network.size
        self._lengthened = text_length is not None and lengthen_texts(network, text_length)
        vision = network.model.config.vision_config
        if vision.num_hidden_layers < _MODULES:
            raise EncoderError(
                f"CISEN reads the last four blocks of a CLIP's vision transformer, and this one has "
                f"{vision.num_hidden_layers}. Choose a larger CLIP."
            )
        self.first = 0 if vision.patch_size >= _LARGE_PATCH else 1
        """The first of the three modules, of four."""

    @property
    def trunk(self) -> nn.Module:
        """The vision transformer."""
        vision: nn.Module = self.network.model.vision_model
        return vision

    def see(self, pixels: Tensor) -> Seen:
        """`pixels`: `(b, 3, h, w)` float32 in 0…1, h = w."""
        vision = self.network.vision(pixels, every_block=True)
        blocks = vision.hidden_states[-_MODULES:][self.first : self.first + 3]
        return Seen(vision.pooler_output, tuple(_as_grid(tokens) for tokens in blocks))

    def embed(self, pooled: Tensor) -> Tensor:
        """o_v5 `(b, d)`, not normalised."""
        projected: Tensor = self.network.model.visual_projection(pooled)
        return projected

    def new_positions(self) -> tuple[nn.Module, ...]:
        """Those of texts, where they were interpolated just now."""
        return (self.network.model.text_model.embeddings.position_embedding,) if self._lengthened else ()

    def new_levels(self, layout: Layout) -> nn.Module:
        """Three of the four modules, in the width of the transformer."""
        return VitLevels(layout.grids[0][0], self.first)


class VitLevels(nn.Module):
    """Three of the four modules that change the resolution of a ViT's blocks."""

    def __init__(self, width: int, first: int) -> None:
        """`first`: 0 for the modules ×4, ×2 and ×1; 1 for ×2, ×1 and ÷2."""
        super().__init__()
        self.changes = nn.ModuleList(resolution_module(first + place, width) for place in range(3))

    def forward(self, grids: tuple[Tensor, ...]) -> Levels:
        """Grids `(b, width, h, w)` of three blocks, the earliest first."""
        return Levels(*(change(grid) for change, grid in zip(self.changes, grids, strict=True)))


def resolution_module(place: int, width: int) -> nn.Module:
    """The module behind one of the last four blocks; the width stays.

    0: upsampled by 4, by two transposed 2 × 2 convolutions of stride 2 with group normalisation and GELU between
    1: upsampled by 2, by one
    2: as it is
    3: downsampled by 2, by 2 × 2 max pooling of stride 2
    """
    if place == 0:
        between = nn.GroupNorm(math.gcd(_GROUPS, width), width)
        return nn.Sequential(_doubled(width), between, nn.GELU(), _doubled(width))
    if place == 1:
        return _doubled(width)
    return nn.Identity() if place == 2 else nn.MaxPool2d(2, 2)


def _doubled(width: int) -> nn.ConvTranspose2d:
    return nn.ConvTranspose2d(width, width, 2, 2)


def _as_grid(tokens: Tensor) -> Tensor:
    """Tokens `(b, 1 + h·w, width)` to `(b, width, h, w)`; the first stands for the whole picture."""
    side = math.isqrt(tokens.shape[1] - 1)
    return tokens[:, 1:].transpose(1, 2).reshape(len(tokens), -1, side, side)
