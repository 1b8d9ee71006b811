"""What the encoders that we know were trained on: it belongs beside every figure."""

from __future__ import annotations

import re

from trsllava.encoders.image_text import is_shipped_nano
from trsllava.encoders.text import CALIBRATED
from trsllava.encoders.weights import DEFAULT_MODEL

NOT_STATED = "not stated"
_MINILM = "1.17 billion general sentence pairs, COCO and Flickr30k captions among them; no remote-sensing captions"
_RSICD = "RSICD's training split"
_TEXT_ENCODERS = {DEFAULT_MODEL: _MINILM, DEFAULT_MODEL + CALIBRATED: f"{_MINILM}; calibrated on {_RSICD}"}
_DIGEST = re.compile("-[0-9a-f]{8}$")


def documents_trained_on(stated: str, documents: str) -> str:
    """What was stated; where nothing was, what is known of the models that wrote the documents."""
    return _RSICD if stated == NOT_STATED and is_shipped_nano(documents) else stated


def text_encoder_trained_on(name: str) -> str:
    """By the name that a collection remembers, with or without the digest of its weights."""
    return _TEXT_ENCODERS.get(_DIGEST.sub("", name), NOT_STATED)


def image_encoder_trained_on(name: str) -> str:
    """By the name that a collection remembers."""
    return f"{_RSICD}; its texts: {_MINILM}" if is_shipped_nano(name) else NOT_STATED
