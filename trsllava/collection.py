"""One collection and what it is made of: ledger, store, encoders, search engine."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, cached_property, wraps
from types import TracebackType
from typing import TYPE_CHECKING, ParamSpec, Self, TypeVar, cast

from filelock import FileLock, Timeout

from trsllava.config import Settings, plain
from trsllava.encoders.image_text import NANO, NO_IMAGES
from trsllava.encoders.weights import DEFAULT_MODEL
from trsllava.errors import BeingWrittenError, HomeError, Parameter, UnknownCollectionError, UnsearchableError
from trsllava.ledger.builds import CollectionSchema
from trsllava.ledger.ledger import Ledger
from trsllava.search.coverage import Coverage
from trsllava.store.protocol import VectorStore

if TYPE_CHECKING:
    from pathlib import Path

    from trsllava.encoders.protocol import ImageTextEncoder, TextEncoder
    from trsllava.labels.tree import LabelTree
    from trsllava.search.engine import Engine
    from trsllava.search.relevance import Relevance, RelevanceSide
    from trsllava.search.rerank import Reranker

LABEL_TREE = "labels.yaml"
"""The file of a collection that holds its label tree."""
DELETED = "~deleted"
"""What follows the name of a collection that is being removed; no collection may be called so."""


Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


def of_one_build(ask: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """A method of OpenCollection that asks the store several times, asked again where a reindex swapped the store
    meanwhile: no answer mixes two encoders."""

    @wraps(ask)
    def unmixed(*args: Asked.args, **options: Asked.kwargs) -> Answer:
        opened = cast(OpenCollection, args[0])
        while True:
            build = opened.store.build()
            opened.follow(build)
            try:
                answer = ask(*args, **options)
            except Exception:  # numpy objects to vectors of two encoders in its own way
                if opened.store.build() == build:
                    raise
            else:
                if opened.store.build() == build:
                    return answer

    return unmixed


class OpenCollection:
    """What belongs to one collection, each part opened when it is first needed. Use as a context manager, or `close()`
    it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.folder = settings.home / "collections" / settings.collection
        self._rerankers: dict[str, ImageTextEncoder] = {}
        self._build = ""
        self._following = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of files and connections; the archive opens them again when used."""
        if "ledger" in self.__dict__:
            self.ledger.close()
        if "store" in self.__dict__:
            self.store.close()
        self.forget("ledger", "store", "encoder", "image_encoder", "engine")

    def forget(self, *parts: str) -> None:
        """Let parts be opened anew when they are next needed."""
        for name in parts:
            self.__dict__.pop(name, None)

    def exists(self) -> bool:
        """True where something has been indexed."""
        return (self.folder / "ledger.sqlite").exists()

    @cached_property
    def ledger(self) -> Ledger:
        """The collection's ledger. Raises UnknownCollectionError before the first `index`."""
        if not self.exists():
            raise UnknownCollectionError(
                f"There is no collection {self.settings.collection!r} in {self.settings.home} yet. "
                "Create it with `trsllava index FOLDER`; `trsllava collections list` shows what there is."
            )
        return Ledger(self.folder / "ledger.sqlite")

    def label_tree(self) -> LabelTree | None:
        """The tree that the collection's labels are looked up in; None where they stand for themselves."""
        from trsllava.labels.file import opened_tree

        return opened_tree(self.folder / LABEL_TREE)

    def use_labels(self, tree: Path | str | None) -> None:
        """Look labels up in a copy of a tree: a file, or `overhead`, which comes with trsllava; None: in none.

        Raises UnknownCollectionError, LabelFileError, HomeError.
        """
        from trsllava.labels.file import replace_tree

        _ = self.ledger  # raises where there is no collection
        replace_tree(self.folder / LABEL_TREE, tree)

    def use_label_file(self, text: str) -> None:
        """Look labels up in the tree of a file's text.

        Raises UnknownCollectionError, LabelFileError, HomeError.
        """
        from trsllava.labels.file import put_tree

        _ = self.ledger  # raises where there is no collection
        put_tree(self.folder / LABEL_TREE, text, "the tree")

    @cached_property
    def store(self) -> VectorStore:
        """The collection's vector store: the Qdrant server of the settings, else the embedded engine."""
        if self.settings.qdrant_url:
            from trsllava.store.server import ServerStore

            return ServerStore(
                self.settings.qdrant_url,
                f"trsllava-{self.settings.collection}-{self.ledger.identity()}",
                api_key=plain(self.settings.qdrant_api_key),
            )
        from trsllava.store.embedded import EmbeddedStore

        return EmbeddedStore(self.folder / "store", wait_seconds=self.settings.wait_seconds)

    def schema(self) -> CollectionSchema | None:
        """What the vectors that answer were made with; None before the first tile is stored."""
        return self.ledger.schema(self.store.build())

    def follow(self, build: str) -> None:
        """Go on with the encoders of the store's build that answers: a reindex may have put another in place."""
        with self._following:
            if build != self._build:
                self.forget("encoder", "image_encoder", "engine")
                self._build = build
            _ = self.engine  # one thread loads: none is to finish loading what another has just forgotten

    @cached_property
    def encoder(self) -> TextEncoder:
        """The text encoder: the settings', else the collection's own, else MiniLM."""
        schema = self.schema() if self.exists() else None
        return self._load_encoder(self.settings.encoder or (schema.encoder if schema else DEFAULT_MODEL))

    def _load_encoder(self, name: str) -> TextEncoder:
        from trsllava.encoders.text import load_text_encoder

        return load_text_encoder(
            name,
            device=self.settings.device,
            base_url=self.settings.encoder_url,
            api_key=plain(self.settings.encoder_api_key),
        )

    @cached_property
    def image_encoder(self) -> ImageTextEncoder | None:
        """The image-text encoder: the settings', else the collection's own, else nano; None where there is none."""
        schema = self.schema() if self.exists() else None
        name = self.settings.image_encoder or (schema.image_encoder or NO_IMAGES if schema else NANO)
        return None if name == NO_IMAGES else self._load_image_encoder(name)

    def _load_image_encoder(self, name: str) -> ImageTextEncoder:
        from trsllava.encoders.image_text import load_image_text_encoder

        return load_image_text_encoder(name, device=self.settings.device, text_encoder=self.encoder)

    def _searched_by_pictures(self) -> ImageTextEncoder:
        from indexer.built_with import check_image_encoder

        check_image_encoder(self.schema(), self.image_encoder)
        assert self.image_encoder is not None  # the collection has image vectors, and the encoder is its own
        return self.image_encoder

    def reranker(self, name: str, top: int) -> Reranker:
        """A second look at the best `top` by an image-text encoder, the collection's own where it has that name."""
        from trsllava.search.rerank import Reranker

        schema = self.schema()
        if schema is not None and schema.image_encoder == name:
            return Reranker(self._searched_by_pictures(), top)
        if name not in self._rerankers:
            self._rerankers[name] = self._load_image_encoder(name)
        return Reranker(self._rerankers[name], top)

    def coverage(self) -> Coverage:
        """What share of the collection can be found. Waits for its turn at the store, as a search does."""
        counts = self.ledger.counts()
        captioned = counts["captioned"] + counts["stored"]
        held = self.store.count() if captioned and self.store.exists() else 0
        # The store may hold tiles that are about to be removed, or stored again with other paths.
        return Coverage(min(held, captioned), captioned, counts["pending"], self.ledger.a_root())

    def _searched(self) -> Coverage:
        """The share that a search finds. Raises UnsearchableError where it can find nothing of what is captioned."""
        coverage = self.coverage()
        if coverage.captioned and not coverage.searchable:
            raise UnsearchableError(" ".join(coverage.sentences()))
        return coverage

    @cached_property
    def engine(self) -> Engine:
        """The search engine. Raises CollectionMismatchError where the settings name another encoder,
        UnsearchableError where nothing can be found yet."""
        from indexer.built_with import check_encoder, check_image_encoder
        from trsllava.encoders.bm25 import Bm25Encoder
        from trsllava.search.branches import Encoders
        from trsllava.search.engine import Engine
        from trsllava.search.fusion import DEFAULT_FUSION, DEFAULT_WEIGHTS

        schema = self.schema()
        if schema is None or not self.store.exists():
            self._searched()
        if schema is None:
            raise UnknownCollectionError(
                f"Collection {self.settings.collection!r} has no captioned image yet. Run `trsllava index` again."
            )
        check_encoder(schema, self.encoder)
        if self.settings.image_encoder is not None:
            check_image_encoder(schema, self.image_encoder)
        image = cache(self._searched_by_pictures) if schema.image_encoder else None
        return Engine(
            self.store,
            self.ledger,
            Encoders(self.encoder, Bm25Encoder(schema.average_length), image),
            branches=self.settings.branches,
            fusion=self.settings.fusion or DEFAULT_FUSION,
            weights=DEFAULT_WEIGHTS if self.settings.weights is None else self.settings.weights,
            relevance=_relevance(schema),
        )

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One process writes a collection at a time. Creates its folder. Raises BeingWrittenError, HomeError."""
        from indexer.recovery import settle

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.folder / "index.lock", timeout=0)
            lock.acquire()
        except Timeout:
            raise BeingWrittenError(
                f"Another process is writing collection {self.settings.collection!r}. Wait for it to end, or use ",
                Parameter("collection"),
                ".",
            ) from None
        except OSError as error:
            raise HomeError(
                f"The home folder {self.settings.home} cannot be written: {error.strerror}. Choose another with ",
                Parameter("home"),
                ".",
            ) from error
        try:
            if not self.exists():
                Ledger(self.folder / "ledger.sqlite").close()
            self._sweep()
            if self.ledger.begun_build() is not None:
                settle(self.ledger, self.store)
            yield
        finally:
            lock.release()

    def _sweep(self) -> None:
        """Remove what a removal that was killed has left of this collection and others."""
        for leftover in self.folder.parent.glob(f"*{DELETED}"):
            shutil.rmtree(leftover, ignore_errors=True)


def _relevance(schema: CollectionSchema) -> Relevance | None:
    """What chances of hits are told by; None where they were learnt for none of the collection's models."""
    from trsllava.encoders import shipped
    from trsllava.encoders.image_text import is_shipped_nano
    from trsllava.search.relevance import Relevance

    learnt_for: dict[RelevanceSide, bool] = {
        "dense": schema.encoder == DEFAULT_MODEL,
        "image": is_shipped_nano(schema.image_encoder or ""),
    }
    sides = [side for side, known in learnt_for.items() if known]
    return Relevance.load(shipped.present(shipped.RELEVANCE), sides) if sides else None
