"""FAR by a model: what is kept of its answer, and the rules where there is none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dialogue.turns import turn
from tests.standin.scripted import HANG, RESET, Reply, closed_address, scripted
from trsllava.dialogue.chat_model import ChatModel
from trsllava.dialogue.reasoning import rules
from trsllava.dialogue.reasoning.instructions import Reasoning, things_of
from trsllava.dialogue.reasoning.llm import ModelReasoner
from trsllava.dialogue.state import Turn

QUERY = "a river"
TURNS = (turn("Are there any trees?", "yes", "along the bank"), turn("Are there any boats?", "no"))
GOOD = [
    {"kind": "addition", "text": "Add visible trees along the bank", "sentence": "There are trees along the bank",
     "keywords": ["trees", "bank"]},
    {"kind": "removal", "text": "Remove boats", "sentence": "", "keywords": ["boats"]},
    {"kind": "retention", "text": "Keep the river", "sentence": "There is a river", "keywords": ["river"]},
]  # fmt: skip


def reasoned(*replies: Reply) -> tuple[Reasoning, ChatModel]:
    with scripted(*replies) as script:
        model = ChatModel(script.url, timeout=0.5)
        return ModelReasoner(model)(QUERY, TURNS), model


def answered(*instructions: dict[str, Any]) -> Reasoning:
    return reasoned({"instructions": list(instructions)})[0]


def test_the_models_own_words_are_kept_where_the_dialogue_bears_them_out() -> None:
    reasoning, model = reasoned({"instructions": GOOD})
    assert [edit.model_dump(mode="json") for edit in reasoning.instructions] == GOOD
    assert reasoning.source == "model"
    assert reasoning.keywords == ("trees", "bank", "river")
    assert (model.usage.requests, model.failures) == (1, [])


def test_what_the_model_leaves_out_the_rules_supply() -> None:
    assert [edit.text for edit in answered(GOOD[0]).instructions] == [
        "Add visible trees along the bank",
        "Remove boat",
        "Keep the river",
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "addition", "text": "Add boats", "sentence": "There are boats", "keywords": ["boats"]},
        {"kind": "removal", "text": "Remove the river", "sentence": "", "keywords": ["river"]},
        {"kind": "addition", "text": "Add a castle", "sentence": "There is a castle", "keywords": ["castle"]},
        {"kind": "addition", "text": "Add visible elements", "sentence": "", "keywords": []},
        GOOD[0],
    ],
    ids=["contradicts no", "contradicts the query", "was never spoken of", "names nothing", "repeats"],
)
def test_an_instruction_that_does_not_follow_from_the_dialogue_is_dropped(wrong: dict[str, Any]) -> None:
    assert answered(*GOOD, wrong) == answered(*GOOD)


def test_an_instruction_of_the_wrong_kind_is_corrected() -> None:
    added = {"kind": "addition", "text": "Add a river", "sentence": "There is a river", "keywords": ["river"]}
    kinds = {edit.text: edit.kind for edit in answered(*GOOD[:2], added).instructions}
    assert kinds["Keep the river"] == "retention"


def test_a_sentence_that_invents_things_is_not_believed() -> None:
    boasting = {**GOOD[0], "sentence": "There are trees and a golden temple along the bank"}
    assert "golden" not in " ".join(answered(boasting).sentences)


@pytest.mark.parametrize(
    "reply",
    [
        "I see trees.",
        '{"instructions": [',
        {"instructions": []},
        {"instructions": [{"kind": "invention", "text": "x"}]},
        {"instructions": [{"kind": "addition", "text": "Add a castle", "sentence": "", "keywords": ["castle"]}]},
        "",
        "I'm sorry, I can't help with that.",
        500,
        401,
        HANG,
        RESET,
    ],
    ids=["prose", "cut", "none", "kind", "invented", "empty", "refusal", "500", "401", "late", "reset"],
)
def test_the_rules_take_the_place_of_a_model_that_fails(reply: Reply) -> None:
    reasoning, model = reasoned(reply)
    assert reasoning == rules.reason(QUERY, TURNS)
    assert [failure.task for failure in model.failures] == ["reasoning"]


def test_the_rules_take_the_place_of_a_server_that_is_gone() -> None:
    model = ChatModel(closed_address(), timeout=0.5)
    assert ModelReasoner(model)(QUERY, TURNS) == rules.reason(QUERY, TURNS)
    assert "no server can be reached" in model.failures[0].reason


@pytest.mark.parametrize("turns", [(), (turn("Are there boats?", "unknown"), turn("Any cars?", "skip"))])
def test_a_dialogue_that_tells_nothing_needs_no_model(turns: tuple[Turn, ...]) -> None:
    with scripted(500) as script:
        assert ModelReasoner(ChatModel(script.url))(QUERY, turns).source == "rules"
        assert script.requests == []


def test_answers_that_cannot_tell_are_not_shown_to_the_model() -> None:
    with scripted({"instructions": GOOD}) as script:
        ModelReasoner(ChatModel(script.url))(QUERY, (*TURNS, turn("Are there cars?", "unknown")))
        assert "cars" not in script.user()[0]


def test_what_a_corrected_instruction_does_not_cover_is_supplied() -> None:
    both = {"kind": "addition", "text": "Add the river and the trees", "sentence": "", "keywords": ["river", "trees"]}
    things = {thing for edit in answered(both).instructions for thing in things_of(edit)}
    assert things == {"river", "tree", "bank", "boat"}
