"""Text-to-text image retrieval for remote-sensing archives.

import trsllava

with trsllava.open() as archive:
    hits = archive.search("harbor with cranes")
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trsllava.archive import Archive, open

__all__ = ["Archive", "open"]


def __getattr__(name: str) -> Any:
    """Import the façade when it is first asked for: `trsllava --help` should not wait for it."""
    if name in __all__:
        from trsllava import archive

        return getattr(archive, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
