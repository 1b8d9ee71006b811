"""How branches are fused where nobody says otherwise; chosen on validation (docs/measurements/fusion.md)."""

from __future__ import annotations

from collections.abc import Mapping

from trsllava.records import FusionName, Term

DEFAULT_FUSION: FusionName = "zscore"
DEFAULT_WEIGHTS: Mapping[Term, float] = {"dense": 0.8, "bm25": 0.2, "image": 1.2, "rerank": 1.0}
"""Of each branch in the fused score, and of the re-ranker."""
