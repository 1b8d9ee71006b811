"""A new store beside the old one, filled from the ledger and swapped in whole."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indexer.built_with import schema_of
from indexer.progress import Progress
from indexer.recovery import settle
from indexer.storing import StoringStage
from indexer.vocabulary import count_words
from trsllava.encoders.protocol import ImageTextEncoder, TextEncoder
from trsllava.ledger.builds import Build, CollectionSchema
from trsllava.ledger.ledger import Ledger
from trsllava.records import TileRecord
from trsllava.store.protocol import StoreSchema, VectorStore


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild did."""

    stored: int
    unseen: Mapping[str, str]
    """Tiles that got no image vector, for their pictures cannot be read at the moment, and why."""
    seconds: Mapping[str, float]
    """Wall time by stage; stages overlap."""


def rebuild(
    ledger: Ledger,
    store: VectorStore,
    encoder: TextEncoder,
    image_encoder: ImageTextEncoder | None,
    progress: Progress,
) -> Rebuilt:
    """Fill an empty store from the ledger, with any encoders; pictures that this image encoder has seen before are
    not looked at again.

    It is filled beside the one that answers and takes its place when it is whole, in one step. A kill leaves what was
    there; `settle` sweeps the rest.
    """
    settle(ledger, store)
    count_words(ledger, progress)
    texts = (record.text for record in ledger.scan() if record.text is not None)
    schema = schema_of(encoder, image_encoder, texts)
    build = Build(name=uuid.uuid4().hex, made_with=schema)
    ledger.begin_build(build)  # before the swap: from then on queries are encoded as the new build's captions are
    ids = sorted([*ledger.ids("stored"), *ledger.ids("captioned")])

    def told(stage: str, done: int, _: int) -> None:
        progress(stage, done, len(ids))

    with store.beside(build.name, StoreSchema(schema.dense_dim, schema.image_dim)) as beside:
        stage = _RebuildingStage(ledger, beside, encoder, image_encoder, told, schema)
        with stage as storing:
            for tile_id in ids:
                storing.add(tile_id)
    store.swap(build.name)
    ledger.end_build(stored=ids)
    return Rebuilt(storing.stored, storing.unseen, storing.seconds)


class _RebuildingStage(StoringStage):
    """Fills a store beside the one that answers: the ledger goes on telling what that one holds."""

    def __init__(
        self,
        ledger: Ledger,
        store: VectorStore,
        encoder: TextEncoder,
        image_encoder: ImageTextEncoder | None,
        progress: Progress,
        schema: CollectionSchema,
    ) -> None:
        super().__init__(ledger, store, encoder, image_encoder, progress)
        self._made_with = schema

    def _left_over(self) -> Sequence[str]:
        """Nothing: all of it was handed over."""
        return ()

    def _is_wanted(self, record: TileRecord) -> bool:
        return record.text is not None

    def _note(self, records: Sequence[TileRecord]) -> None:
        """Noted all together, after the swap."""

    def _schema_of(self, _: Sequence[TileRecord]) -> CollectionSchema:
        return self._made_with
