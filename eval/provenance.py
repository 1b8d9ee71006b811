"""Where a figure comes from: versions, commit and the content of the files that were read."""

from __future__ import annotations

import hashlib
import platform
import subprocess
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pydantic import BaseModel, ConfigDict

import trsllava
from trsllava.raster.checksum import content_sha256
from trsllava.records import RichText

_PACKAGES = ("trsllava", "numpy", "onnxruntime", "qdrant-edge-py", "pydantic")
_WHERE_USED = ("torch", "transformers", "open_clip_torch", "sentence-transformers")
"""Told of where the process has loaded them."""


class DataFile(BaseModel):
    """A file, or the pictures of a folder, that a run read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: str
    """What it is to the run: `captions`, `rich texts`, `images`, …"""
    path: str
    sha256: str
    """Of a file's bytes. Of pictures: of the lines `sha256  path` in the order of the paths."""
    files: int = 1


def data_file(role: str, path: Path) -> DataFile:
    """A file, or all files of a folder, by content. Raises ImageError where one cannot be read."""
    if path.is_dir():
        return data_folder(
            role, path, [file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file()]
        )
    return DataFile(role=role, path=str(path), sha256=content_sha256(path))


def data_documents(documents: Sequence[RichText]) -> DataFile:
    """Documents that came from no file: a collection's."""
    lines = (f"{document.model_dump_json()}\n" for document in documents)
    return DataFile(role="documents", path="", sha256=_digest(lines), files=0)


def data_folder(role: str, folder: Path, names: Sequence[str]) -> DataFile:
    """The named files of a folder by their contents: what else lies there does not matter. Raises ImageError."""
    lines = (f"{content_sha256(folder / name)}  {name}\n" for name in sorted(names))
    return DataFile(role=role, path=str(folder), sha256=_digest(lines), files=len(names))


def versions() -> dict[str, str]:
    """Versions of Python, the platform, and the packages that decide a figure."""
    loaded = [name for name in _WHERE_USED if name.removesuffix("_torch").replace("-", "_") in sys.modules]
    found = {"python": platform.python_version(), "platform": platform.platform()}
    for name in (*_PACKAGES, *loaded):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def commit() -> str | None:
    """The checkout's commit, with ` + changes` where files differ from it; None where the package is installed, or git
    cannot tell."""
    root = Path(trsllava.__file__).parents[1]
    if not (root / ".git").exists():
        return None
    head = _git(root, "rev-parse", "HEAD")
    changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    return f"{head} + changes" if head and changed else head


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _digest(lines: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
