"""Fusions by name, and the order of hits."""

from trsllava.records import FusionName
from trsllava.search.fusion.defaults import DEFAULT_FUSION, DEFAULT_WEIGHTS
from trsllava.search.fusion.normal_cdf import NormalCdf
from trsllava.search.fusion.protocol import Fusion
from trsllava.search.fusion.ranking import TIE, rank
from trsllava.search.fusion.reciprocal_rank import ReciprocalRank
from trsllava.search.fusion.standard_scores import moments, standardize
from trsllava.search.fusion.zscore_sum import ZScoreSum

FUSIONS: dict[FusionName, Fusion] = {"rrf": ReciprocalRank(), "zscore": ZScoreSum(), "cdf": NormalCdf()}

__all__ = ["DEFAULT_FUSION", "DEFAULT_WEIGHTS", "FUSIONS", "TIE", "Fusion", "moments", "rank", "standardize"]
