"""A small real language model behind a real vLLM: structured output all the way, and the rules where it fails.

`TRSLLAVA_TEST_LLM` names the folder of an instruction-tuned model in Hugging Face's format.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dialogue.small_gallery import SmallGallery
from tests.dialogue.turns import turn
from tests.vllm_server.conftest import VllmEnvironment, VllmServer, served
from trsllava.dialogue.chat_model import ChatModel
from trsllava.dialogue.material import Material
from trsllava.dialogue.questions.llm import WordedQuestioner
from trsllava.dialogue.reasoning.llm import ModelReasoner
from trsllava.dialogue.reformulation.llm import ModelReformulator
from trsllava.dialogue.session import Session
from trsllava.dialogue.state import Answer, Dialogue
from trsllava.search.instructions import things

VARIABLE = "TRSLLAVA_TEST_LLM"
pytestmark = [pytest.mark.vllm, pytest.mark.timeout(900)]
QUERY = "a densely populated area"
TURNS = (
    turn("Are there any trees?", "yes", "a few trees", "tree"),
    turn("Is there a river?", "yes", "a river with a bridge", "river"),
    turn("Are there any boats?", "no", about="boat"),
)


@pytest.fixture(scope="module")
def model(vllm_environment: VllmEnvironment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatModel]:
    folder = os.environ.get(VARIABLE)
    if not folder:
        pytest.skip(f"{VARIABLE} does not name the folder of a small instruction-tuned language model")
    with served(vllm_environment.python, Path(folder), tmp_path_factory.mktemp("llm"), longest=4096) as server:
        yield chat_model(server)


def chat_model(server: VllmServer) -> ChatModel:
    return ChatModel(server.url, server.model, timeout=300)


def test_a_history_becomes_one_caption(model: ChatModel) -> None:
    caption = ModelReformulator(model).caption(Dialogue(query=QUERY, turns=TURNS))
    assert {"tree", "river", "bridge"} <= set(things(caption))
    assert model.usage.requests >= 1


def test_a_history_becomes_instructions_that_follow_from_it(model: ChatModel) -> None:
    reasoning = ModelReasoner(model)(QUERY, TURNS)
    kinds = {word: edit.kind for edit in reasoning.instructions for word in edit.keywords}
    assert {"tree", "river"} <= {word.removesuffix("s") for word in reasoning.keywords}
    assert kinds.get("boat", kinds.get("boats")) == "removal"


def test_a_whole_dialogue_is_held(model: ChatModel) -> None:
    session = Session.start(
        "a river",
        Material(SmallGallery()),
        questioner=WordedQuestioner(model),
        reformulator=ModelReformulator(model),
    )
    while session.ask() is not None:
        session.answer(Answer(kind="yes"))
    assert session.dialogue.turns
    assert all(asked.text.endswith("?") for asked in session.dialogue.questions())
    assert Dialogue.model_validate_json(session.dialogue.model_dump_json()) == session.dialogue
