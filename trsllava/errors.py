"""Every error that a user can meet. Each message says what happened and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trsllava.records import CheckName


@dataclass(frozen=True)
class Parameter:
    """A parameter that a message names, with the value to give it or not: Python callers read its name, the command
    line shows its flag (`trsllava.cli.flags`)."""

    name: str
    value: object = None

    def __str__(self) -> str:
        return f"`{self.name}`" if self.value is None else f"`{self.name}={self.value}`"


@dataclass(frozen=True)
class Call:
    """A method of the archive that a message advises, which is a command as well, with the parameters to give it."""

    name: str
    parameters: Mapping[str, object]

    def __str__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.parameters.items())
        return f"`{self.name}({given})`"


class TrsllavaError(Exception):
    """Base of all errors raised on purpose; the command line prints the message and exits with `exit_code`.

    The message is the parts one after the other, as in `InputError("Leave ", Parameter("rerank"), " out.")`.
    """

    exit_code = 1

    def __init__(self, *parts: str | Parameter | Call) -> None:
        super().__init__(*parts)
        self.parts = parts

    def __str__(self) -> str:
        return "".join(map(str, self.parts))


class InputError(TrsllavaError):
    """What the user handed over cannot be used: a parameter, a path, a file format."""

    exit_code = 2


class CaptionFileError(InputError):
    """A caption file has a malformed line; the message names file and line."""


class LabelFileError(InputError):
    """A label tree, a plan for one or its log cannot be used; the message names file and line."""


class EmptyArchiveError(InputError):
    """The folder to index holds no image."""


class PruneRefusedError(InputError):
    """So much of a folder has vanished that it looks as if a disk were not mounted; nothing was removed."""


class ImageError(TrsllavaError):
    """One image cannot be read; it is skipped and reported, the run goes on."""


class OutOfReachError(ImageError):
    """An image is not there, or cannot be opened at the moment; nothing is said of its content."""


class UnknownTileError(InputError):
    """No tile of the collection has the given id."""


class UnknownCollectionError(InputError):
    """The collection does not exist yet."""


class UnsearchableError(TrsllavaError):
    """The collection has captions, but none of its images is in the vector store yet."""


class CollectionMismatchError(TrsllavaError):
    """The collection was built with another encoder, dimension or layout than the one asked for."""

    exit_code = 3


class BusyError(TrsllavaError):
    """Another process holds the collection for longer than we were told to wait."""

    exit_code = 4


class BeingWrittenError(BusyError):
    """Another process writes the collection, which may take hours."""


class HomeError(TrsllavaError):
    """The home folder cannot be written: read-only or full disk, missing rights."""

    exit_code = 5


class ServerError(TrsllavaError):
    """A server we depend on (vision-language model, embeddings, Qdrant) cannot be reached or refuses us."""

    exit_code = 6


class AnswerError(TrsllavaError):
    """A model answered, but not with what it was asked for. Carries the raw answer and the check that refused it."""

    def __init__(self, message: str, raw: str = "", check: CheckName = "schema") -> None:
        super().__init__(message)
        self.raw = raw
        self.check = check


class EncoderError(TrsllavaError):
    """A text or image encoder cannot be loaded."""
