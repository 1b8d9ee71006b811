"""What sentences name, and how."""

from __future__ import annotations

from trsllava.captioners.nano.mentions import mentions, things_named


def test_a_thing_is_spoken_of_with_its_amount_and_looks() -> None:
    said = mentions(["many green trees are around a large stadium", "many green trees are near a road"])
    assert [(mention.phrase, mention.share) for mention in said] == [
        ("many green trees", 1.0),
        ("a road", 0.5),
        ("a large stadium", 0.5),
    ]


def test_the_usual_words_win() -> None:
    (boats,) = mentions(["two boats sail", "several boats sail", "several boats lie there"])
    assert boats.phrase == "several boats"


def test_a_pair_of_words_is_one_thing() -> None:
    said = mentions(["a baseball field beside a tennis court"])
    assert [mention.phrase for mention in said] == ["a baseball field", "a tennis court"]


def test_looks_and_qualities_are_no_things() -> None:
    assert things_named("dense green and white") == []
    assert [thing.name for thing in things_named("a dense residential area with houses and roads")] == [
        "house",
        "road",
    ]
