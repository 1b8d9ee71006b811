"""The archives that are served: one open archive a collection."""

from __future__ import annotations

import threading

from trsllava.archive import Archive, collections
from trsllava.service.problems import Problem
from trsllava.service.settings import ServiceSettings


class Archives:
    """Open archives by the name of their collection, each opened when it is first asked for. Thread-safe."""

    def __init__(self, settings: ServiceSettings) -> None:
        self._settings = settings
        self._open: dict[str, Archive] = {}
        self._lock = threading.Lock()

    def names(self) -> list[str]:
        """The collections that are served and exist, sorted."""
        served = self._settings.collections
        return [name for name in collections(self._settings.home) if served is None or name in served]

    def get(self, collection: str | None = None) -> Archive:
        """The archive of a collection, the settings' where none is named. Raises Problem (404) where there is none."""
        name = collection or self._settings.collection
        with self._lock:
            archive = self._open.get(name)
            if archive is not None and archive.exists():
                return archive
            if name not in self.names():
                raise Problem(
                    404,
                    "unknown-collection",
                    f"There is no collection {name!r}.",
                    "GET /v1/collections lists what there is.",
                )
            if archive is not None:
                archive.close()  # deleted and made anew by another process
            archive = Archive(self._settings.of_collection(name))
            self._open[name] = archive
            return archive

    def close(self) -> None:
        """Close them all."""
        with self._lock:
            while self._open:
                self._open.popitem()[1].close()
