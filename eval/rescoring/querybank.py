"""Querybank normalisation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eval.metrics.recall import ScoreMatrix
from eval.rescoring.inverted_softmax import InvertedSoftmax


@dataclass(frozen=True)
class QuerybankNorm:
    """QB-Norm by the dynamic inverted softmax: a query is rescored only where its best candidate is active, that is
    among the `activating` best of some query of the bank. The others keep their scores. Of tied best candidates any
    counts. An empty bank changes nothing.

    Source: Bogolin, Croitoru, Jin, Liu & Albanie, "Cross Modal Retrieval with Querybank Normalisation", CVPR 2022,
    section 3.4 (k = 1, inverse temperature 20).
    """

    temperature: float = 0.05
    activating: int = 1

    def __str__(self) -> str:
        """As people name it (`parse_rescoring`)."""
        return f"qb-norm:{self.temperature}"

    def __call__(self, scores: ScoreMatrix, bank: ScoreMatrix) -> ScoreMatrix:
        """As in `BankRescoring`."""
        if not len(bank):
            return scores
        k = min(self.activating, bank.shape[1])
        last = np.partition(bank, -k, axis=1)[:, -k][:, None]
        active = (bank >= last).any(axis=0)
        best = scores == scores.max(axis=1, keepdims=True)
        return np.where((best & active).any(axis=1)[:, None], InvertedSoftmax(self.temperature)(scores, bank), scores)
