"""Inverted softmax."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eval.metrics.recall import ScoreMatrix


@dataclass(frozen=True)
class InvertedSoftmax:
    """How much more a candidate is a query's than it is the bank's: exp(s / T) / sum over the bank of exp(b / T).

    Taken as its logarithm times T, s - T log(mean over the bank of exp(b / T)), which ranks alike and keeps the
    scale of the scores, so that branches can be fused and ties mean what they did. A large T takes the bank's mean
    off, a small one its maximum. An empty bank changes nothing.

    Source: Smith, Turban, Hamblin & Hammerla, "Offline bilingual word vectors, orthogonal transformations and the
    inverted softmax", ICLR 2017, eq. 10; there the bank is drawn from the queries themselves.
    """

    temperature: float = 0.05
    """T, above 0, in the units of the scores."""

    def __str__(self) -> str:
        """As people name it (`parse_rescoring`)."""
        return f"inverted-softmax:{self.temperature}"

    def __call__(self, scores: ScoreMatrix, bank: ScoreMatrix) -> ScoreMatrix:
        """As in `BankRescoring`."""
        if not len(bank):
            return scores
        return (scores - self._popularity(bank)).astype(np.float32)

    def _popularity(self, bank: ScoreMatrix) -> ScoreMatrix:
        """`(n,)` of each candidate; shifted by its best score, so that no exponential overflows."""
        best = bank.max(axis=0)
        inner = np.exp((bank - best) / np.float32(self.temperature)).mean(axis=0, dtype=np.float64)
        popularity: ScoreMatrix = best + self.temperature * np.log(inner)
        return popularity
