"""The small file that says what a collection's folder holds and which generation of it counts."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from trsllava.errors import CollectionMismatchError, HomeError
from trsllava.store.protocol import StoreSchema

LAYOUT = 1
"""Raised when vectors or payload are laid out so differently that an older collection cannot be read."""

_NAME = "store.json"


@dataclass(frozen=True)
class Manifest:
    """Which folder holds the shard, and what it was created with."""

    generation: int
    schema: StoreSchema
    build: str = ""
    """The name of the build that `swap` put in place; empty for a collection that was filled where it is."""
    layout: int = LAYOUT

    def shard_folder(self, folder: Path) -> Path:
        """The folder of the generation that counts."""
        return folder / f"generation-{self.generation}"


def exists(folder: Path) -> bool:
    """True where a collection has been created."""
    return (folder / _NAME).is_file()


def read(folder: Path) -> Manifest:
    """Raises CollectionMismatchError for another layout, HomeError for a damaged file, FileNotFoundError for none."""
    text = (folder / _NAME).read_text(encoding="utf-8")
    try:
        values = json.loads(text)
        manifest = Manifest(
            values["generation"], StoreSchema(**values["schema"]), values.get("build", ""), values["layout"]
        )
    except (ValueError, KeyError, TypeError) as error:
        raise HomeError(
            f"{folder / _NAME} is damaged ({error}). Delete {folder} and rebuild it with `trsllava reindex`."
        ) from error
    if manifest.layout != LAYOUT:
        raise CollectionMismatchError(
            f"The store in {folder} has layout {manifest.layout}, this version of trsllava reads {LAYOUT}. "
            "Rebuild it from the ledger with `trsllava reindex`."
        )
    return manifest


def write(folder: Path, manifest: Manifest) -> None:
    """Replace the file at one stroke: after a crash it is the old one or the new one. Raises OSError."""
    draft = folder / f"{_NAME}.new"
    with draft.open("w", encoding="utf-8") as stream:
        json.dump(asdict(manifest), stream)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(folder / _NAME)
    sync_folder(folder)


def unused_generation(folder: Path) -> int:
    """A number above those of all generations there are; needs no manifest, which may be damaged."""
    numbers = (path.name.removeprefix("generation-") for path in folder.glob("generation-*"))
    return 1 + max((int(number) for number in numbers if number.isdecimal()), default=0)


def remove(folder: Path) -> None:
    """From here on the collection does not exist."""
    (folder / _NAME).unlink(missing_ok=True)
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder survive a power cut, where the platform can."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
