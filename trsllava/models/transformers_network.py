"""What networks that transformers loads have in common: their tokenizer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from trsllava.models.features import TokenNetwork


class TransformersNetwork(TokenNetwork):
    """Reads texts by a transformers tokenizer."""

    tokenizer: Any

    def tokenize(self, texts: Sequence[str]) -> Tensor:
        """Token ids `(n, longest)` int64 of texts, padded and cut."""
        found = self.tokenizer(
            list(texts), padding="max_length", truncation=True, max_length=self.longest, return_tensors="pt"
        )
        ids: Tensor = found["input_ids"]
        return ids

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, none cut."""
        return [len(ids) for ids in self.tokenizer(list(texts), truncation=False, verbose=False)["input_ids"]]
