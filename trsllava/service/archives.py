"""The archives that are served: one open archive a collection."""

from __future__ import annotations

import threading
from contextlib import suppress

from trsllava.archive import Archive, collections
from trsllava.config import Settings
from trsllava.encoders.protocol import TextEncoder
from trsllava.errors import TrsllavaError
from trsllava.service.batching import BatchingEncoder
from trsllava.service.metrics import Metrics
from trsllava.service.problems import Problem
from trsllava.service.settings import ServiceSettings


class ServedArchive(Archive):
    """An archive that many threads search: their texts are encoded together."""

    def __init__(self, settings: Settings, metrics: Metrics, *, remembered: int) -> None:
        super().__init__(settings)
        self._metrics, self._remembered = metrics, remembered

    def warm(self) -> None:
        """Load what queries need. Raises what `search` raises before it looks at the query."""
        self.engine.has_meaning("warm")
        self.encoder.encode(["warm"])
        if self.image_encoder is not None:
            self.image_encoder.encode_texts(["warm"])
        self.store.hold()

    def _load_encoder(self, name: str) -> TextEncoder:
        encoder = super()._load_encoder(name)
        return BatchingEncoder(encoder, remembered=self._remembered, metrics=self._metrics)


class Archives:
    """Open archives by the name of their collection, each opened when it is first asked for. Thread-safe."""

    def __init__(self, settings: ServiceSettings, metrics: Metrics) -> None:
        self._settings, self._metrics = settings, metrics
        self._open: dict[str, ServedArchive] = {}
        self._lock = threading.Lock()

    def names(self) -> list[str]:
        """The collections that are served and exist, sorted."""
        served = self._settings.collections
        return [name for name in collections(self._settings.home) if served is None or name in served]

    def get(self, collection: str | None = None) -> ServedArchive:
        """The archive of a collection, the settings' where none is named. Raises Problem (404) where there is none."""
        name = self._settings.collection if collection is None else collection
        with self._lock:
            archive = self._open.get(name)
            if archive is not None and archive.exists():
                return archive
            if archive is not None:
                archive.close()  # deleted by another process
                del self._open[name]
            if name not in self.names():
                raise Problem(
                    404,
                    "unknown-collection",
                    f"There is no collection {name!r}.",
                    "GET /v1/collections lists what there is.",
                )
            settings = self._settings.of_collection(name)
            archive = ServedArchive(settings, self._metrics, remembered=self._settings.remembered_texts)
            _ = archive.ledger, archive.store  # opened once, whichever thread comes first
            self._open[name] = archive
            self._metrics.archives.set(len(self._open))
            return archive

    def warm(self) -> None:
        """Make the default collection ready, so that the first search need not wait for it."""
        with suppress(Problem, TrsllavaError):  # whoever searches is told
            self.get().warm()

    def close(self) -> None:
        """Close them all."""
        with self._lock:
            while self._open:
                self._open.popitem()[1].close()
            self._metrics.archives.set(0)
