"""Text-to-text image retrieval for remote-sensing archives.

import trsllava

with trsllava.open() as archive:
    result = archive.search("harbor with cranes")
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trsllava.archive import Archive, open
    from trsllava.client import AsyncClient, Client
    from trsllava.dialogue.state import Dialogue, DialogueSettings
    from trsllava.errors import InputError, TrsllavaError
    from trsllava.records import Filters, Footprint, Hit, Query
    from trsllava.search.conditions import BBoxLike, DatetimeLike
    from trsllava.search.coverage import Coverage
    from trsllava.search.result import SearchResult
    from trsllava.search.timings import Timings
    from trsllava.search.understood import Understood
    from trsllava.status import Status

    __version__: str

__all__ = [
    "Archive",
    "AsyncClient",
    "BBoxLike",
    "Client",
    "Coverage",
    "DatetimeLike",
    "Dialogue",
    "DialogueSettings",
    "Filters",
    "Footprint",
    "Hit",
    "InputError",
    "Query",
    "SearchResult",
    "Status",
    "Timings",
    "TrsllavaError",
    "Understood",
    "__version__",
    "open",
]

_HOMES = {
    "trsllava.archive": {"Archive", "open"},
    "trsllava.client": {"AsyncClient", "Client"},
    "trsllava.dialogue.state": {"Dialogue", "DialogueSettings"},
    "trsllava.errors": {"InputError", "TrsllavaError"},
    "trsllava.records": {"Filters", "Footprint", "Hit", "Query"},
    "trsllava.search.conditions": {"BBoxLike", "DatetimeLike"},
    "trsllava.search.coverage": {"Coverage"},
    "trsllava.search.result": {"SearchResult"},
    "trsllava.search.timings": {"Timings"},
    "trsllava.search.understood": {"Understood"},
    "trsllava.status": {"Status"},
}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is first asked for: `trsllava --help` should not wait for it."""
    from importlib import import_module, metadata

    if name == "__version__":
        return metadata.version("trsllava")
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
