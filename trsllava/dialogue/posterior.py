"""Which tile it is: a distribution over tiles, what answers make of it, and what a question is expected to tell.

p(tile) ∝ exp(score / τ) · Π P(answer | tile)^share. Answers are taken to be independent given the tile.
All functions work along the last axis, so that a simulation can run many dialogues at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trsllava.dialogue.statements import Verdict
from trsllava.encoders.protocol import FloatArray

VERDICTS: tuple[Verdict, ...] = ("yes", "no", "unknown")


@dataclass(frozen=True)
class AnswerModel:
    """How whoever knows the picture answers: chances of `yes`, `no` and `unknown`, each row adding up to 1."""

    present: tuple[float, float, float]
    """Where the picture has what is asked about."""
    absent: tuple[float, float, float]
    """Where it has not."""

    def likelihood(self, verdict: Verdict, chances: FloatArray) -> FloatArray:
        """P(answer | tile), in the shape of `chances`: that each tile has what is asked about."""
        column = VERDICTS.index(verdict)
        mixed: FloatArray = chances * self.present[column] + (1 - chances) * self.absent[column]
        return mixed

    def uncertainty(self, chances: FloatArray) -> FloatArray:
        """Entropy of the answer given the tile, bits, in the shape of `chances`."""
        return np.asarray(sum(_plogp(self.likelihood(verdict, chances)) for verdict in VERDICTS), np.float32)


PERSON = AnswerModel(present=(0.86, 0.04, 0.10), absent=(0.04, 0.66, 0.30))
TEXTS = AnswerModel(present=(0.95, 0.01, 0.04), absent=(0.02, 0.01, 0.97))
"""Of `answers.texts`: they name a thing or are silent."""
NANO = AnswerModel(present=(0.65, 0.05, 0.30), absent=(0.03, 0.80, 0.17))
"""Of `answers.nano`."""


def log_distribution(scores: FloatArray, evidence: FloatArray, temperature: float) -> FloatArray:
    """ln p over tiles, `(…, n)`, from scores and log-likelihoods of the same shape."""
    logits = scores / np.float32(temperature) + evidence
    above = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(above - np.log(np.exp(above).sum(axis=-1, keepdims=True)), np.float32)


def entropy(p: FloatArray) -> FloatArray:
    """Bits, along the last axis."""
    return np.asarray(_plogp(p).sum(axis=-1), np.float32)


def expected_gain(p: FloatArray, chances: FloatArray, uncertainty: FloatArray, model: AnswerModel) -> FloatArray:
    """Bits that an answer is expected to tell of which tile it is: H(answer) − E[H(answer | tile)], `(…, A)`.

    Source: Lindley, "On a Measure of the Information Provided by an Experiment", Ann. Math. Statist. 1956.

    Args:
        p: `(…, n)` over tiles.
        chances: `(n, A)` that a tile has each attribute.
        uncertainty: `(n, A)`, `AnswerModel.uncertainty` of them, which all dialogues share.
        model: how answers are given.
    """
    gain: FloatArray = np.maximum(model.uncertainty(p @ chances) - p @ uncertainty, 0)
    return gain


def _plogp(p: FloatArray) -> FloatArray:
    """−p log₂ p, 0 at 0."""
    return np.asarray(-p * np.log2(np.maximum(p, 1e-30)), np.float32)
