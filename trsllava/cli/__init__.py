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

    import typer
    from typer.exceptions import TyperException

    from trsllava.cli.app import app
    from trsllava.cli.flags import in_flags
    from trsllava.cli.usage import DAMAGED_LEDGER, check_arguments, usage_fault
    from trsllava.errors import TrsllavaError

    try:
        check_arguments(sys.argv[1:])
        sys.exit(app(standalone_mode=False, prog_name="trsllava"))
    except TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # the message is the help
            print(error.format_message(), file=sys.stderr)
            sys.exit(2)
        _fail(usage_fault(error), 2)
    except typer.Abort:
        _fail("Stopped; nothing was done.", 1)
    except TrsllavaError as error:
        _fail(in_flags(error), error.exit_code)
    except sqlite3.OperationalError:
        _fail("A collection's ledger cannot be read at the moment. Check its disk, and run the command again.", 5)
    except sqlite3.DatabaseError:
        _fail(DAMAGED_LEDGER, 5)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EACCES):
            raise
        _fail(f"{error.filename or 'The disk'}: {error.strerror}. Make room, or choose another place with --home.", 5)


def _fail(message: str, code: int) -> None:
    print(f"Error: {message}", file=sys.stderr)
    sys.exit(code)
