"""CISEN: a frozen image-text network, V2TMap on its global feature, and HFE on its local ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from trsllava.models.cisen.hfe import Hfe
from trsllava.models.cisen.levels import CisenBackbone, Layout, Levels, Seen, layout_of
from trsllava.models.cisen.v2tmap import V2TMap
from trsllava.models.features import Features, LayeredNetwork

Part = Literal["align", "v2tmap", "hfe"]
"""What learns in a stage: the backbone's own way into the space of texts, V2TMap, or HFE."""


@dataclass(frozen=True)
class CisenConfig:
    """What fixes the shape of the network beside its backbone; kept with its weights."""

    size: int
    """Side in pixels of the pictures it is made for."""
    v2tmap: bool = False
    """Whether an adapter stands on the global feature."""
    alpha: float = 0.9
    """Residual ratio of eq. 19; the paper's best."""
    hfe: bool = False
    """Whether local features are fused."""
    beta: float = 1.0
    """How much of the enhanced feature the embedding is made of, and how little of the global one; 1 is the paper's,
    where the enhanced one takes its place."""
    width: int = 32
    """Channels of the fused grids."""
    heads: int = 4
    """Of the attention that pools them; divides `width`."""


class Cisen(LayeredNetwork):
    """The parts that `config` names, over a backbone. With neither it is the backbone itself.

    The trunk is the one layer that can be computed beforehand: `up_to(1, …)` gives all that CISEN learns from.
    """

    def __init__(self, backbone: CisenBackbone, config: CisenConfig) -> None:
        super().__init__()
        self.backbone, self.config = backbone, config
        self.layout = layout_of(backbone, config.size)
        self.dim, self.log_scale = backbone.network.dim, backbone.network.log_scale
        self.v2tmap = V2TMap(self.dim, config.alpha) if config.v2tmap else None
        self.levels = backbone.new_levels(self.layout) if config.hfe else None
        self.hfe = None if self.levels is None else _new_hfe(self.levels, self.layout, self.dim, config)
        self.pooled_width = self.layout.pooled
        self.local_width = config.width if config.hfe else self.layout.grids[-1][0]
        self._learns: tuple[nn.Module, ...] = (self,)

    def forward(self, pixels: Tensor) -> Features:
        """`pixels`: `(b, 3, h, w)` float32 in 0…1, h = w."""
        return self._features(self.backbone.see(pixels))

    def up_to(self, layers: int, pixels: Tensor) -> Tensor:
        """Pixels `(b, 3, size, size)` in 0…1, as they are or, after the one layer, as the trunk sees them:
        `(b, length, 1, 1)`."""
        return self.layout.lay(self.backbone.see(pixels)) if layers else pixels

    def after(self, layers: int, grid: Tensor) -> Features:
        """The rest, from what `up_to` gave; without HFE the pooled output at its front is enough."""
        return self._features(self.layout.seen(grid)) if layers else self(grid)

    def first(self, layers: int) -> nn.Module:
        """The trunk, or nothing."""
        return self.backbone.trunk if layers else nn.Sequential()

    def encode_texts(self, inputs: Tensor) -> Tensor:
        """As the backbone does: `(n, …)` to `(n, d)` float32, L2-normalised."""
        return self.backbone.network.encode_texts(inputs)

    def learn(self, part: Part) -> None:
        """Let a part learn, and the temperature with it. All else stays: it gets no gradients, and its normalisation
        and dropout behave as in inference even while training.

        The first stage over a lengthened CLIP teaches its position embeddings as well (section 5.2.1).
        """
        self._learns = tuple(self._part(part))
        self.requires_grad_(False)
        for module in self._learns:
            module.requires_grad_(True)
        self.backbone.trunk.requires_grad_(False)
        self.log_scale.requires_grad_(True)

    def train(self, mode: bool = True) -> Self:
        """Put what learns into training mode, and all else, the trunk always, into that of inference."""
        super().train(False)
        self.training = mode
        for module in self._learns:
            if module is not self:
                module.train(mode)
        self.backbone.trunk.eval()
        return self

    def _part(self, part: Part) -> list[nn.Module]:
        if part == "align":
            return [self.backbone.network]
        if part == "v2tmap":
            assert self.v2tmap is not None
            return [self.v2tmap, *self.backbone.new_positions()]
        assert self.levels is not None
        assert self.hfe is not None
        return [self.levels, self.hfe, *self.backbone.new_positions()]

    def _features(self, seen: Seen) -> Features:
        own = self.backbone.embed(seen.pooled)
        image = own if self.v2tmap is None else self.v2tmap(own)
        local = seen.grids[-1].flatten(2).transpose(1, 2) if seen.grids else seen.pooled[:, None]
        if self.levels is not None and self.hfe is not None:
            enhanced, local = self.hfe(self.levels(seen.grids), image)
            beta = self.config.beta
            image = beta * _unit(enhanced) + (1 - beta) * _unit(image)
        return Features(_unit(image), seen.pooled, local)


def _unit(vectors: Tensor) -> Tensor:
    return functional.normalize(vectors.float(), dim=-1)


def _new_hfe(levels: nn.Module, layout: Layout, dim: int, config: CisenConfig) -> Hfe:
    """An HFE for what `levels` makes of grids of this layout, found by showing it empty ones."""
    levels.eval()
    with torch.no_grad():
        made: Levels = levels(tuple(torch.zeros(1, *shape) for shape in layout.grids))
    return Hfe(dim, [grid.shape[1] for grid in made], made.middle.shape[-1], config.width, config.heads)


def grown(network: Cisen, config: CisenConfig) -> Cisen:
    """The same backbone under the parts that `config` names: those that the network has already are taken over, others
    are new."""
    larger = Cisen(network.backbone, config)
    kept = {name: weight for name, weight in network.state_dict().items() if not name.startswith("backbone.")}
    larger.load_state_dict(kept, strict=False)
    return larger
