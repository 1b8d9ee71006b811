from __future__ import annotations

import pytest

from tests.standin.collection import Collection
from trsllava.errors import InputError
from trsllava.records import Branch, Filters, Query
from trsllava.store.scoring import MANY

SCENES: dict[str, dict[str, object]] = {
    "port/a.png": {"captions": ["two red cranes on a quay", "ships in a harbor"], "labels": ["harbor", "water"]},
    "port/b.png": {"captions": ["one blue crane beside ships"], "labels": ["harbor"]},
    "land/c.png": {"captions": ["green fields and a barn"], "labels": ["farmland"]},
    "land/d.png": {"captions": ["dry desert dunes"], "labels": ["desert"]},
}


@pytest.fixture
def archive(collection: Collection) -> Collection:
    collection.draw(*SCENES)
    collection.describe(SCENES)
    collection.index()
    return collection


def names(archive: Collection, query: Query, **options: object) -> list[str]:
    hits = archive.engine(**options).search(query)
    return [hit.paths[0].removeprefix(f"{archive.images.as_posix()}/") for hit in hits]


def test_the_tile_whose_caption_fits_comes_first(archive: Collection) -> None:
    assert names(archive, Query(text="ships in a harbor"))[0] == "port/a.png"
    assert names(archive, Query(text="desert dunes"))[0] == "land/d.png"


def test_a_hit_says_which_variant_and_words_matched(archive: Collection) -> None:
    (hit, *_) = archive.engine().search(Query(text="ships in a harbor"))
    assert (hit.why.variant, hit.why.field, hit.why.text) == (1, "caption", "ships in a harbor")


def test_within_a_variant_the_nearest_passage_is_named(collection: Collection) -> None:
    variant = {
        "one_sentence": "A wide river.",
        "feature": ["an old bridge", "two barges moored below", "barges"],
        "caption": "Trees. Some huts.",
    }
    collection.draw("r.png")
    collection.describe({"r.png": {"variants": [variant]}})
    collection.index()
    (hit,) = collection.engine().search(Query(text="two barges"))
    assert (hit.why.field, hit.why.text) == ("feature", "two barges moored below")


def test_the_branches_shares_add_up_to_the_score(archive: Collection) -> None:
    for fusion in ("rrf", "zscore", "cdf"):
        for hit in archive.engine().search(Query(text="crane and ships", fusion=fusion, weights={"dense": 2.0})):
            assert sum(branch.share for branch in hit.branches.values()) == pytest.approx(hit.score, abs=1e-5)


def test_a_query_s_weights_change_those_they_name_and_no_others(archive: Collection) -> None:
    engine = archive.engine(weights={"dense": 0.8, "bm25": 0.2})
    (same, *_) = engine.search(Query(text="crane and ships"))
    (named, *_) = engine.search(Query(text="crane and ships", weights={"dense": 0.8}))
    assert named.branches == same.branches


def test_one_branch_alone_scores_by_itself(archive: Collection) -> None:
    (hit, *_) = archive.engine().search(Query(text="ships in a harbor", branches=("dense",)))
    assert hit.score == pytest.approx(1.0, abs=1e-5)
    assert hit.branches["dense"].rank == 1


def test_a_tile_that_shares_no_word_with_the_query_has_no_place_among_those_that_do(archive: Collection) -> None:
    ranks = {hit.paths[0][-5:]: hit.branches["bm25"].rank for hit in archive.engine().search(Query(text="crane"))}
    assert ranks["c.png"] is ranks["d.png"] is None
    assert {ranks["a.png"], ranks["b.png"]} == {1, 2}


def test_an_unknown_word_is_no_error_and_bm25_alone_finds_nothing_for_it(archive: Collection) -> None:
    assert len(names(archive, Query(text="zeppelin"))) == 4
    assert names(archive, Query(text="zeppelin", branches=("bm25",))) == []
    assert names(archive, Query(text="the of", branches=("bm25",))) == []


def test_filters_narrow_before_scoring(archive: Collection) -> None:
    harbor = Query(text="crane", filters=Filters(labels=("harbor",)))
    assert set(names(archive, harbor)) == {"port/a.png", "port/b.png"}
    dry = Query(text="crane", filters=Filters(labels=("harbor",), without_labels=("water",)))
    assert names(archive, dry) == ["port/b.png"]
    land = Query(text="crane", filters=Filters(sources=(f"{archive.images.as_posix()}/land",)))
    assert set(names(archive, land)) == {"land/c.png", "land/d.png"}


def test_no_result_is_a_normal_answer(archive: Collection) -> None:
    assert names(archive, Query(text="crane", filters=Filters(labels=("glacier",)))) == []


