"""Words of a collection that an earlier version filled, which did not count them."""

from __future__ import annotations

from indexer.progress import Progress
from trsllava.ledger.ledger import Ledger


def count_words(ledger: Ledger, progress: Progress) -> None:
    """Count what is not counted yet, in short transactions; after a kill the next run goes on from where it was."""
    done, total = 0, ledger.uncounted()
    while counted := ledger.count_words():
        done += counted
        progress("count words", done, total)
