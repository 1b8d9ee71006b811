"""A model server's service, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trsllava.ledger.service import Service


def service_lines(service: Service) -> Iterator[str]:
    """Tokens, latency and pace; nothing where no model was asked."""
    usage = service.usage
    if not usage.requests:
        return
    share = f", {usage.cached_tokens:,} of them cached" if usage.cached_tokens else ""
    tokens = f"{usage.prompt_tokens:,} in{share}, {usage.completion_tokens:,} out"
    yield f"model: {usage.requests:,} answers, tokens {tokens}"
    yield (
        f"model: {service.p50:.2f} s an answer in the middle (p50), {service.p95:.2f} s at p95, "
        f"{service.captions_per_second:.2f} captions/s"
    )
