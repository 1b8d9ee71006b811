"""Cross-domain similarity local scaling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eval.metrics.recall import ScoreMatrix


@dataclass(frozen=True)
class Csls:
    """s - r / 2, with r the mean of a candidate's k best scores in the bank.

    CSLS is 2 s - r(query) - r(candidate); what it takes off for the query is the same for all that it ranks. With k of
    the bank's size and more, half the mean of the bank is taken off. An empty bank changes nothing.

    Source: Conneau, Lample, Ranzato, Denoyer & Jégou, "Word Translation Without Parallel Data", ICLR 2018, eq. 6-7.
    """

    neighbours: int = 100
    """k, at least 1."""

    def __str__(self) -> str:
        """As people name it (`parse_rescoring`)."""
        return f"csls:{self.neighbours}"

    def __call__(self, scores: ScoreMatrix, bank: ScoreMatrix) -> ScoreMatrix:
        """As in `BankRescoring`."""
        if not len(bank):
            return scores
        k = min(self.neighbours, len(bank))
        near = np.partition(bank, len(bank) - k, axis=0)[len(bank) - k :].mean(axis=0, dtype=np.float64)
        rescored: ScoreMatrix = (scores - near / 2).astype(np.float32)
        return rescored
