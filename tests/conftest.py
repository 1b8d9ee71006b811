"""What all tests share."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import typer.main
from filelock import FileLock
from hypothesis import settings
from PIL import Image

from indexer.job import IndexReport, index_folder
from trsllava.captioners.imported import read_caption_file
from trsllava.captioners.protocol import Captioner
from trsllava.encoders.bm25 import Bm25Encoder
from trsllava.encoders.distinct import encode_distinct
from trsllava.encoders.protocol import FloatArray, ImageTextEncoder
from trsllava.ledger.ledger import Ledger
from trsllava.records import Picture
from trsllava.search.branches import Encoders
from trsllava.search.engine import Engine
from trsllava.store.embedded import EmbeddedStore

pytest_plugins = ["tests.standin.fixtures"]

# A busy machine is no failure.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


class WordEncoder:
    """A deterministic tiny encoder: a text is the sum of its words' hashed directions, so shared words mean nearness.

    Remembers the distinct texts it was given, so that tests can tell what was encoded again.
    """

    def __init__(self, name: str = "words", dim: int = 32) -> None:
        self.name, self.dim = name, dim
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> FloatArray:
        return encode_distinct(texts, self._batch, dim=self.dim, batch_size=64)

    def _batch(self, texts: list[str]) -> FloatArray:
        self.encoded += texts
        sums = [sum((self._direction(word) for word in text.lower().split()), np.zeros(self.dim)) for text in texts]
        return (np.array(sums) / np.linalg.norm(sums, axis=1, keepdims=True)).astype(np.float32)

    def _direction(self, word: str) -> np.ndarray[Any, np.dtype[np.float64]]:
        seed = int.from_bytes(hashlib.sha256(word.strip(".,;").encode()).digest()[:4], "big")
        return np.random.default_rng(seed).standard_normal(self.dim)


class ColourEncoder:
    """A deterministic tiny image-text encoder: a picture is its mean colour, a text the colours that it names.

    Remembers how many pictures it was shown.
    """

    def __init__(self, name: str = "colours") -> None:
        self.name, self.dim, self.seen = name, 4, 0

    def encode_images(self, pictures: Sequence[Picture]) -> FloatArray:
        self.seen += len(pictures)
        return self._unit([picture.reshape(-1, 3).mean(axis=0) / 255 for picture in pictures])

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        return self._unit([[colour in text for colour in ("red", "green", "blue")] for text in texts])

    def _unit(self, colours: Sequence[Any]) -> FloatArray:
        # The fourth number keeps what has no colour at all from having no direction.
        rows = np.array([[*colour, 0.1] for colour in colours], np.float32).reshape(-1, self.dim)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


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


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    return Collection(tmp_path)


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the user's settings or writes to the user's home."""
    for name in (
        "COLLECTION",
        "REPAIR",
        "ENCODER",
        "IMAGE_ENCODER",
        "RERANK",
        "QDRANT_URL",
        "BASE_URL",
        "MODEL",
        "API_KEY",
        "FUSION",
        "BRANCHES",
        "WEIGHTS",
    ):
        monkeypatch.delenv(f"TRSLLAVA_{name}", raising=False)
    monkeypatch.setenv("TRSLLAVA_HOME", str(tmp_path_factory.mktemp("home")))


@pytest.fixture(scope="session", autouse=True)
def _one_command_tree() -> Iterator[None]:
    """Typer makes all commands anew from their signatures at every run; no test changes them, so once will do."""
    made_once = cache(typer.main.get_command)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.main.get_command", made_once)
        patch.setattr("typer.testing._get_command", made_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def _networks_loaded_once() -> Iterator[None]:
    """A network in the same file is loaded once for all tests, as it is once in an archive that stays open."""
    loaded: dict[tuple[object, ...], onnxruntime.InferenceSession] = {}
    load = onnxruntime.InferenceSession

    def session(path: str, *options: Any, **more: Any) -> onnxruntime.InferenceSession:
        file = Path(path).stat()
        key = (path, file.st_ino, file.st_mtime_ns, file.st_size)
        if key not in loaded:
            loaded[key] = load(path, *options, **more)
        return loaded[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(onnxruntime, "InferenceSession", session)
        yield


MakeOnce = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def make_once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> MakeOnce:
    """Make a folder for the whole run: `make_once(name, write)` calls `write(folder)` in one worker; others wait."""
    root = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        root = root.parent  # each worker has a folder of its own in there

    def make(name: str, write: Callable[[Path], None]) -> Path:
        folder, whole = root / name, root / f"{name}.whole"
        with FileLock(root / f"{name}.lock"):
            if not whole.exists():
                write(folder)
                whole.touch()
        return folder

    return make


@pytest.fixture(scope="session")
def sample_archive(make_once: MakeOnce) -> Path:
    """The drawn archive, with its captions.jsonl. Read only: copy it to change it."""
    from trsllava.sample.archive import draw_archive

    return make_once("sample", lambda folder: draw_archive(folder, seed=3))
