"""What a picture is read from: a file here, one behind an address, or a file for each colour."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from trsllava.errors import OutOfReachError
from trsllava.records import Asset
from trsllava.remote.address import is_address


@dataclass(frozen=True)
class RemoteFile:
    """A file behind an http(s), s3 or gs address without credentials."""

    address: str
    version: str = ""
    """As `Asset.version`: a file of another version is not what was indexed."""

    def __str__(self) -> str:
        return self.address


@dataclass(frozen=True)
class Stack:
    """Red, green and blue, each a band of a file."""

    parts: tuple[tuple[Path | RemoteFile, int], ...]
    """Files and the number of their band, counted from 1."""

    def __str__(self) -> str:
        return str(self.parts[0][0])


Readable: TypeAlias = Path | RemoteFile | Stack


def readable(assets: Sequence[Asset], paths: Sequence[str]) -> Readable:
    """What a tile is read from: its scene's asset, or another copy here where that is remote or gone; without
    assets the first of its paths that exists, else the first.

    Raises OutOfReachError where there is neither.
    """
    if len(assets) > 1:
        return Stack(tuple((_of_asset(asset), asset.bands[0] if asset.bands else 1) for asset in assets))
    here = [path for path in paths if not is_address(path) and os.path.isfile(path)]
    if assets and not (here and (is_address(assets[0].href) or not os.path.exists(assets[0].href))):
        return _of_asset(assets[0])
    if not paths:
        raise OutOfReachError("cannot read the picture: none of its files exists any more")
    return of_name((here or [path for path in paths if is_there(path)] or paths)[0])


def is_remote(file: Readable) -> bool:
    """True for what is read over a network, in whole or in part."""
    parts = [part for part, _ in file.parts] if isinstance(file, Stack) else [file]
    return any(isinstance(part, RemoteFile) for part in parts)


def _of_asset(asset: Asset) -> Path | RemoteFile:
    return RemoteFile(asset.href, asset.version) if is_address(asset.href) else Path(asset.href)


def of_name(name: str) -> Path | RemoteFile:
    """What a path or an address of the ledger names."""
    return RemoteFile(name) if is_address(name) else Path(name)


def is_there(path: str) -> bool:
    """True unless a path of the ledger is surely gone: of what is remote, only reading tells; a scene in a document
    is there as long as the document is."""
    if is_address(path) or os.path.exists(path):
        return True
    folder = os.path.dirname(path)
    return os.path.isfile(folder) or os.path.isfile(os.path.dirname(folder))
