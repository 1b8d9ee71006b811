"""How sure nano may be: its read-outs fitted to what proved true of pictures that it was not trained on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from trsllava.captioners.nano.impression import Confidence
from trsllava.encoders.protocol import FloatArray
from trsllava.training.sights import Sights

_STEPS = 60
_DECAY = 0.02
"""Of the weights that tell places from nothing: there are more of them than kinds of nothing."""


def fit_confidence(validation: Sights, scene: Tensor, named: Tensor, somewhere: Tensor, nowhere: Tensor) -> Confidence:
    """Temperature of the scenes (Guo et al., ICML 2017), slope and offset of the things' presence (Platt, 1999), and a
    linear read-out of whether there is a place at all.

    Args:
        validation: pictures that the network was not trained on, as inference sees them.
        scene: `(n,)` int64, their scenes.
        named: `(n, t)` float32, 1 where any of a picture's captions names the thing, else 0.
        somewhere: `(m, p)` pooled features of pictures of places.
        nowhere: `(k, p)` pooled features of pictures of nothing.
    """
    log_temperature = _least([torch.zeros(())], lambda p: functional.cross_entropy(
        validation.scene.mean(1) / p[0].exp(), scene))[0]  # fmt: skip
    presence = validation.presence.mean(1)
    slope, offset = _least([torch.ones(()), torch.zeros(())], lambda p: functional.binary_cross_entropy_with_logits(
        presence * p[0] + p[1], named))  # fmt: skip
    weights, bias = fit_evidence(somewhere, nowhere)
    return Confidence(float(log_temperature.exp()), slope.numpy(), offset.numpy(), weights.numpy(), float(bias))


def fit_evidence(somewhere: Tensor, nowhere: Tensor) -> tuple[Tensor, Tensor]:
    """Weights `(p,)` and offset of a logistic regression; places and nothing weigh the same."""
    spread = somewhere.std(0) + 1e-3

    def loss(p: list[Tensor]) -> Tensor:
        here = functional.softplus(-(somewhere / spread @ p[0] + p[1])).mean()
        nothing = functional.softplus(nowhere / spread @ p[0] + p[1]).mean()
        return here + nothing + _DECAY * (p[0] ** 2).sum()

    weights, offset = _least([torch.zeros(somewhere.shape[1]), torch.zeros(())], loss)
    return weights / spread, offset


def calibration_error(chances: FloatArray, true: NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error, 0…1: mean distance of chances `(n,)` from the share of `true` `(n,)` beside them.

    Source: Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, eq. 3.
    """
    slot = np.minimum((chances * bins).astype(int), bins - 1)
    gaps = [
        abs(chances[slot == place].mean() - true[slot == place].mean()) * np.mean(slot == place)
        for place in range(bins)
        if (slot == place).any()
    ]
    return float(np.sum(gaps))


def _least(parameters: list[Tensor], loss: Callable[[list[Tensor]], Tensor]) -> list[Tensor]:
    """The parameters at which a convex loss is least."""
    free = [parameter.clone().requires_grad_() for parameter in parameters]
    search = torch.optim.LBFGS(free, max_iter=_STEPS, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        search.zero_grad()
        value = loss(free)
        value.backward()  # type: ignore[no-untyped-call]
        return value

    search.step(closure)  # type: ignore[no-untyped-call]
    return [parameter.detach() for parameter in free]
