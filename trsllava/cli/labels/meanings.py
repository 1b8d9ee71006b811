"""The text encoder by which label commands compare meanings."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trsllava.config import Settings
    from trsllava.labels.meaning import Meanings


def meanings_of(settings: Settings) -> Meanings:
    """What labels mean, by the settings' text encoder. Raises EncoderError, ServerError."""
    from trsllava.config import plain
    from trsllava.encoders.text import load_text_encoder
    from trsllava.encoders.weights import DEFAULT_MODEL
    from trsllava.labels.meaning import Meanings

    name, key = settings.encoder or DEFAULT_MODEL, plain(settings.encoder_api_key)
    encoder = load_text_encoder(name, device=settings.device, base_url=settings.encoder_url, api_key=key)
    return Meanings(encoder.encode)
