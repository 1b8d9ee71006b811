"""Which queries are in another language, and which only hold a word that English has borrowed."""

from __future__ import annotations

import re

import pytest

from trsllava.search import language
from trsllava.search.language import _count, _dictionary, foreign_language


def nothing(words: object) -> dict[str, int]:
    return {}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("plage avec des vagues", "French"),
        ("un pont sur la rivière", "French"),
        ("parking avec beaucoup de voitures", "French"),
        ("aeropuerto con aviones", "Spanish"),
        ("Flughafen mit Flugzeugen", "German"),
        ("Hafen ohne Schiffe", "German"),
        ("spiaggia con onde", "Italian"),
        ("praia com ondas", "Portuguese"),
        ("vliegveld met vliegtuigen", "Dutch"),
        ("аэропорт с самолётами", "a language in Cyrillic letters"),
        ("沙滩", "Chinese or Japanese"),
        ("飛行場と飛行機 ひろい", "Japanese"),
        ("공항", "Korean"),
        ("λιμάνι", "Greek"),
        ("مطار", "a language in Arabic letters"),
        ("ნავსადგური", "a language in another script"),
    ],
)
def test_another_language_is_named(text: str, language: str) -> None:
    assert foreign_language(text, nothing).split(" or ")[0] in (language, language.split(" or ")[0])


@pytest.mark.parametrize(
    "text",
    ["", "🚀", "42", "airport without planes", "a marina and a delta", "hacienda", "playa lake", "parking", "villa",
     "habor with crains", "asdf", "bareland", "port", "pond is", "vast", "golf", "a β-shaped pond", "no trees"],
)  # fmt: skip
def test_english_is_not_called_another_language(text: str) -> None:
    assert foreign_language(text, nothing) == ""


def test_words_of_the_collection_s_own_captions_are_not_foreign() -> None:
    assert foreign_language("hafen", nothing) == "German"
    assert foreign_language("hafen", lambda words: dict.fromkeys(words, 1)) == ""


@pytest.mark.parametrize("word", ["Zürich", "útil", "üppigstes", "ôtés", "úvula", "è"])
def test_the_last_word_of_a_dictionary_is_looked_up_like_others(word: str) -> None:
    assert isinstance(foreign_language(f"{word} zzzz", nothing), str)


@pytest.mark.parametrize("code", language._TOKENS)
def test_words_are_found_in_every_dictionary_as_often_as_it_says(code: str) -> None:
    content = _dictionary(code)
    said = re.findall(rb'"([^"]+)": (\d+)', content)
    assert len(said) > 50_000
    for word, count in [said[0], *said[:: len(said) // 500], said[-1]]:
        assert _count(content, word) == int(count)
        assert _count(content, word + b"qqzz") == 0
    assert _count(content, b"") == 0
    assert _count(content, "\N{GREEK SMALL LETTER OMEGA}".encode()) == 0


@pytest.mark.parametrize(
    ("dictionary", "counts"),
    [
        (b"{\n}", {b"a": 0}),
        (b'{\n"b": 7\n}', {b"a": 0, b"b": 7, b"c": 0}),
        (b'{\n"b": 7,\n"bb": 12,\n"d": 1\n}', {b"a": 0, b"b": 7, b"bb": 12, b"c": 0, b"d": 1, b"e": 0}),
    ],
)
def test_words_are_found_at_both_ends_of_a_small_dictionary(dictionary: bytes, counts: dict[bytes, int]) -> None:
    assert {word: _count(dictionary, word) for word in counts} == counts
