"""Folders that cannot be written, as they are met in use: mounted read-only, and on a disk without room."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


def run_read_only(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a command while the folder is mounted read-only; skips where no mount can be made.

    Rights would not do: root writes all the same.
    """
    return _run_mounted('mount --bind "$1" "$1" && mount -o remount,ro,bind "$1"', folder, arguments)


def run_on_full_disk(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a command with a copy of the folder in its place, on a small disk that is filled up to the last byte."""
    fill = (
        'copy=$(mktemp -d) && mount -t tmpfs -o size=64m none "$copy" && cp -a --sparse=always "$1/." "$copy"'
        ' && { cat /dev/zero > "$copy/filler" 2> /dev/null; mount --bind "$copy" "$1"; }'
    )
    return _run_mounted(fill, folder, arguments)


def _run_mounted(mounting: str, folder: Path, arguments: tuple[object, ...]) -> subprocess.CompletedProcess[str]:
    shell = f'({mounting}) 2> /dev/null || exit 77; folder=$1; shift; exec "$@"'
    own_mounts = ["unshare", "--mount", *([] if os.getuid() == 0 else ["--map-root-user"])]
    command = [sys.executable, "-m", "trsllava", *map(str, arguments)]
    try:
        done = subprocess.run(
            [*own_mounts, "sh", "-c", shell, "sh", str(folder), *command], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        pytest.skip("no `unshare` here, so no folder can be mounted")
    if done.returncode == 77 or "unshare:" in done.stderr:
        pytest.skip("no right to mount here")
    return done
