"""Tiles whose answers could not be used, and what people do about them.

A tile gets there when the last attempt at captioning it fails (`indexer.job`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trsllava.collection import OpenCollection
from trsllava.errors import InputError
from trsllava.raster.tile_picture import with_living_first
from trsllava.records import RichText, TileRecord


class CollectionWithQuarantine(OpenCollection):
    """What an archive can do with tiles that captioners failed on."""

    def quarantined(self, check: str | None = None, *, after: str = "") -> Iterator[TileRecord]:
        """Every tile whose answers could not be used, with the reasons and the last answer, by id: those that `check`
        refused where it is named, and those that come after an id."""
        for record in self.ledger.scan("quarantined", after=after):
            if check in (None, *record.refusals[-1:]):
                yield with_living_first(record)

    def with_fewer_variants(self) -> list[TileRecord]:
        """Every tile of which only a part of an answer was good."""
        return list(self.ledger.records(self.ledger.ids_with_fewer_variants()).values())

    def retry(self, tile_ids: Sequence[str]) -> None:
        """Let quarantined tiles be asked about again by the next `index`. Raises InputError for a tile that is not."""
        ids = [str(self._quarantined_tile(tile_id).tile.id) for tile_id in tile_ids]
        with self.writing():
            self.ledger.release(ids)

    def accept(self, tile_id: str, answer: str | None = None) -> RichText:
        """Take a quarantined tile's raw answer, or the text given in its place, as it is; it is searchable at once.

        `answer`: an object like RSRT's (`variants`, `labels`), or sentences, one a line. Raises InputError where the
        tile is not quarantined or the answer holds no text.
        """
        from indexer.built_with import check_encoder, check_image_encoder
        from indexer.storing import store_waiting
        from trsllava.captioners.imported import read_answer

        record = self._quarantined_tile(tile_id)
        text = read_answer(record.raw_answer if answer is None else answer)
        with self.writing():
            check_encoder(self.ledger.schema(), self.encoder)  # what cannot be stored is not accepted
            check_image_encoder(self.ledger.schema(), self.image_encoder)
            self.ledger.record_text(str(record.tile.id), text, attempts=0)
            store_waiting(self.ledger, self.store, self.encoder, self.image_encoder)
        return text

    def _quarantined_tile(self, tile_id: str) -> TileRecord:
        record = self.ledger.record(tile_id)
        if record.state != "quarantined":
            raise InputError(f"Tile {record.tile.id} is {record.state}, not quarantined.")
        return record
