"""A folder that is watched: new and changed files are told once they have settled. It is looked at again and again,
which works on network shares and with any number of folders, where the system's own notices do not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from indexer.looking import is_unicode
from indexer.walk import FolderWalk
from trsllava.ledger.files import FileRow

_SHARE = 0.2
"""Of the time, at most, that is spent looking."""


def due(every: float) -> Iterator[frozenset[str]]:
    """Now, and again `every` so many seconds after what was done then: for sources whose news only reading them tells.
    Nothing of theirs is told to be still changing. Endless."""
    while True:
        yield frozenset()
        time.sleep(every)


State = tuple[int, int]
"""Size and time of a file."""
Known = Callable[[Sequence[str]], Mapping[str, FileRow]]
"""Those of some paths that the ledger has, as it has them."""


def settled(
    root: Path, known: Known, within: Sequence[Path] = (), bands: str = "auto", *, every: float
) -> Iterator[frozenset[str]]:
    """Wait until there are new or changed files that were the same at two looks, `every` so many seconds; gives the
    paths of those that are still changing.

    Endless. A file is told of once, until it changes again. `within`, `bands`: see FolderWalk.
    """
    told: dict[str, State] = {}
    before: dict[str, State] = {}
    while True:
        begun = time.perf_counter()
        now = unlike(root, known, within, bands)
        fresh = {path: state for path, state in now.items() if before.get(path) == state and told.get(path) != state}
        told = {path: state for path, state in told.items() if now.get(path) == state} | fresh
        before = now
        if fresh:
            yield frozenset(path for path, state in now.items() if told.get(path) != state)
        took = time.perf_counter() - begun
        time.sleep(max(every, took / _SHARE - took))


def unlike(root: Path, known: Known, within: Sequence[Path] = (), bands: str = "auto") -> dict[str, State]:
    """The image files and products of a folder that are not as they are known, and what they are now."""
    found: dict[str, State] = {}
    walk = FolderWalk(root, within, bands)
    for piece in walk.pieces():
        paths = {name: path for path in piece if is_unicode(name := path.as_posix())}
        rows = known(list(paths))
        for name, path in paths.items():
            with suppress(OSError):  # it went, or a link leads nowhere
                state = walk.state_of(path)
                if name not in rows or (rows[name].size, rows[name].mtime_ns) != state:
                    found[name] = state
    return found
