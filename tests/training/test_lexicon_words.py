"""The lexicon's keywords, and captions as word numbers."""

from __future__ import annotations

import pytest

from trsllava.errors import InputError
from trsllava.lexicon import is_word_of, keywords, lexicon, parse_levels
from trsllava.models.reasoner import PAD, RARE
from trsllava.training.words import Saying, word_table


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Two planes near a terminal.", ["two", "plane", "terminal"]),
        ("A basketball court, a football field and a field", ["basketball court", "football field", "field"]),
        ("Green trees and GREEN lawns; trees", ["green", "tree", "lawn"]),
        ("the of and", []),
        ("", []),
    ],
)
def test_keywords_of_a_caption(text: str, names: list[str]) -> None:
    assert [keyword.name for keyword in keywords(text)] == names


def test_levels_tell_scenes_from_structures_details_and_looks() -> None:
    levels = {keyword.name: keyword.level for keyword in keywords("an airport with a runway and small white planes")}
    assert levels == {"airport": "global", "runway": "large", "small": "look", "white": "look", "plane": "small"}
    assert is_word_of("Planes", ["small"])
    assert not is_word_of("planes", ["global", "large"])


def test_a_keyword_has_one_level_and_finds_itself() -> None:
    names = [keyword.name for keyword in lexicon()]
    assert len(names) == len(set(names))
    assert all(keyword in keywords(keyword.name) for keyword in lexicon())


def test_levels_of_the_command_line() -> None:
    assert parse_levels("small,global") == ("global", "small")
    with pytest.raises(InputError, match="accepts global, large, small, look, not 'tiny'"):
        parse_levels("tiny")


def test_captions_become_numbers_and_their_keywords_are_marked() -> None:
    table = word_table([Saying(text) for text in ("a plane here", "a plane", "a plane", "a zeppelin")], ["small"])
    a, plane = table.words[1, :2].tolist()
    assert table.words.tolist() == [[a, plane, RARE], [a, plane, PAD], [a, plane, PAD], [a, RARE, PAD]]
    assert table.keywords.tolist() == [[False, True, False]] * 3 + [[False, False, False]]
    assert table.vocabulary == max(a, plane) + 1


def test_long_captions_are_read_to_the_longest_length() -> None:
    assert word_table([Saying("tree " * 9)], ["small"], longest=4).words.shape == (1, 4)
    assert word_table([Saying("")], ["small"]).words.tolist() == [[PAD]]


def test_keywords_are_taken_from_attribute_sentences_where_there_are_any() -> None:
    table = word_table([Saying("a tree", "There is tree")] * 3 + [Saying("a tree")] * 3, ["small"])
    assert table.keywords[0].tolist() == [False, False, False, False, True]
    assert table.keywords[3].tolist() == [False, True, False, False, False]
