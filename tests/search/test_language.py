"""Which queries are in another language, and which only hold a word that English has borrowed."""

from __future__ import annotations

import pytest

from trsllava.search.language import foreign_language


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
