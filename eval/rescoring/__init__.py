"""Scores without training made less fond of hubs: images that lie near every text, texts that lie near every image.

Radovanović, Nanopoulos & Ivanović, "Hubs in Space: Popular Nearest Neighbors in High-Dimensional Data", JMLR 2010.
"""

from eval.rescoring.csls import Csls
from eval.rescoring.inverted_softmax import InvertedSoftmax
from eval.rescoring.named import RESCORINGS, parse_rescoring
from eval.rescoring.protocol import BankRescoring, Rescoring
from eval.rescoring.querybank import QuerybankNorm
from eval.rescoring.resort import Resort

__all__ = [
    "RESCORINGS",
    "BankRescoring",
    "Csls",
    "InvertedSoftmax",
    "QuerybankNorm",
    "Rescoring",
    "Resort",
    "parse_rescoring",
]
