"""Where networks are trained."""

from __future__ import annotations

import torch

from trsllava.errors import InputError, Parameter


def check_device(name: str) -> None:
    """Before minutes of work: raises InputError where torch has no such device here."""
    try:
        torch.zeros(1, device=name)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise InputError(
            f"There is no device {name!r} here, or torch was installed without it. Give another ",
            Parameter("device"),
            ", such as cpu.",
        ) from error
