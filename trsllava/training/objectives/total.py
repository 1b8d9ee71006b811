"""The sum of the objectives (DiaRet, eq. 10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor

from trsllava.errors import InputError, Parameter


@dataclass(frozen=True)
class Weights:
    """How much each objective counts; 0 leaves it out."""

    itc: float = 1.0
    id: float = 1.0
    irr: float = 1.0
    scene: float = 0.0
    presence: float = 0.0

    def __post_init__(self) -> None:
        if any(getattr(self, field.name) < 0 for field in fields(self)) or self.itc == 0:
            raise InputError(
                "Weights of objectives must be zero or more, and that of itc more than zero: "
                "without it nothing is retrieved."
            )


PAPER = Weights()
"""Equation 10: the three objectives alike."""
NANO = Weights(itc=1.0, id=0.0, irr=0.0, scene=0.5, presence=10.0)
"""What nano is trained with."""


def parse_weights(text: str, usual: Weights) -> Weights:
    """`itc=1,irr=0.5` with the usual weight of what is not named. Raises InputError."""
    names = [field.name for field in fields(Weights)]
    found: dict[str, float] = {}
    for part in text.split(","):
        name, _, value = part.partition("=")
        try:
            found[name.strip()] = float(value)
        except ValueError:
            raise InputError(Parameter("objectives"), f" {part!r} should look like irr=0.5.") from None
        if name.strip() not in names:
            raise InputError(Parameter("objectives"), f" accepts {', '.join(names)}, not {name.strip()!r}.")
    return replace(usual, **found)


def weighted_sum(losses: Mapping[str, Tensor], weights: Weights) -> Tensor:
    """L = sum over objectives of weight times loss; eq. 10 is L_irr + L_itc + L_id."""
    return torch.stack([getattr(weights, name) * loss for name, loss in losses.items()]).sum()
