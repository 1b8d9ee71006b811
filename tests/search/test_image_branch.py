"""Search by what pictures look like: in words, and by a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.standin.collection import Collection
from tests.standin.encoders import ColourEncoder
from trsllava.errors import InputError
from trsllava.records import Hit, Query
from trsllava.search.picture_query import read_picture

SCENES = {
    "roof.png": ("red", ["the roof of a hall", "a large hall"]),
    "meadow.png": ("lime", ["a hall by a meadow"]),
    "pond.png": ("blue", ["a small pond"]),
}


def fill(collection: Collection) -> None:
    collection.paint({name: colour for name, (colour, _) in SCENES.items()})
    collection.describe({name: texts for name, (_, texts) in SCENES.items()})
    collection.index()


@pytest.fixture
def painted(collection: Collection) -> Collection:
    collection.image_encoder = ColourEncoder()
    fill(collection)
    return collection


def names(hits: list[Hit]) -> list[str]:
    return [hit.paths[0].rsplit("/", 1)[-1] for hit in hits]


def test_pictures_speak_where_captions_are_silent(painted: Collection) -> None:
    (best, *_) = painted.engine().search(Query(text="red hall"))
    assert names([best]) == ["roof.png"]
    assert set(best.branches) == {"dense", "bm25", "image"}
    assert best.branches["image"].rank == 1
    assert names(painted.engine().search(Query(text="something blue", branches=("image",))))[0] == "pond.png"


@pytest.mark.parametrize("fusion", ["rrf", "zscore", "cdf"])
def test_a_tile_without_a_vector_is_neither_favoured_nor_punished(collection: Collection, fusion: str) -> None:
    collection.image_encoder = ColourEncoder()
    names_of = ["red.png", "green.png", "away.png", "blue.png", "teal.png"]
    collection.paint(dict(zip(names_of, ("red", "lime", "gray", "blue", "teal"), strict=True)))
    collection.describe(dict.fromkeys(names_of, "a field"))
    collection.index()
    records = {record.paths[0].rsplit("/", 1)[-1]: record for record in collection.ledger.scan()}
    collection.store.upsert([without_image(collection, str(records["away.png"].tile.id))])
    hits = collection.engine().search(Query(text="red", fusion=fusion))  # type: ignore[arg-type]
    order = names(hits)
    assert order[0] == "red.png"
    assert 0 < order.index("away.png") < 4
    said = hits[order.index("away.png")].branches["image"]
    assert (said.score, said.rank) == (None, None)
    for hit in hits:
        assert sum(branch.share for branch in hit.branches.values()) == pytest.approx(hit.score, abs=1e-5)
    assert [hit.branches["image"].rank for hit in hits].count(1) == 1


def without_image(collection: Collection, tile_id: str):  # type: ignore[no-untyped-def]
    from indexer.points import tile_points
    from trsllava.encoders.bm25 import Bm25Encoder

    schema = collection.ledger.schema()
    assert schema is not None
    records = list(collection.ledger.records([tile_id]).values())
    return tile_points(records, collection.encoder, Bm25Encoder(schema.average_length), {})[0]


def test_candidates_are_scored_like_all_tiles(painted: Collection) -> None:
    query = Query(text="red hall")
    exact, candidates = (painted.engine(exact_below=limit).search(query) for limit in (100, 0))
    assert names(exact) == names(candidates)
    for one, other in zip(exact, candidates, strict=True):
        assert one.score == pytest.approx(other.score, abs=1e-4)


def test_a_picture_finds_what_looks_like_it_and_shows_its_first_sentence(painted: Collection) -> None:
    hits = painted.engine().search(Query(image=np.full((5, 9, 3), (250, 20, 10), np.uint8)))
    assert names(hits)[0] == "roof.png"
    assert set(hits[0].branches) == {"image"}
    assert (hits[0].why.variant, hits[0].why.text) == (0, "the roof of a hall")
    assert hits[0].score == pytest.approx(1.0, abs=0.01)


def test_what_cannot_be_asked_is_one_sentence(painted: Collection) -> None:
    picture = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(InputError, match="'image' alone"):
        painted.engine().search(Query(image=picture, branches=("dense",)))


def test_a_collection_without_image_vectors_says_how_to_get_them(collection: Collection) -> None:
    fill(collection)
    assert set(collection.engine().search(Query(text="hall"))[0].branches) == {"dense", "bm25"}
    for query in (Query(text="hall", branches=("image",)), Query(image=np.zeros((4, 4, 3), np.uint8))):
        with pytest.raises(InputError, match=r"no branch 'image'.*`reindex\(image_encoder='nano'\)`"):
            collection.engine().search(query)


def test_a_picture_comes_from_a_file_or_from_memory(tmp_path: Path) -> None:
    Image.new("RGB", (12, 7), "red").save(tmp_path / "red.png")
    assert read_picture(tmp_path / "red.png").shape == (7, 12, 3)
    Image.new("RGB", (3000, 30), "red").save(tmp_path / "long.png")
    assert read_picture(str(tmp_path / "long.png")).shape == (10, 1024, 3)
    pixels = np.zeros((3, 4, 3), np.uint8)
    assert read_picture(pixels) is pixels


def test_what_is_no_picture_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes.png").write_text("no picture")
    for path in (tmp_path / "notes.png", tmp_path / "nowhere.png", tmp_path):
        with pytest.raises(InputError, match="to search by cannot be used"):
            read_picture(path)
    for array in (np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)):
        with pytest.raises(InputError, match="uint8"):
            read_picture(array)  # type: ignore[arg-type]
