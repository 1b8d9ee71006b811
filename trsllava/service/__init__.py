"""trsllava over HTTP: REST, STAC and MCP over the functions that the library and the command line use."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trsllava.service.app import create_app
    from trsllava.service.settings import ServiceSettings

__all__ = ["ServiceSettings", "create_app"]


def __getattr__(name: str) -> Any:
    """Import FastAPI only where the service is used: it comes with the extra `service`."""
    if name == "create_app":
        from trsllava.service.app import create_app

        return create_app
    if name == "ServiceSettings":
        from trsllava.service.settings import ServiceSettings

        return ServiceSettings
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
