"""How branches are fused where nobody says otherwise; chosen on validation (docs/measurements/fusion.md)."""

from __future__ import annotations

from collections.abc import Mapping

from trsllava.records import FusionName, Term

DEFAULT_FUSION: FusionName = "zscore"
DEFAULT_WEIGHTS: Mapping[Term, float] = {"dense": 1.0, "bm25": 0.05, "image": 1.5, "rerank": 1.0}
"""Of each branch in the fused score, and of the re-ranker. As a standard score, a match of rare words is large enough
to count at so little weight, and one of common words is not (docs/measurements/fusion.md)."""
