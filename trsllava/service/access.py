"""Who may do what: the dependencies `reads`, `writes` and `administers`."""

from __future__ import annotations

from fastapi import Depends


def reads() -> None:
    """The request may read."""


def writes() -> None:
    """The request may change a collection."""


def administers() -> None:
    """The request may change who may do what."""


Reads = Depends(reads)
Writes = Depends(writes)
Administers = Depends(administers)
