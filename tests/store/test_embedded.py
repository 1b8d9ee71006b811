"""What the embedded store keeps, finds and refuses."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from trsllava.errors import CollectionMismatchError, HomeError, InputError, UnknownCollectionError
from trsllava.records import Filters, Footprint
from trsllava.store import shard
from trsllava.store.embedded import EmbeddedStore
from trsllava.store.protocol import SparseVector, StoreSchema
from trsllava.store.scoring import MANY


def unit(*values: float) -> np.ndarray:
    vector = np.zeros(8, np.float32)
    vector[: len(values)] = values
    return vector / np.linalg.norm(vector)


def words(**weights: float) -> SparseVector:
    """Words named w0, w1, …"""
    return SparseVector(
        np.array([int(name[1:]) for name in weights], np.uint32), np.array(list(weights.values()), np.float32)
    )


def test_a_collection_exists_from_create_to_drop(folder, schema):
    store = EmbeddedStore(folder)
    assert not store.exists()
    store.create(schema)
    assert store.exists()
    store.drop()
    assert not store.exists()
    store.close()


def test_creating_again_with_the_same_schema_keeps_what_is_there(store, schema, tile):
    store.upsert([tile(1)])
    store.create(schema)
    assert store.count() == 1


def test_creating_again_with_another_dimension_is_refused_with_the_command_that_mends_it(store):
    with pytest.raises(CollectionMismatchError, match=r"8 numbers, not of 384.*reindex"):
        store.create(StoreSchema(384))


def test_a_missing_collection_is_said_to_be_missing_and_no_folder_appears(folder):
    store = EmbeddedStore(folder)
    for call in (store.count, store.ids, store.optimize, lambda: store.delete(["x"])):
        with pytest.raises(UnknownCollectionError, match="trsllava index"):
            call()
    assert not folder.exists()


def test_what_is_written_is_there_for_the_next_store(store, folder, tile):
    store.upsert([tile(n) for n in range(5)])
    store.close()
    again = EmbeddedStore(folder)
    assert again.ids() == [str(uuid.UUID(int=n)) for n in range(5)]
    again.close()


def test_a_tile_written_again_is_replaced(store, tile):
    store.upsert([tile(1, labels=("port",)), tile(2, labels=("port",))])
    store.upsert([tile(1, labels=("farm",))])
    assert store.facet("labels") == {"farm": 1, "port": 1}


def test_deleted_tiles_are_gone_and_unknown_ids_are_ignored(store, tile):
    store.upsert([tile(1), tile(2)])
    store.delete([tile(1).id, tile(99).id])
    assert store.ids() == [tile(2).id]


def test_vectors_held_in_memory_follow_every_write(store, tile):
    def found() -> list[str]:
        (scored,) = store.exact("dense", [unit(1)])
        return sorted(scored.ids)

    store.upsert([tile(n) for n in range(5)])
    assert all(len(found()) == 5 for _ in range(2 * MANY))
    store.upsert([tile(7)])
    assert all(tile(7).id in found() for _ in range(2 * MANY))
    store.delete([tile(0).id])
    assert all(found() == [tile(n).id for n in (1, 2, 3, 4, 7)] for _ in range(2 * MANY))


def test_vectors_are_held_before_anybody_asks_where_there_is_room(store, tile, monkeypatch):
    store.upsert([tile(n) for n in range(5)])
    assert store.held(1) is None
    monkeypatch.setattr(shard, "_HELD_BYTES", 1)
    store.hold()
    assert store.held(1) is None
    monkeypatch.undo()
    store.hold()
    assert store.held(1) is not None
    store.upsert([tile(7)])
    store.hold()
    assert tile(7).id in store.held(1).ids


def test_a_tile_scores_by_its_best_caption(store, tile):
    store.upsert(
        [
            tile(1, dense=np.stack([unit(1), unit(0, 1)])),
            tile(2, dense=np.stack([unit(1, 1), unit(1, 1, 1)])),
        ]
    )
    (scored,) = store.exact("dense", [unit(0, 1)])
    assert scored.ids == [tile(1).id, tile(2).id]
    np.testing.assert_allclose(scored.scores, [1, 0.5**0.5], atol=1e-6)


def test_equal_scores_are_ordered_by_id(store, tile):
    store.upsert([tile(n, dense=unit(1)[None]) for n in (3, 1, 2)])
    (scored,) = store.exact("dense", [unit(1)])
    assert scored.ids == [tile(n).id for n in (1, 2, 3)]


def test_search_in_a_small_collection_finds_what_exact_finds(store, tile):
    store.upsert([tile(n) for n in range(200)])
    query = tile(777).dense[0]
    found, exact = store.search("dense", query, 10), store.exact("dense", [query])[0]
    assert found.ids == exact.ids[:10]


def test_bm25_follows_the_formula_and_leaves_out_tiles_without_a_shared_word(store, tile):
    store.upsert([tile(1, sparse=words(w1=1.5, w2=1)), tile(2, sparse=words(w2=2)), tile(3, sparse=words(w3=1))])
    (scored,) = store.exact("bm25", [words(w1=1, w2=1)])
    rare, common = np.log(1 + (3 - 1 + 0.5) / (1 + 0.5)), np.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    assert scored.ids == [tile(1).id, tile(2).id]
    np.testing.assert_allclose(scored.scores, [1.5 * rare + common, 2 * common], rtol=1e-6)


def test_bm25_statistics_forget_replaced_and_deleted_tiles(store, tile):
    store.upsert([tile(n, sparse=words(w1=1)) for n in range(6)])
    store.upsert([tile(n, sparse=words(w2=1)) for n in range(4)])
    store.delete([tile(5).id])
    (scored,) = store.exact("bm25", [words(w1=1)])
    assert scored.ids == [tile(4).id]
    np.testing.assert_allclose(scored.scores, [np.log(1 + (5 - 1 + 0.5) / (1 + 0.5))], rtol=1e-6)
    np.testing.assert_allclose(store.search("bm25", words(w1=1), 5).scores, scored.scores)


def test_an_indexed_collection_goes_on_counting_and_scoring_what_is_alive(store, tile):
    store.upsert([tile(n, sparse=words(w1=1, w2=1)) for n in range(2500)])
    store.optimize()
    store.upsert([tile(n, sparse=words(w3=1), box=(0.0, 0.0, 1.0, 1.0)) for n in range(100)])
    store.delete([tile(n).id for n in range(50, 200)])
    assert store.count() == len(store.ids()) == 2350
    assert store.count(Filters(bbox=Footprint(west=1, south=1, east=2, north=2))) == 50
    (scored,) = store.exact("bm25", [words(w1=1, w3=1)])
    rare, common = np.log(1 + (2350 - 50 + 0.5) / (50 + 0.5)), np.log(1 + (2350 - 2300 + 0.5) / (2300 + 0.5))
    np.testing.assert_allclose(scored.scores, [rare] * 50 + [common] * 2300, rtol=1e-5)
    store.optimize()
    np.testing.assert_allclose(store.exact("bm25", [words(w1=1, w3=1)])[0].scores, scored.scores, rtol=1e-5)
    query = tile(777).dense[0]
    assert store.search("dense", query, 10).ids == store.exact("dense", [query])[0].ids[:10]


def test_a_query_of_unknown_words_finds_nothing(store, tile):
    store.upsert([tile(1, sparse=words(w1=1)), tile(2, sparse=words())])
    assert store.exact("bm25", [words(w9=1), words()])[0].ids == []
    assert store.search("bm25", words(), 5).ids == []


def test_exact_scores_given_tiles_only_and_ignores_unknown_ones(store, tile):
    store.upsert([tile(n) for n in range(9)])
    (scored,) = store.exact("dense", [tile(4).dense[0]], ids=[tile(4).id, tile(7).id, tile(99).id])
    assert scored.ids == [tile(4).id, tile(7).id]
    assert store.exact("dense", [tile(4).dense[0]], ids=[])[0].ids == []


def test_many_queries_get_the_answers_that_each_would_get_alone(store, tile):
    store.upsert([tile(n) for n in range(60)])
    for branch, queries in (
        ("dense", [tile(n).dense[0] for n in range(40)]),
        ("bm25", [tile(n).sparse for n in range(40)]),
    ):
        for together, query in zip(store.exact(branch, queries), queries, strict=True):
            (alone,) = store.exact(branch, [query])
            assert together.ids == alone.ids
            np.testing.assert_allclose(together.scores, alone.scores, atol=1e-5)


def test_caption_vectors_come_back_as_they_were_written(store, tile):
    store.upsert([tile(n) for n in range(5)])
    vectors = store.dense_vectors([tile(4).id, tile(99).id])
    assert list(vectors) == [tile(4).id]
    np.testing.assert_allclose(vectors[tile(4).id], tile(4).dense, atol=1e-6)


def test_images_are_searched_by_their_own_vector(folder, tile):
    store = EmbeddedStore(folder)
    store.create(StoreSchema(8, image_dim=4))
    store.upsert([tile(1, image=np.eye(4, dtype=np.float32)[1]), tile(2)])
    (scored,) = store.exact("image", [np.eye(4, dtype=np.float32)[1]])
    assert scored.ids == [tile(1).id]
    assert store.search("image", np.eye(4, dtype=np.float32)[1], 5).ids == [tile(1).id]
    store.close()


def test_a_vector_of_another_encoder_is_refused_and_nothing_is_written(store, tile):
    short = np.ones((1, 4), np.float32) / 2
    with pytest.raises(CollectionMismatchError, match="another encoder"):
        store.upsert([tile(1), tile(2, dense=short)])
    assert store.count() == 0
    with pytest.raises(CollectionMismatchError, match="another encoder"):
        store.search("dense", short[0], 5)
    with pytest.raises(CollectionMismatchError, match="no image vectors"):
        store.exact("image", [short[0]])


def test_a_tile_without_captions_is_refused(store, tile):
    with pytest.raises(InputError, match="no caption vectors"):
        store.upsert([tile(1, dense=np.empty((0, 8), np.float32))])


def test_filters_choose_before_scoring(store, tile):
    may = datetime(2020, 5, 1, tzinfo=UTC)
    port = tile(1, labels=("port", "ship"), sources=("/a", "/a/b.tif"), acquired=may.timestamp())
    farm = tile(2, labels=("farm",), sources=("/a", "/a/c.tif"), box=(10.0, 50.0, 11.0, 51.0))
    store.upsert([port, farm])
    for filters, expected in (
        (Filters(labels=("port", "ship")), [port.id]),
        (Filters(labels=("port", "farm")), []),
        (Filters(without_labels=("port",)), [farm.id]),
        (Filters(sources=("/a/c.tif", "/x")), [farm.id]),
        (Filters(sources=("/a",)), [port.id, farm.id]),
        (Filters(start=may, end=may), [port.id]),
        (Filters(end=datetime(2020, 4, 30, tzinfo=UTC)), []),
        (Filters(bbox=Footprint(west=11, south=51, east=12, north=52)), [farm.id]),
        (Filters(bbox=Footprint(west=11.5, south=51, east=12, north=52)), []),
    ):
        assert store.count(filters) == len(expected), filters
        assert sorted(store.exact("dense", [unit(1)], filters=filters)[0].ids) == expected, filters
        assert sorted(store.search("dense", unit(1), 5, filters).ids) == expected, filters


def test_a_time_without_a_zone_is_utc(store, tile):
    store.upsert([tile(1, acquired=datetime(2020, 5, 1, 12, tzinfo=UTC).timestamp())])
    assert store.count(Filters(start=datetime(2020, 5, 1, 12), end=datetime(2020, 5, 1, 12))) == 1


@pytest.mark.parametrize("west", [170.0, -190.0 + 360, 530.0 - 360])
@pytest.mark.parametrize(
    ("query", "meets"),
    [
        ((175.0, 178.0), True),
        ((-179.0, -175.0), True),
        ((179.0, -179.0), True),
        ((-170.0, 170.0), True),
        ((-169.0, 169.0), False),
        ((-180.0, 180.0), True),
    ],
)
def test_a_box_across_the_dateline_is_met_from_both_sides(store, tile, west, query, meets):
    store.upsert([tile(1, box=(west, 0.0, west + 20, 1.0))])
    assert store.count(Filters(bbox=Footprint(west=query[0], east=query[1], south=0, north=1))) == meets


def test_facets_count_what_passes_most_frequent_first(store, tile):
    store.upsert([tile(n, labels=("ship",) if n else ("ship", "port"), sources=("/a",)) for n in range(3)])
    assert list(store.facet("labels").items()) == [("ship", 3), ("port", 1)]
    assert store.facet("labels", limit=1) == {"ship": 3}
    assert store.facet("labels", Filters(labels=("port",))) == {"port": 1, "ship": 1}
    assert store.facet("sources") == {"/a": 3}
    with pytest.raises(InputError, match="labels and sources"):
        store.facet("acquired")


def test_a_damaged_store_is_named_with_the_way_to_rebuild_it(store, folder, tile):
    store.upsert([tile(1)])
    store.close()
    for file in folder.glob("generation-*/segments/*/segment.json"):
        file.write_text("x")
    with pytest.raises(HomeError, match=r"damaged.*reindex"):
        store.count()
    store.drop()
    assert not store.exists()


def test_a_damaged_manifest_is_named_with_the_way_to_rebuild_it(store, folder):
    store.close()
    (folder / "store.json").write_text("{}")
    with pytest.raises(HomeError, match=r"store\.json is damaged.*reindex"):
        store.count()


def test_a_layout_of_another_version_is_refused(store, folder):
    store.close()
    manifest = folder / "store.json"
    manifest.write_text(manifest.read_text().replace('"layout": 1', '"layout": 99'))
    with pytest.raises(CollectionMismatchError, match=r"layout 99.*reindex"):
        store.count()


def test_a_folder_that_cannot_be_made_is_a_home_error(tmp_path: Path, schema):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(HomeError, match="`home`"):
        EmbeddedStore(tmp_path / "file" / "store").create(schema)
