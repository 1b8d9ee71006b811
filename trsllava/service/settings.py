"""Settings of the service: those of the library, and the table `[service]` of trsllava.toml."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from trsllava.config import Settings, changed_settings, load_settings, settings_from
from trsllava.remote.address import is_address, public


def _workers() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(256, 2 * cores)


class ServiceSettings(Settings):
    """All that `trsllava serve` can be told. In the environment these names have the prefix TRSLLAVA_ like all others;
    in trsllava.toml they stand in the table `[service]`."""

    table: ClassVar[str] = "service"

    host: str = "127.0.0.1"
    """Address to listen on. Off loopback every request needs an API key."""
    port: int = Field(default=8080, ge=0, le=65535)
    collections: tuple[str, ...] | None = None
    """The collections that are served; None: all in the home folder."""
    roots: tuple[Path, ...] = ()
    """Folders below which jobs may index files and originals may be handed out; none: neither is possible."""

    sources: tuple[str, ...] = ()
    """Addresses (http, https, s3, gs) below which jobs may read STAC documents and pictures; none: jobs read nothing
    over the network. What a catalogue links to counts as well: name the addresses of its pictures too."""

    keys_required: bool = False
    """Requests on loopback need an API key as well; those from elsewhere always do."""
    originals: bool = False
    """Source files below `roots` may be downloaded."""
    rerankers: tuple[str, ...] = ()
    """Image-text encoders that requests may name to re-rank by, beside each collection's own."""

    workers: int = Field(default_factory=_workers, ge=1, le=256)
    """Requests that are worked on at once: by default two a core, as more would take turns at the same cores."""
    queue: int = Field(default=64, ge=0, le=10_000)
    """Requests that wait for a worker; more are refused with 429."""
    request_seconds: float = Field(default=30.0, gt=0)
    """How long a request may take, waiting included."""

    remembered_texts: int = Field(default=32_768, ge=0)
    """Texts whose vectors are remembered, a collection: queries, and passages that explain hits. 1.5 kB each."""

    body_limit: int = Field(default=32 << 20, ge=1024)
    """Bytes of a request's body."""
    pixel_limit: int = Field(default=25_000_000, ge=1)
    """Pixels of an uploaded picture."""
    k_limit: int = Field(default=1000, ge=1, le=1000)
    """Hits of one search."""
    ranking_limit: int = Field(default=10_000, ge=1, le=10_000)
    """Hits of one ranking, which has no reasons."""
    job_limit: int = Field(default=100, ge=1)
    """Jobs that run or wait."""
    stream_limit: int = Field(default=64, ge=1, le=10_000)
    """Streams of events, of jobs and dialogues, that are open at once; more are refused with 429."""
    dialogue_limit: int = Field(default=10_000, ge=1)
    """Dialogues that are kept; those left alone longest are forgotten first."""
    dialogue_hours: float = Field(default=168.0, gt=0)
    """How long a dialogue is kept that nobody goes on with."""
    batch_limit: int = Field(default=64, ge=1, le=64)
    """Searches in one batch."""
    filter_limit: int = Field(default=64, ge=1, le=64)
    """Names in one filter."""
    caption_limit: int = Field(default=1000, ge=1)
    """Captions that are pushed in one request."""
    text_limit: int = Field(default=2000, ge=1, le=2000)
    """Characters of a query's text."""
    render_limit: int = Field(default=4096, ge=16, le=4096)
    """Longest side of a rendered picture, in pixels."""

    map_tiles: str = Field(default="", pattern=r"^$|^https?://[A-Za-z0-9.:\[\]-]+/[^\s;,'\"]*$")
    """Address of map tiles, with {z}, {x} and {y}, for the page's map; empty: it shows outlines of land alone."""
    map_attribution: str = Field(default="", max_length=200)
    """Whose map tiles these are, as their terms want it said."""

    log_queries: bool = False
    """Query texts are written to the log."""

    @field_validator("roots")
    @classmethod
    def _resolved(cls, roots: tuple[Path, ...]) -> tuple[Path, ...]:
        return tuple(root.expanduser().resolve() for root in roots)

    @field_validator("sources")
    @classmethod
    def _addresses(cls, sources: tuple[str, ...]) -> tuple[str, ...]:
        for source in sources:
            if not is_address(source) or not urlsplit(source).netloc or public(source) != source:
                raise ValueError(f"{public(source)!r} is not an address without credentials, as https://data.example")
        return sources

    @property
    def on_loopback(self) -> bool:
        """True where only this machine can reach the service."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def map_origin(self) -> str:
        """The server that map tiles come from, as in `https://tiles.example.org`; empty for none."""
        scheme, _, rest = self.map_tiles.partition("://")
        return f"{scheme}://{rest.partition('/')[0]}" if rest else ""

    @property
    def needs_key(self) -> bool:
        """True where a request without an API key is refused."""
        return self.keys_required or not self.on_loopback

    def of_collection(self, name: str) -> Settings:
        """The library's settings for one collection. Raises InputError for a name that cannot be one."""
        library = {field: getattr(self, field) for field in Settings.model_fields}
        return changed_settings(Settings.model_construct(**library), collection=name)


def load_service_settings(**given: Any) -> ServiceSettings:
    """Settings of the service with what the caller gave on top; None means not given. Raises InputError."""
    load_settings()  # refuses names of the service's that stand outside of its table
    return settings_from(ServiceSettings, given)
