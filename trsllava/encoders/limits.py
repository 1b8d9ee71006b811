"""Texts longer than their encoder reads are never cut silently."""

from __future__ import annotations

import logging

_log = logging.getLogger(__name__)


def warn_of_cut(cut: int, texts: int, limit: int) -> None:
    """Say how many of the texts that were encoded exceed an encoder's limit, in tokens; nothing where none does."""
    if cut:
        _log.warning("%d of %d texts exceed the encoder's %d tokens; their ends are not searched.", cut, texts, limit)
