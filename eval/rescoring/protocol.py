"""What a rescoring does: rows are queries, columns are the candidates that each of them ranks."""

from __future__ import annotations

from typing import Protocol

from eval.metrics.recall import ScoreMatrix
from eval.rescoring.resort import Resort


class BankRescoring(Protocol):
    """Knows hubs by a bank of other queries: a query's scores depend on no other query that is measured."""

    def __call__(self, scores: ScoreMatrix, bank: ScoreMatrix) -> ScoreMatrix:
        """New scores, `(q, n)` float32, comparable along each row.

        Args:
            scores: `(q, n)` float32 cosines of one branch.
            bank: `(m, n)` float32 of the same branch, of m other queries with the same n candidates; m may be 0.
        """
        ...


Rescoring = BankRescoring | Resort
"""The second is transductive: it sees all queries at once, so that a figure beside it is no single user's."""
