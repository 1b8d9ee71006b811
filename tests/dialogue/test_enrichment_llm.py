"""A model's enrichment: three levels, each addition with the chance that the collection gives it."""

from __future__ import annotations

import pytest

from tests.dialogue.small_gallery import TEXTS, SmallGallery
from tests.standin.scripted import HANG, RESET, Reply, closed_address, scripted
from trsllava.dialogue.chat_model import ChatModel
from trsllava.dialogue.enrichment import enrich
from trsllava.dialogue.enrichment_llm import ModelEnricher
from trsllava.dialogue.material import Material
from trsllava.dialogue.session import Session
from trsllava.dialogue.state import Addition, DialogueSettings

MATERIAL = Material(SmallGallery())
QUERY = "a river without boats"
P = Session.start(QUERY, MATERIAL).posterior()
BY_RULES = enrich(QUERY, P, MATERIAL.table, each=2)
GOOD = {"global": [], "large": ["a bridge", "houses"], "small": ["green trees"]}


def enriched(reply: Reply, each: int = 2) -> tuple[Addition, ...]:
    with scripted(reply) as script:
        return ModelEnricher(ChatModel(script.url, timeout=0.5))(QUERY, P, MATERIAL, each)


def test_each_level_has_the_models_phrases_with_the_collections_chances() -> None:
    added = enriched(GOOD)
    assert {(addition.level, addition.phrase) for addition in added} == {
        ("large", "a bridge"),
        ("large", "houses"),
        ("small", "green trees"),
    }
    bridge = next(addition for addition in added if addition.phrase == "a bridge")
    assert bridge.chance == pytest.approx(float(P @ MATERIAL.table.chances[:, MATERIAL.table.place["bridge"]]))


def test_a_level_has_the_likeliest_of_its_phrases() -> None:
    both = {addition.phrase: addition.chance for addition in enriched(GOOD) if addition.level == "large"}
    (one,) = (addition for addition in enriched(GOOD, each=1) if addition.level == "large")
    assert one.chance == max(both.values())


@pytest.mark.parametrize(
    "phrase", ["a wide river", "white boats", "a space station", "a bridge over it that is very long", "a bridge"]
)
def test_nothing_is_added_that_is_known_unwanted_unheard_of_long_or_there_already(phrase: str) -> None:
    assert enriched({**GOOD, "small": ["green trees", phrase]}, each=3) == enriched(GOOD, each=3)


def test_a_session_begins_with_the_models_additions() -> None:
    with scripted(GOOD) as script:
        settings = DialogueSettings(enrichment=2)
        session = Session.start(QUERY, MATERIAL, settings, enricher=ModelEnricher(ChatModel(script.url)))
        assert [added.phrase for added in session.dialogue.enrichment] == [added.phrase for added in enriched(GOOD)]


def test_the_model_reads_the_captions_of_the_likeliest_tiles() -> None:
    with scripted(GOOD) as script:
        ModelEnricher(ChatModel(script.url))(QUERY, P, MATERIAL, 2)
        assert all(own[0] in script.user()[0] for own in TEXTS)


@pytest.mark.parametrize(
    "reply",
    [
        {"global": ["wetland"], "large": [], "small": []},
        {"global": ["I'm sorry, I can't help with that"], "large": ["a bridge"], "small": []},
        {"global": "urban"},
        "bridge, houses",
        "",
        500,
        HANG,
        RESET,
    ],
    ids=["unknown to the collection", "refusal", "form", "prose", "empty", "500", "late", "reset"],
)
def test_the_collections_own_words_take_the_models_place(reply: Reply) -> None:
    assert enriched(reply) == BY_RULES


def test_the_collections_own_words_take_the_place_of_a_server_that_is_gone() -> None:
    assert ModelEnricher(ChatModel(closed_address()))(QUERY, P, MATERIAL, 2) == BY_RULES
