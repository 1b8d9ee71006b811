"""Weights as a machine with a GPU writes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch


@contextmanager
def saved_on_gpu() -> Iterator[None]:
    """Meanwhile `torch.save` notes of every tensor that it lay on the first GPU."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(torch.serialization, "location_tag", lambda _storage: "cuda:0")
        yield
