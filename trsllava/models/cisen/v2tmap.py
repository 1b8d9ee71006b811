"""V2TMap: the global feature of a picture made more like that of its text."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

_NARROWED = 4
"""How much narrower the bottleneck is, as in CLIP-Adapter (Gao et al., IJCV 2024)."""


class V2TMap(nn.Module):
    """An adapter of two linear layers, and the residual ratio that mixes it with what the backbone knew.

        o'_v5 = F_adp(o_v5)                                                                            (18)
        o_v = alpha o'_v5 + (1 - alpha) o_v5                                                           (19)

    F_adp is a bottleneck with ReLU between its layers, and none behind them: a feature may be negative.
    """

    def __init__(self, dim: int, alpha: float) -> None:
        """`alpha`: 0…1; 0 leaves the backbone's feature as it is."""
        super().__init__()
        self.narrow, self.widen = nn.Linear(dim, dim // _NARROWED), nn.Linear(dim // _NARROWED, dim)
        self.alpha = alpha

    def forward(self, image: Tensor) -> Tensor:
        """o_v5 `(b, d)` to o_v `(b, d)`."""
        adapted = self.widen(functional.relu(self.narrow(image)))
        mixed: Tensor = self.alpha * adapted + (1 - self.alpha) * image
        return mixed
