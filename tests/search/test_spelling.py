from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.standin.vocabulary import Words
from trsllava.search.spelling import Tolerance, repair

HARBOR = Words(a=40, harbor=20, cranes=5, trains=30, cabins=9, boats=12, white=8, roads=30, roofs=2, bareland=7)


def test_slips_are_repaired_by_the_collections_words_and_told() -> None:
    found = repair("habor with crains", HARBOR)
    assert found.text == "harbor with cranes"
    assert found.changes == {"habor": "harbor", "crains": "cranes"}


def test_everything_else_stays_as_it_was_typed() -> None:
    assert repair("  Habor, whiet  boats;\tB-52", HARBOR).text == "  Harbor, white  boats;\tB-52"


@pytest.mark.parametrize(
    "query",
    [
        "harbor with cranes",
        "barelands",  # the plural of a word that no dictionary has
        "a silo beside a culvert",  # English, though no caption has it
        "HABOR near NDIV",  # capitals
        "ships at Crains",  # a name
        "habor's whiet_boats",
        "habor.tif /data/whiet",
        "T-72 h4bor 2021",
        "港口 habor",
        "un port avec des grües et habor",
        "hbr",  # too short
        "",
    ],
)
def test_what_may_be_meant_as_typed_is_left_alone(query: str) -> None:
    assert repair(query, HARBOR).text == query
    assert repair(query, HARBOR).changes == {}


@pytest.mark.parametrize(
    ("meant", "near"),
    [("slum", "slim"), ("badlands", "barelands"), ("minefield", "infield"), ("buoy", "busy"), ("tailings", "sailing"),
     ("floes", "flows"), ("landslides", "landside"), ("playa", "play"), ("jetties", "jets"), ("silo", "solo")],
)  # fmt: skip
def test_a_correct_word_is_not_taken_for_a_near_one_of_the_collection(meant: str, near: str) -> None:
    assert repair(meant, Words(**{near: 90})).text == meant


def test_a_word_without_a_near_one_is_left_alone() -> None:
    assert repair("zzyzxq hrabbrro", HARBOR).text == "zzyzxq hrabbrro"


def test_among_words_equally_near_the_more_frequent_is_taken() -> None:
    assert repair("roass", Words(roads=30, roast=2)).text == "roads"
    assert repair("roass", Words(roads=2, roast=30)).text == "roast"


def test_a_nearer_word_is_taken_before_a_more_frequent_one() -> None:
    assert repair("stadiun", Words(stadium=1, stadiums=90)).text == "stadium"


def test_people_seldom_miss_the_first_letter() -> None:
    assert repair("troads", Words(broads=90, roads=90, treads=1)).text == "treads"


def test_slips_in_captions_are_nothing_to_repair_by() -> None:
    assert repair("buidlings", Words(buidings=2)).text == "buidlings"
    assert repair("buidlings", Words(buidings=3)).text == "buidings"


def test_long_words_may_have_two_slips_where_they_stay_alike() -> None:
    assert repair("aerplaen", Words(aeroplane=4)).text == "aeroplane"
    assert repair("thoses", Words(houses=4), Tolerance()).text == "thoses"
    assert repair("thoses", Words(houses=4), Tolerance(likeness=0.5)).text == "houses"


PLAIN = st.lists(st.sampled_from(["harbor", "harbors", "Harbor", "cranes", "white", "a", "42", "—"]), max_size=6)
ANY = st.text(alphabet="abehorst HBC-'4é", max_size=30)


@settings(deadline=None)
@given(PLAIN, st.sampled_from([" ", ", ", "-", "  "]))
def test_a_query_of_words_that_the_collection_knows_is_never_changed(pieces: list[str], between: str) -> None:
    query = between.join(pieces)
    assert repair(query, HARBOR).text == query


@settings(deadline=None, max_examples=300)
@given(ANY)
def test_what_was_repaired_is_not_changed_again(query: str) -> None:
    once = repair(query, HARBOR).text
    assert repair(once, HARBOR).text == once


@settings(deadline=None, max_examples=300)
@given(ANY)
def test_only_the_words_that_are_told_change(query: str) -> None:
    found = repair(query, HARBOR)
    assert set(found.changes.values()) <= set(HARBOR.tiles)
    assert bool(found.changes) == (found.text != query)
