"""Image vectors in the ledger."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from trsllava.ledger.builds import CollectionSchema
from trsllava.ledger.files import FileRow
from trsllava.ledger.ledger import Ledger
from trsllava.records import Rendering, RichCaption, RichText, Tile, Window
from trsllava.tile_id import tile_id

KEY = Rendering().key()
VECTOR = np.array([0.6, 0.8], np.float32)


def stored_tile(ledger: Ledger, content: str) -> str:
    window = Window(0, 0, 8, 8)
    tile = Tile(id=tile_id(content, window, Rendering()), sha256=content, window=window)
    ledger.record_file(FileRow(f"/images/{content}.png", "/images", 10, 20, content, KEY), [tile])
    ledger.record_text(str(tile.id), RichText(variants=(RichCaption(caption="a quay"),)))
    ledger.mark_stored([str(tile.id)])
    return str(tile.id)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.sqlite")


def test_a_vector_comes_back_for_its_encoder_alone(ledger: Ledger) -> None:
    tile = stored_tile(ledger, "aa")
    ledger.record_image_vectors("nano", {tile: VECTOR})
    np.testing.assert_array_equal(ledger.image_vectors([tile, "unknown"], "nano")[tile], VECTOR)
    assert ledger.image_vectors([tile], "clip") == {}
    ledger.record_image_vectors("clip", {tile: -VECTOR})
    assert ledger.image_vectors([tile], "nano") == {}
    np.testing.assert_array_equal(ledger.image_vectors([tile], "clip")[tile], -VECTOR)


def test_a_stored_tile_that_gets_a_vector_is_stored_again(ledger: Ledger) -> None:
    with_vector, without = stored_tile(ledger, "aa"), stored_tile(ledger, "bb")
    ledger.record_image_vectors("nano", {with_vector: VECTOR})
    assert ledger.ids("captioned") == [with_vector]
    ledger.mark_stored([with_vector])
    assert ledger.without_image_vector("nano") == [without]
    assert ledger.without_image_vector("clip") == sorted([with_vector, without])


def test_a_vector_goes_with_its_tile(ledger: Ledger) -> None:
    tile = stored_tile(ledger, "aa")
    ledger.record_image_vectors("nano", {tile: VECTOR})
    ledger.forget_files(["/images/aa.png"])
    ledger.forget_orphans()
    assert ledger.image_vectors([tile], "nano") == {}


def test_a_collection_of_an_earlier_version_has_no_image_encoder(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    ledger.close()
    with sqlite3.connect(tmp_path / "ledger.sqlite") as db:
        db.execute("DROP TABLE image_vectors")
        db.execute("DROP TABLE words")
        db.execute("DROP TABLE kept_texts")
        db.execute("DROP TABLE image_vectors_aside")
        db.execute("ALTER TABLE files DROP COLUMN item")
        db.execute("PRAGMA user_version = 4")
        db.execute(
            "INSERT INTO meta VALUES ('schema', ?)", ('{"encoder": "words", "dense_dim": 32, "average_length": 7.5}',)
        )
    db.close()
    opened = Ledger(tmp_path / "ledger.sqlite")
    assert opened.schema() == CollectionSchema(encoder="words", dense_dim=32, average_length=7.5)
    assert opened.image_vectors(["aa"], "nano") == {}
