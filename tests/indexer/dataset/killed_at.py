"""`trsllava` that is killed, as by `kill -9`, at the n-th time that something is about to happen.

usage: python killed_at.py WHAT N ARGUMENT…

WHAT: `caption` (one more text is in the ledger), `writing` (a file of the data set itself is opened to be written), or
the end of a name (a file of that name is opened or put in its place).
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from trsllava.ledger.ledger import Ledger

_WRITES = os.O_WRONLY | os.O_RDWR


class Killer:
    def __init__(self, what: str, times: int, folder: Path) -> None:
        self._what, self._left, self._folder = what, times, str(folder.absolute())

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """An audit hook."""
        if event not in ("open", "os.rename") or not isinstance(arguments[0], (str, os.PathLike)):
            return
        path = str(arguments[0])
        if self._what == "writing":
            inside = path.removeprefix(self._folder)
            writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITES
            happens = bool(writes) and inside != path and not inside.startswith(("/.build", "/images"))
        else:
            happens = path.endswith(self._what)
        if happens:
            self.count()

    def count(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    what, times, arguments = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    killer = Killer(what, times, Path(arguments[arguments.index("-o") + 1]))
    if what == "caption":
        record = Ledger.record_text

        def recorded(self: Ledger, *given: Any, **more: Any) -> None:
            record(self, *given, **more)
            killer.count()

        Ledger.record_text = recorded  # type: ignore[method-assign]
    else:
        sys.addaudithook(killer)
    from trsllava.cli import main as trsllava

    sys.argv = ["trsllava", *arguments]
    trsllava()


if __name__ == "__main__":
    main()
