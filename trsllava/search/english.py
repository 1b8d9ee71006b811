"""Which words are English, or names that English texts have: what need not be a slip, though no caption has it."""

from __future__ import annotations

import gzip
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from trsllava.encoders.weights import DEFAULT_MODEL, find_model


def is_english(word: str) -> bool:
    """True for a whole word (lower case) of the default encoder's WordPiece vocabulary, which is rich in names, or of
    pyspellchecker's English dictionary, which is rich in inflections."""
    return word in _wordpieces() or word.encode() in _dictionary()


@cache
def _wordpieces() -> frozenset[str]:
    pieces = (find_model(DEFAULT_MODEL).path / "vocab.txt").read_text("utf-8").split()
    return frozenset(piece for piece in pieces if piece.isalpha())


@cache
def _dictionary() -> frozenset[bytes]:
    package = find_spec("spellchecker")
    assert package is not None  # it is a dependency
    assert package.submodule_search_locations
    packed = Path(package.submodule_search_locations[0]) / "resources" / "en.json.gz"
    # Its keys are found faster than the package, or a parser of JSON, would read it.
    return frozenset(re.findall(rb'"([a-z]+)":', gzip.decompress(packed.read_bytes())))
