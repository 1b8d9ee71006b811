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
    """Read-only. GDAL swallows what `read` raises, so a fault is kept in `fault`, and reads are empty from then on."""

    def __init__(self, address: str) -> None:
        """Raises OutOfReachError, ImageError: the first block is fetched at once."""
        self._address = address
        self._blocks: dict[int, bytes] = {}
        self._at = 0
        self._next, self._run = 0, BLOCK
        self.fault: ImageError | None = None
        self.fetched = 0
        """Bytes that were read from the server."""
        first = self._fetch(0, BLOCK)
        self._size, self.version = first.size, first.version
        """What changes when the file does; empty where the server does not tell."""
        self._keep(0, first)

    def read(self, count: int = -1) -> bytes:
        """The next `count` bytes."""
        end = self._size if count < 0 else min(self._at + count, self._size)
        if self.fault is not None or end <= self._at:
            return b""
        try:
            self._ensure(self._at // BLOCK, -(-end // BLOCK))
        except ImageError as error:
            self.fault = error
            return b""
        first = self._at // BLOCK
        joined = b"".join(self._blocks[block] for block in range(first, -(-end // BLOCK)))
        found = joined[self._at - first * BLOCK : end - first * BLOCK]
        self._at = end
        return found

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
            length = min(max(until * BLOCK - start, self._run), self._size - start)
            part = self._fetch(start, length)
            if (part.size, part.version) != (self._size, self.version):
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

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a byte."""
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence])
        return self._at

    def tell(self) -> int:
        """The byte that is read next."""
        return self._at

    def size(self) -> int:
        """Bytes of the whole file."""
        return self._size

    def close(self) -> None:
        """GDAL opens and closes a file as it likes; the blocks stay until the object goes."""

    @property
    def closed(self) -> bool:
        """Always open."""
        return False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()
