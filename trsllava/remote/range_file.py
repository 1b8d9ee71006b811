"""A remote file as a file object: blocks are fetched as they are needed, kept while it is open, and counted."""

from __future__ import annotations

import io
from types import TracebackType
from typing import Self

from trsllava.errors import ImageError
from trsllava.remote.requests import Part, read_part, refused

BLOCK = 1 << 15
_AHEAD = 1 << 20
"""The most that is fetched in one go where reading goes straight on."""
MOST = 1 << 29
"""Of one file, in one reading: what needs more is better downloaded."""


class RangeFile:
    """Read-only. GDAL swallows what a reader raises: a fault is kept in `fault`, and reads are empty from then on."""

    def __init__(self, address: str) -> None:
        """Raises OutOfReachError, ImageError: the first block is fetched at once."""
        self._address = address
        self._blocks: dict[int, bytes] = {}
        self._next, self._run = 0, BLOCK
        self.fault: ImageError | None = None
        self.fetched = 0
        """Bytes that were read from the server."""
        first = self._fetch(0, BLOCK)
        self.size, self.version = first.size, first.version
        """Bytes of the whole file; and what changes when it does, empty where the server does not tell."""
        self._keep(0, first)

    def opened(self) -> Cursor:
        """The file as a file object; GDAL opens one several times."""
        return Cursor(self)

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end`, as far as the file goes."""
        end = min(end, self.size)
        if self.fault is not None or end <= start:
            return b""
        first, last = start // BLOCK, -(-end // BLOCK)
        try:
            self._ensure(first, last)
        except ImageError as error:
            self.fault = error
            return b""
        joined = b"".join(self._blocks[block] for block in range(first, last))
        return joined[start - first * BLOCK : end - first * BLOCK]

    def _ensure(self, first: int, last: int) -> None:
        """Fetch the blocks from `first` up to `last` that are not here, neighbours in one go, some more where reading
        goes straight on."""
        block = first
        while block < last:
            if block in self._blocks:
                block += 1
                continue
            until = block + 1
            while until < last and until not in self._blocks:
                until += 1
            start = block * BLOCK
            self._run = min(2 * self._run, _AHEAD) if start == self._next else BLOCK
            length = min(max(until * BLOCK - start, self._run), self.size - start)
            part = self._fetch(start, length)
            if (part.size, part.version) != (self.size, self.version):
                raise refused(self._address, "it changed while it was read; index it again")
            self._keep(block, part)
            self._next = start + length
            block = until

    def _fetch(self, start: int, length: int) -> Part:
        if self.fetched + length > MOST:
            raise refused(
                self._address,
                f"more than {MOST >> 20} MB of it would have to be read; make it a cloud-optimised GeoTIFF with "
                "overviews, or download it",
            )
        part = read_part(self._address, start, length)
        self.fetched += len(part.content)
        return part

    def _keep(self, block: int, part: Part) -> None:
        for start in range(0, len(part.content), BLOCK):
            self._blocks[block + start // BLOCK] = part.content[start : start + BLOCK]


class Cursor:
    """A place in a RangeFile, with what GDAL asks of a file object."""

    def __init__(self, file: RangeFile) -> None:
        self._file, self._at = file, 0
        self.closed = False

    def read(self, count: int = -1) -> bytes:
        """The next `count` bytes."""
        found = self._file.read(self._at, self._file.size if count < 0 else self._at + count)
        self._at += len(found)
        return found

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a byte."""
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._file.size}[whence])
        return self._at

    def tell(self) -> int:
        """The byte that is read next."""
        return self._at

    def close(self) -> None:
        """Closed files are opened anew."""
        self.closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()
