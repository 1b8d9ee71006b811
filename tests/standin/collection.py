"""A small collection with a quick encoder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from indexer.job import IndexReport, index_folder
from tests.standin.encoders import WordEncoder
from trsllava.captioners.imported import read_caption_file
from trsllava.captioners.protocol import Captioner
from trsllava.encoders.bm25 import Bm25Encoder
from trsllava.encoders.protocol import ImageTextEncoder
from trsllava.ledger.ledger import Ledger
from trsllava.search.branches import Encoders
from trsllava.search.engine import Engine
from trsllava.store.embedded import EmbeddedStore


class Collection:
    """A small collection in a temporary home: a folder of images, a ledger, an embedded store, the tiny encoder."""

    def __init__(self, folder: Path) -> None:
        self.images = folder / "images"
        self.images.mkdir()
        self.captions = folder / "captions.jsonl"
        self.ledger = Ledger(folder / "home" / "ledger.sqlite")
        self.store = EmbeddedStore(folder / "home" / "store")
        self.encoder = WordEncoder()
        self.image_encoder: ImageTextEncoder | None = None

    def draw(self, *names: str) -> None:
        """A picture for each name, all different."""
        for name in names:
            path = self.images / name
            path.parent.mkdir(parents=True, exist_ok=True)
            pixels = np.random.default_rng(list(name.encode())).integers(0, 255, (8, 8, 3), np.uint8)
            Image.fromarray(pixels).save(path)

    def paint(self, colours: Mapping[str, str]) -> None:
        """A picture of one colour for each name."""
        for name, colour in colours.items():
            (self.images / name).parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (8, 8), colour).save(self.images / name)

    def describe(self, captions: Mapping[str, str | list[str] | dict[str, Any]]) -> None:
        """Write the caption file: a sentence, several, or a whole RSRT line."""
        lines = []
        for image, text in captions.items():
            row = text if isinstance(text, dict) else {"captions": [text] if isinstance(text, str) else text}
            lines.append(json.dumps({"image": image, **row}))
        self.captions.write_text("\n".join(lines), encoding="utf-8")

    def index(self, captioner: Captioner | None = None, **options: Any) -> IndexReport:
        """Index the folder from the caption file, or by a captioner."""
        source = captioner or read_caption_file(self.captions)
        parts = {"ledger": self.ledger, "store": self.store, "encoder": self.encoder}
        return index_folder(self.images, source, image_encoder=self.image_encoder, **parts, **options)

    def engine(self, **options: Any) -> Engine:
        """A search engine over it: all its branches, by z-scores unless told otherwise."""
        schema = self.ledger.schema()
        assert schema is not None
        image = self.image_encoder
        see = (lambda: image) if image is not None and schema.image_encoder else None
        encoders = Encoders(self.encoder, Bm25Encoder(schema.average_length), see)
        return Engine(self.store, self.ledger, encoders, **({"fusion": "zscore", "weights": {}} | options))
