"""The command line: parse, call, print."""

from __future__ import annotations

import errno
import logging
import os
import sys


def main() -> None:
    """Entry point of `trsllava`: runs the command, turns errors into one sentence and an exit code."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # spinning threads starve each other on a shared core
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    import sqlite3

    from trsllava.cli.app import app
    from trsllava.errors import TrsllavaError

    try:
        app()
    except TrsllavaError as error:
        _fail(str(error), error.exit_code)
    except sqlite3.DatabaseError as error:
        _fail(
            f"A collection's ledger is damaged ({error}). Put a copy of its ledger.sqlite in place, or delete the "
            "collection's folder in the home folder and index again.",
            5,
        )
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EACCES):
            raise
        _fail(f"{error.filename or 'The disk'}: {error.strerror}. Make room, or choose another place with --home.", 5)


def _fail(message: str, code: int) -> None:
    print(f"Error: {message}", file=sys.stderr)
    sys.exit(code)
