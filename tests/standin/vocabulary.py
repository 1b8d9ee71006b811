"""A collection's words, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class Words:
    """Words with the number of tiles that each is said of, as the ledger knows them."""

    def __init__(self, uncounted: int = 0, /, **tiles: int) -> None:
        self.tiles, self._uncounted = tiles, uncounted

    def words(self, asked: Sequence[str]) -> Mapping[str, int]:
        return {word: self.tiles[word] for word in asked if word in self.tiles}

    def words_between(self, shortest: int, longest: int) -> Mapping[str, int]:
        return {word: tiles for word, tiles in self.tiles.items() if shortest <= len(word) <= longest}

    def uncounted(self) -> int:
        return self._uncounted
