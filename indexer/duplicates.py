"""Near-duplicate tiles, by perceptual hash: each group is the tiles that look like its first one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

from indexer.progress import Progress
from prompts import is_other_version
from trsllava.errors import ImageError
from trsllava.ledger.ledger import Ledger
from trsllava.raster.fingerprint import BITS, perceptual_hash
from trsllava.raster.tile_picture import read_tile
from trsllava.records import RichText, TileRecord

DISTANCE = 12
"""Bits of 256 in which near-duplicates may differ: 99 of 100 RSICD pictures re-encoded at JPEG quality 60 do in 12 or
fewer, and none of the 179,700 pairs of 600 different ones in 60 or fewer."""
_BATCH = 256


def fingerprint(ledger: Ledger, progress: Progress) -> None:
    """Hash the picture of every tile that has no perceptual hash yet; one that cannot be read gets an empty one."""
    ids = ledger.without_fingerprint()
    with ThreadPoolExecutor() as threads:
        for start in range(0, len(ids), _BATCH):
            records = list(ledger.records(ids[start : start + _BATCH]).values())
            hashes = threads.map(_hash, records)
            ledger.set_fingerprints({str(r.tile.id): value for r, value in zip(records, hashes, strict=True)})
            progress("fingerprint", min(start + _BATCH, len(ids)), len(ids))


def _hash(record: TileRecord) -> str:
    try:
        return perceptual_hash(read_tile(record.tile, record.paths))
    except ImageError:
        return ""


def groups(fingerprints: Iterable[tuple[str, str]], distance: int = DISTANCE) -> list[list[str]]:
    """Groups of two or more ids, in the order given: each hash lies within `distance` bits of its group's first one.

    Hashes within d bits agree in at least one of d + 1 bands (pigeonhole), so only those that share a band with an
    earlier group's first hash are compared: exact, and linear while few share one.
    """
    parts = bands(distance + 1)
    by_band: dict[tuple[int, int], list[int]] = defaultdict(list)
    firsts: list[int] = []
    found: list[list[str]] = []
    for name, digits in fingerprints:
        bits = int(digits, 16)
        keys = [(number, bits >> low & mask) for number, (low, mask) in enumerate(parts)]
        near = sorted({group for key in keys for group in by_band.get(key, ())})
        home = next((group for group in near if (firsts[group] ^ bits).bit_count() <= distance), None)
        if home is not None:
            found[home].append(name)
            continue
        for key in keys:
            by_band[key].append(len(firsts))
        firsts.append(bits)
        found.append([name])
    return [group for group in found if len(group) > 1]


def bands(count: int) -> list[tuple[int, int]]:
    """`count` bands that together cover all bits: the lowest bit and the mask of each."""
    edges = [number * BITS // count for number in range(count + 1)]
    return [(low, (1 << high - low) - 1) for low, high in pairwise(edges)]


class Twins:
    """Which tiles may share one text: near-duplicates that are all north up or all not, as compass words need it.

    `prompt`: id and version of the one that is asked with; no text of another version of it is shared.
    """

    def __init__(self, ledger: Ledger, prompt: str) -> None:
        self._ledger, self._prompt = ledger, prompt
        self._group: dict[str, list[str]] = {}
        for group in groups(ledger.fingerprints()):
            records = ledger.records(group)
            for north_up in (False, True):
                members = [i for i in group if records[i].tile.north_up == north_up]
                self._group.update(dict.fromkeys(members, members))

    def firsts(self, waiting: Sequence[TileRecord]) -> list[TileRecord]:
        """One tile of each group, and all that have no twin."""
        chosen: dict[str, TileRecord] = {}
        for record in waiting:
            tile_id = str(record.tile.id)
            chosen.setdefault(self._group.get(tile_id, [tile_id])[0], record)
        return list(chosen.values())

    def captioned(self, waiting: Sequence[TileRecord]) -> Iterator[tuple[TileRecord, TileRecord]]:
        """Each waiting tile that has a twin with a text to share which is not waiting itself, with that twin."""
        ids = {str(record.tile.id) for record in waiting}
        sources: dict[str, TileRecord | None] = {}
        for record in waiting:
            group = self._group.get(str(record.tile.id), [])
            if group and group[0] not in sources:
                sources[group[0]] = self._source([i for i in group if i not in ids])
            if group and (twin := sources[group[0]]) is not None:
                yield record, twin

    def _source(self, ids: Sequence[str]) -> TileRecord | None:
        """The first tile with a text to share."""
        records = self._ledger.records(ids)
        return next((records[i] for i in ids if self._is_own(records[i].text)), None)

    def _is_own(self, text: RichText | None) -> bool:
        """True for a text that was made for its tile, and not with an earlier version of the prompt.

        A tile that was asked about anew in vain keeps such a text; its twins are to be asked about themselves.
        """
        return text is not None and text.copied_from is None and not is_other_version(text.prompt, self._prompt)