@pytest.mark.parametrize("branches", [None, ("dense",), ("bm25",), ("dense", "bm25")])
@pytest.mark.parametrize("text", ["a red crane", "zeppelin", "the of", "ships without cranes"])
def test_a_query_is_answered_from_memory_as_it_is_by_the_store(
    archive: Collection, branches: tuple[Branch, ...] | None, text: str
) -> None:
    engine, query = archive.engine(), Query(text=text, branches=branches)
    by_the_store = engine.search(query)
    assert archive.store.held(MANY) is not None
    from_memory = engine.search(query)
    assert [hit.tile.id for hit in from_memory] == [hit.tile.id for hit in by_the_store]
    for hit, same in zip(from_memory, by_the_store, strict=True):
        assert hit.score == pytest.approx(same.score, abs=1e-5)
        assert {name: found.rank for name, found in hit.branches.items()} == {
            name: found.rank for name, found in same.branches.items()
        }


def test_k_bounds_the_hits(archive: Collection) -> None:
    assert len(names(archive, Query(text="crane", k=2))) == 2


def test_ties_are_broken_the_same_way_every_time(collection: Collection) -> None:
    images = [f"{number}.png" for number in range(12)]
    collection.draw(*images)
    collection.describe(dict.fromkeys(images, "a pond"))
    collection.index()
    ids = [str(hit.tile.id) for hit in collection.engine().search(Query(text="pond"))]
    assert ids == sorted(ids)
    assert len({hit.score for hit in collection.engine().search(Query(text="pond"))}) == 1


def test_candidate_mode_agrees_with_exact_mode_on_what_comes_first(collection: Collection) -> None:
    colours, things = ("red", "blue", "green", "white", "grey"), ("crane", "barn", "ship", "tank", "hut", "silo")
    scenes = {f"{c}-{t}.png": f"a {c} {t}" for c in colours for t in things}
    collection.draw(*scenes)
    collection.describe(scenes)
    collection.index()
    for name, text in scenes.items():
        exact = names(collection, Query(text=text, k=1))
        candidates = names(collection, Query(text=text, k=1), exact_below=0)
        assert exact == candidates == [name]


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_query_is_refused(archive: Collection, text: str) -> None:
    with pytest.raises(InputError, match="empty"):
        archive.engine().search(Query(text=text))


def test_a_branch_that_the_collection_lacks_is_refused(archive: Collection) -> None:
    with pytest.raises(InputError, match="no branch 'image'"):
        archive.engine().search(Query(text="crane", branches=("image",)))


WITHOUT = {
    "full/a.png": "an airport with many planes beside a terminal",
    "full/b.png": "planes at an airport",
    "bare/c.png": "an airport with a long runway",
    "bare/d.png": "an airport beside a lake",
    "land/e.png": "green fields and a barn",
    "land/f.png": "dry desert dunes",
}


@pytest.fixture
def airports(collection: Collection) -> Collection:
    collection.draw(*WITHOUT)
    collection.describe(WITHOUT)
    collection.index()
    return collection


def test_what_is_not_wanted_goes_down(airports: Collection) -> None:
    for fusion in ("rrf", "zscore", "cdf"):
        for exact_below in (50_000, 0):
            for branches in (None, ("dense",)):
                query = Query(text="airport", unwanted=("planes",), fusion=fusion, branches=branches)
                found = names(airports, query, exact_below=exact_below)
                assert set(found[:2]) == {"bare/c.png", "bare/d.png"}, (fusion, exact_below, branches)


def test_words_alone_list_no_tile_that_shares_none_with_what_is_wanted(airports: Collection) -> None:
    found = names(airports, Query(text="airport", unwanted=("planes",), branches=("bm25",)))
    assert set(found) == {"full/a.png", "full/b.png", "bare/c.png", "bare/d.png"}
    assert found[-1] == "full/a.png"


def test_each_of_several_unwanted_things_goes_down(airports: Collection) -> None:
    query = Query(text="airport", unwanted=("planes", "lake"))
    assert names(airports, query)[0] == "bare/c.png"


@pytest.mark.parametrize("exact_below", [50_000, 0])
def test_a_query_may_only_say_what_it_does_not_want(airports: Collection, exact_below: int) -> None:
    found = names(airports, Query(unwanted=("airport",)), exact_below=exact_below)
    assert set(found[:2]) == {"land/e.png", "land/f.png"}
    assert len(found) == len(WITHOUT)


def test_a_hit_says_what_unlikeness_gave_it(airports: Collection) -> None:
    for hit in airports.engine().search(Query(text="airport", unwanted=("planes",))):
        assert hit.branches["without"].share == pytest.approx(
            hit.score - hit.branches["dense"].share - hit.branches["bm25"].share, abs=1e-5
        )


def test_what_is_wanted_and_unwanted_at_once_is_another_query(airports: Collection) -> None:
    wanted = Query(text="airport planes", branches=("dense",))
    without = wanted.model_copy(update={"unwanted": ("planes",)})
    assert names(airports, without) != names(airports, wanted)
