"""Captions made elsewhere that come a line at a time, for tiles that the collection has already."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from posixpath import isabs, join
from typing import Literal
from unicodedata import normalize

from trsllava.captioners.checks.faults import faults
from trsllava.captioners.imported import parse_line, tile_name
from trsllava.ledger.files import Holdings
from trsllava.ledger.ledger import Ledger
from trsllava.records import CheckName, RichText, Window

_LONGEST = 1 << 18
"""Characters of a line."""
_MOST_VARIANTS = 64
_TILE = re.compile(r"(?P<file>.+)#(?P<window>\d{1,9},\d{1,9},\d{1,9},\d{1,9})", re.DOTALL)


@dataclass(frozen=True)
class PushedLine:
    """What became of one line."""

    line: int
    """1-based."""
    outcome: Literal["taken", "unchanged", "refused"]
    """`unchanged`: the tile has this very text already."""
    image: str = ""
    """What the line names; empty where it cannot be read."""
    tile_id: str | None = None
    reason: str = ""
    """Why it was refused."""
    faults: tuple[CheckName, ...] = ()
    """Checks that a model's answer would have been refused by; captions made elsewhere are taken as they are."""


def take_lines(lines: Iterable[str], ledger: Ledger) -> list[PushedLine]:
    """Record the rich texts of lines of RSRT JSONL, one outcome for each line that is not blank; none is stored yet.

    A tile is named by its image's path, absolute or below a folder that was indexed, as `tile_name` does where the
    image is a scene that was cut. Of several lines for a tile the first is taken.
    """
    return list(_taken(lines, ledger))


def _taken(lines: Iterable[str], ledger: Ledger) -> Iterator[PushedLine]:
    names = _Names(ledger)
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        image = ""
        try:
            image, text = _parsed(line)
            tile_id = names.tile_id(image)
            if tile_id in seen:
                raise ValueError(f"line {seen[tile_id]} has captioned this tile; the first caption stays.")
        except ValueError as error:
            yield PushedLine(number, "refused", image, reason=str(error).removeprefix(f"{image}: "))
            continue
        seen[tile_id] = number
        record = ledger.record(tile_id)
        if record.text == text:
            yield PushedLine(number, "unchanged", image, tile_id)
            continue
        ledger.record_text(tile_id, text)
        found = tuple(check for check, _ in faults(text, north_up=record.tile.north_up))
        yield PushedLine(number, "taken", image, tile_id, faults=found)


def _parsed(line: str) -> tuple[str, RichText]:
    if len(line) > _LONGEST:
        raise ValueError(f"longer than {_LONGEST:,} characters.")
    image, text = parse_line(line)
    if len(text.variants) > _MOST_VARIANTS:
        raise ValueError(f"more than {_MOST_VARIANTS} variants.")
    return image, text


class _Names:
    """Tiles by the names that caption files call them by. Names are looked up, never opened."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger, self._roots = ledger, ledger.roots()
        self._of_file = lru_cache(maxsize=64)(self._found)  # a scene's tiles come one after the other

    def tile_id(self, name: str) -> str:
        """Raises ValueError, in a sentence, where no tile or more than one is called so."""
        window: Window | None = None
        found = self._of_file(name)
        if not found and (match := _TILE.fullmatch(name)):
            window = Window(*map(int, match["window"].split(",")))
            found = self._of_file(match["file"])
        if not found:
            raise ValueError("no indexed image has this path; name it as below the indexed folder, or absolute.")
        if window is None and any(one.cut for one in found):
            example = tile_name(name, next(iter(found[0].tiles)))
            raise ValueError(f"the scene is cut into tiles: name one, as {example}.")
        ids = {tile_id for one in found for at, tile_id in one.tiles.items() if window in (None, at)}
        if not ids:
            raise ValueError("the image has no such tile.")
        if len(ids) > 1:
            raise ValueError("images of several indexed folders have this path; name one by its absolute path.")
        return ids.pop()

    def _found(self, file: str) -> tuple[Holdings, ...]:
        paths = [file] if isabs(file) else [join(root, file) for root in self._roots]
        # The same characters have two Unicode forms (ü as one or as two), and file systems and archivers change them.
        found = [self._ledger.tiles_of_files(dict.fromkeys((path, normalize("NFC", path), normalize("NFD", path))))
                 for path in paths]  # fmt: skip
        return tuple(one for one in found if one.tiles)
