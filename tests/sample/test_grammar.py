"""Captions: true of the scene they describe, and plausible ones without end."""

from __future__ import annotations

import re
from itertools import combinations, islice
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trsllava.records import RichText
from trsllava.sample.grammar import CAPTION_LIMIT, captions, describe
from trsllava.sample.phrases import NUMBERS, SYNONYMS, plural
from trsllava.sample.scenes import Scene, Thing, Zone
from trsllava.sample.vocabulary import VOCABULARY

COMPASS = re.compile(r"\b(north|south|east|west)", re.IGNORECASE)
NOUNS = (
    "ship",
    "crane",
    "storage tank",
    "beach",
    "church",
    "car",
    "patch of grass",
    "factory hall",
    "tree",
    "airplane",
)

nouns = st.sampled_from(NOUNS)
zones = st.none() | st.sampled_from(get_args(Zone))
things = st.builds(
    Thing,
    noun=nouns,
    count=st.none() | st.integers(1, 40),
    traits=st.lists(st.sampled_from(("large", "white", "old")), max_size=2, unique=True).map(tuple),
    relation=st.sampled_from(("", "along the quay", "beside the road")),
    zone=zones,
)
scenes = st.builds(
    Scene,
    kind=st.just("harbor"),
    subject=things,
    parts=st.lists(things, max_size=4).map(tuple),
    surroundings=st.lists(things, max_size=3).map(tuple),
    north_up=st.booleans(),
)


def words(text: RichText) -> str:
    return " ".join(text.texts()).lower()


def said_counts(text: RichText, noun: str) -> set[str]:
    """The number words that stand before a noun, with at most two adjectives between."""
    names = "|".join(plural(name) for name in SYNONYMS.get(noun, (noun,)))
    return set(re.findall(rf"\b({'|'.join(NUMBERS[2:])})(?: [a-z-]+){{0,2}} (?:{names})\b", words(text)))


@given(scenes, st.integers(0, 1000))
def test_a_description_has_five_pairwise_different_variants_with_all_three_fields(scene: Scene, seed: int) -> None:
    text = describe(scene, seed)

    assert len(text.variants) == 5
    assert all(set(variant.fields()) == {"one_sentence", "feature", "caption"} for variant in text.variants)
    for first, second in combinations(text.variants, 2):
        assert first.one_sentence != second.one_sentence
        assert first.caption != second.caption
        assert first.text() != second.text()


@given(scenes, st.integers(0, 1000))
def test_compass_words_appear_only_where_north_is_up(scene: Scene, seed: int) -> None:
    if not scene.north_up:
        assert not COMPASS.search(words(describe(scene, seed)))


@pytest.mark.parametrize(
    ("zone", "word"), [("top", "north"), ("bottom left", "southwest"), ("right", "east"), ("bottom", "south")]
)
def test_a_north_up_scene_names_the_direction_of_a_place(zone: Zone, word: str) -> None:
    scene = Scene("harbor", Thing("harbor"), (Thing("crane", 2, zone=zone),), north_up=True)

    said = set(re.findall(r"\b(?:north|south|east|west)\w*", words(describe(scene, 0))))

    assert {direction.removesuffix("ern") for direction in said} == {word}


@given(st.integers(2, 6), st.integers(0, 1000))
def test_small_counts_are_said_exactly(count: int, seed: int) -> None:
    scene = Scene("harbor", Thing("harbor"), (Thing("ship", count, ("large", "white"), "along the quay"),))

    assert said_counts(describe(scene, seed), "ship") == {NUMBERS[count]}


@given(st.integers(7, 400), st.integers(0, 1000))
def test_large_counts_are_said_in_words_that_stay_true(count: int, seed: int) -> None:
    scene = Scene("harbor", Thing("harbor"), (Thing("ship", count, ("white",)),))

    text = words(describe(scene, seed))

    assert not re.search(rf"\b({'|'.join(NUMBERS)})\b (?!sees|can|recognises)", text)
    assert ("several" in text or "a number of" in text) == (count <= 12)
    assert bool(re.search("many|numerous|lots of", text)) == (count > 12)


def test_uncounted_things_get_neither_an_article_nor_a_plural() -> None:
    scene = Scene("harbor", Thing("harbor"), (), (Thing("water", None, ("blue",), "around the quay"),))

    text = words(describe(scene, 0))

    assert "blue water is around the quay" in text
    assert "a blue water" not in text
    assert "waters" not in text


def test_labels_are_the_kind_and_every_noun_once_main_things_first() -> None:
    scene = Scene(
        "harbor", Thing("harbor"), (Thing("ship", 3), Thing("crane", 2)), (Thing("ship", 1), Thing("sea", 1))
    )

    assert describe(scene, 0).labels == ("harbor", "ship", "crane", "sea")


@given(scenes, st.integers(0, 1000))
def test_equal_seeds_give_equal_descriptions(scene: Scene, seed: int) -> None:
    assert describe(scene, seed) == describe(scene, seed)


def test_the_first_hundred_thousand_captions_are_distinct() -> None:
    assert len(set(captions(100_000, 0))) == 100_000


def test_captions_come_from_all_kinds_of_scene_in_turn() -> None:
    first = list(captions(len(VOCABULARY), 7))

    for text, kind in zip(first, VOCABULARY.values(), strict=True):
        assert any(name in text.lower() for name in kind.names), text


def test_captions_are_sentences_of_ordinary_length() -> None:
    texts = list(captions(5_000, 1))

    lengths = [len(text.split()) for text in texts]
    assert 10 <= sum(lengths) / len(lengths) <= 16
    assert min(lengths) >= 6
    assert max(lengths) <= 24
    assert all(text[0].isupper() and text.endswith(".") and "{" not in text for text in texts)


def test_equal_seeds_give_equal_captions_and_a_longer_run_begins_with_the_shorter() -> None:
    assert list(captions(200, 5)) == list(islice(captions(1_000, 5), 200))
    assert list(captions(200, 5)) != list(captions(200, 6))


def test_more_captions_than_the_grammar_makes_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 2000000"):
        captions(CAPTION_LIMIT + 1, 0)


@pytest.mark.parametrize(
    ("singular", "several"),
    [
        ("church", "churches"),
        ("factory", "factories"),
        ("patch of grass", "patches of grass"),
        ("railway", "railways"),
    ],
)
def test_plurals(singular: str, several: str) -> None:
    assert plural(singular) == several
