"""What is said above the hits of how a query was understood."""

from __future__ import annotations

import pytest

from tests.standin.vocabulary import Words
from trsllava.errors import ServerError
from trsllava.search.understood import Understood, understand

CAPTIONS = ("an", "airport", "with", "planes", "beside", "the", "harbor", "and", "some", "trees", "of", "a", "beach")
DROPPED = {"an", "with", "the", "and", "some", "of", "a", "no"}


def said(text: str, **options: object) -> Understood:
    vocabulary = options.pop("vocabulary", Words(**dict.fromkeys(CAPTIONS, 5)))
    return understand(
        text,
        vocabulary,  # type: ignore[arg-type]
        has_meaning=lambda said: any(word.isalpha() and word not in DROPPED for word in said.lower().split()),
        is_found=lambda said: any(word.rstrip("s") in CAPTIONS for word in said.lower().split()),
        **options,  # type: ignore[arg-type]
    )


def test_a_query_of_known_words_is_taken_as_it_stands_and_nothing_is_said() -> None:
    found = said("an airport beside trees")
    assert (found.wanted, found.searched, found.sentences()) == ("an airport beside trees",) * 2 + ([],)


def test_what_is_excluded_is_said() -> None:
    found = said("airport without planes or trees")
    assert (found.wanted, found.unwanted) == ("airport", ("planes", "trees"))
    assert found.sentences() == ["Without: planes, trees."]


def test_a_repaired_query_is_shown_and_read_after_its_repair() -> None:
    found = said("airprot without plames")
    assert (found.wanted, found.unwanted) == ("airport", ("planes",))
    assert found.sentences() == ["Searched for: airport without planes.", "Without: planes."]


def test_beside_a_picture_the_text_keeps_its_instructions() -> None:
    found = said("a harbor, no trees", composed=True)
    assert (found.wanted, found.unwanted) == ("a harbor, no trees", ())


def test_taken_literally_nothing_is_changed() -> None:
    found = said("airprot without planes", literally=True)
    assert (found.wanted, found.unwanted) == ("airprot without planes", ())


@pytest.mark.parametrize("text", ["the of a", "🚀", "?!", "42"])
def test_a_query_without_meaning_is_told(text: str) -> None:
    (sentence,) = said(text).sentences()
    assert "no word that stands for something" in sentence


@pytest.mark.parametrize("text", ["asdf", "qwertz zxcvb"])
def test_nonsense_is_told(text: str) -> None:
    (sentence,) = said(text).sentences()
    assert sentence.startswith("No word of this query is known to the collection (nor to the dictionary: ")
    assert text.split(" ")[0] in sentence


def test_english_that_no_caption_has_is_told_more_mildly() -> None:
    assert said("volcano").sentences() == [
        "No word of this query is known to the collection; hits are those nearest in meaning."
    ]


def test_one_strange_word_among_known_ones_is_named() -> None:
    assert said("airport zxcvb").sentences() == [
        "Not known to the collection or the dictionary, and searched as typed: zxcvb."
    ]


def test_words_that_are_not_counted_yet_are_not_called_strange() -> None:
    assert said("airport zxcvb", vocabulary=Words(3)).sentences() == []


def test_another_language_is_told_with_what_can_be_done() -> None:
    (sentence,) = said("plage avec des vagues").sentences()
    assert sentence.startswith("The query looks like French, which")
    assert "base_url" in sentence


def test_a_multilingual_encoder_searches_it_as_it_is() -> None:
    found = said("plage avec des vagues", multilingual=True, translate=lambda text, language: "never")
    assert found.wanted == "plage avec des vagues"
    assert found.sentences() == ["The query looks like French and is searched as it is, by a multilingual encoder."]


def test_a_model_server_translates_it() -> None:
    found = said("flughafen ohne flugzeuge", translate=lambda text, language: "airport without planes")
    assert (found.wanted, found.unwanted) == ("airport", ("planes",))
    assert found.sentences() == [
        "The query looks like German and was translated.",
        "Searched for: airport without planes.",
        "Without: planes.",
    ]


def test_a_server_that_fails_is_told_and_the_query_is_searched_as_it_is() -> None:
    def fails(text: str, language: str) -> str:
        raise ServerError("away")

    found = said("plage avec des vagues", translate=fails)
    assert found.wanted == "plage avec des vagues"
    assert "did not translate it" in found.sentences()[0]
