"""Which tiles are captioned next: drawn from the ledger while the files are still being discovered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice

from indexer.discover import Discovering
from indexer.looking import is_as_noted
from trsllava.errors import PruneRefusedError
from trsllava.ledger.ledger import Ledger
from trsllava.raster.readable import is_there
from trsllava.records import TileRecord

_NUMBERS = 10_000
"""Waiting tiles listed at a time."""
_CHUNK = 64
"""Records in memory at a time."""


class Drawing:
    """A folder's tiles that wait for a caption, each once, in the order in which they were found.

    Those of earlier runs come first, while the walk is under way: a run that was killed goes on at once. One whose
    file is not as it was then comes last, when the walk has told what became of it.
    """

    def __init__(
        self,
        root: str,
        ledger: Ledger,
        discovering: Discovering,
        at_end: Callable[[], Sequence[str]] = lambda: (),
    ) -> None:
        """`at_end`: called once, when all of the folder is known; the tiles that it names are drawn last."""
        self.discovering = discovering
        self._root, self._ledger, self._at_end = root, ledger, at_end
        self._of_earlier_runs = ledger.last_number()
        self._last = 0  # the number of the tile looked at last
        self._drawn = 0
        self._put_off: list[str] = []
        self._anew: list[str] = []
        self._is_ended = False
        self.total = 0
        """Of all tiles to be drawn; 0 until all of the folder is known."""
        self.refusal: PruneRefusedError | None = None
        """What `at_end` refused to do; nothing is drawn from then on, and what was drawn can be brought to its end."""

    def __iter__(self) -> Iterator[TileRecord]:
        for record in chain(self._waiting(), self._last_ones()):
            if self.refusal is not None:
                return
            self._drawn += 1
            yield record

    def look_round(self, *, wait: bool = False) -> None:
        """Take up what was discovered since. `wait`: where there is nothing yet, until there is."""
        self.discovering.take_up(wait=wait)
        if self._is_ended or not self.discovering.is_over:
            return
        self._is_ended = True
        try:
            self._anew = self._by_path(self._at_end())
        except PruneRefusedError as error:
            self.refusal = error
        waiting = self._ledger.count_waiting_after(self._last, self._root)
        self.total = self._drawn + waiting + len(self._put_off) + len(self._anew)

    def _waiting(self) -> Iterator[TileRecord]:
        """All that were not captioned before, but those put off."""
        is_all = False
        while not is_all:
            is_all = self.discovering.is_over
            for record in self._found():
                yield record
                self.look_round()
            self.look_round(wait=True)

    def _last_ones(self) -> Iterator[TileRecord]:
        for record in records(self._ledger, self._put_off):
            if record.state == "pending" and is_inside(record, self._root):
                yield record
        yield from records(self._ledger, self._anew)

    def _by_path(self, ids: Sequence[str]) -> list[str]:
        """The folder's tiles of those, each once; a scene's one after the other, for what must be decoded whole."""
        places = [
            (record.paths[0], record.tile.window.row, record.tile.window.col, str(record.tile.id))
            for record in records(self._ledger, list(dict.fromkeys(ids)))
            if is_inside(record, self._root)
        ]
        return [place[-1] for place in sorted(places)]

    def _found(self) -> Iterator[TileRecord]:
        """Those that are in the ledger and were not drawn yet."""
        while listed := self._ledger.waiting_after(self._last, _NUMBERS):
            listing = iter(listed)
            while chunk := list(islice(listing, _CHUNK)):
                found = self._ledger.records([tile_id for _, tile_id in chunk])
                for number, tile_id in chunk:
                    self._last = number
                    record = found.get(tile_id)
                    if record is None or not is_inside(record, self._root):  # None: pruned a moment ago
                        continue
                    if number <= self._of_earlier_runs and not self._is_as_found(record):
                        self._put_off.append(tile_id)
                    else:
                        yield record

    def _is_as_found(self, record: TileRecord) -> bool:
        """Whether the file that would be read is still the one that the tile was cut from."""
        try:
            path = next(filter(is_there, record.paths), record.paths[0])
            file = self._ledger.files_at([path])[path]
            return file.sha256 == record.tile.sha256 and is_as_noted(file)
        except (OSError, IndexError, KeyError):  # gone, or pruned a moment ago
            return False


def is_inside(record: TileRecord, root: str) -> bool:
    """True for a tile that some file in a folder, or that one file, holds."""
    folder = root.rstrip("/") + "/"
    return any(path == root or path.startswith(folder) for path in record.paths)


def records(ledger: Ledger, ids: Sequence[str]) -> Iterator[TileRecord]:
    """Tiles in the given order, a few in memory at a time; what is not there any more is passed over."""
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        found = ledger.records(chunk)
        yield from (found[tile_id] for tile_id in chunk if tile_id in found)
