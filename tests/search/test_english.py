import pytest

from trsllava.search.english import is_english


@pytest.mark.parametrize("word", ["harbor", "harbour", "jetties", "silo", "culvert", "photovoltaic", "rotterdam"])
def test_words_inflections_and_names_are_known(word: str) -> None:
    assert is_english(word)


@pytest.mark.parametrize("word", ["habor", "crains", "aeropalne", "##s", "[CLS]", ""])
def test_slips_and_pieces_of_words_are_not(word: str) -> None:
    assert not is_english(word)
