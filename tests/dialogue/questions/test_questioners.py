import numpy as np
import pytest

from trsllava.dialogue.attributes import Attribute
from trsllava.dialogue.questions.calculated import CalculatedQuestioner
from trsllava.dialogue.questions.plugir import PlugirQuestioner, k_means
from trsllava.dialogue.questions.protocol import Moment
from trsllava.dialogue.questions.random import RandomQuestioner
from trsllava.dialogue.questions.usual import UsualQuestioner
from trsllava.dialogue.questions.wording import question_about, spoken
from trsllava.dialogue.state import Dialogue, DialogueSettings

QUESTIONERS = [CalculatedQuestioner(), RandomQuestioner(), UsualQuestioner(), PlugirQuestioner()]


def _moment(material, names=None, p=None, **settings):
    """`names`: the attributes that are open; None: as the dialogue has it."""
    tiles = len(material.table.named)
    moment = Moment(
        dialogue=Dialogue(query="something", settings=DialogueSettings(**settings)),
        material=material,
        caption="something",
        p=np.full(tiles, 1 / tiles, np.float32) if p is None else np.float32(p),
    )
    if names is not None:
        moment.__dict__["open"] = material.table.columns(names)
    return moment


@pytest.mark.parametrize("questioner", QUESTIONERS)
def test_open_attributes_alone_are_asked_about(questioner, material):
    assert questioner.ask(_moment(material, ["boat"])).attribute == "boat"


@pytest.mark.parametrize("questioner", QUESTIONERS)
def test_where_nothing_is_open_nothing_is_asked(questioner, material):
    assert questioner.ask(_moment(material, [])) is None


@pytest.mark.parametrize("questioner", QUESTIONERS)
def test_the_same_moment_is_asked_the_same(questioner, material):
    assert questioner.ask(_moment(material)) == questioner.ask(_moment(material))


def test_the_calculated_question_splits_the_likely_tiles(material):
    p = [0.49, 0.49, 0.01, 0.01, 0, 0, 0, 0]

    question = CalculatedQuestioner().ask(_moment(material, ["boat", "white", "stadium"], p))

    assert question.attribute == "white"  # both harbors have boats, and neither is a stadium
    assert question.gain > 0


def test_the_seed_draws_the_random_question(material):
    asked = {RandomQuestioner().ask(_moment(material, seed=seed)).attribute for seed in range(20)}

    assert len(asked) > 5


def test_the_usual_question_is_about_what_most_tiles_have(material):
    table = material.table
    asked = UsualQuestioner().ask(_moment(material)).attribute

    assert table.named[:, table.place[asked]].sum() == table.named.sum(axis=0).max()


def test_plugir_says_beforehand_which_captions_it_will_have_scored(material):
    moment = _moment(material)
    questioner = PlugirQuestioner()

    captions = questioner.scored(moment)

    assert len(captions) == 5
    assert f"something {questioner.ask(moment).text}" in captions


def test_clusters_are_groups_of_like_rows():
    rows = np.float32([[1, 0], [0.99, 0.14], [0, 1], [0.14, 0.99]])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)

    cluster = k_means(rows, 2)

    assert cluster[0] == cluster[1] != cluster[2] == cluster[3]


@pytest.mark.parametrize(
    ("name", "level", "question"),
    [
        ("tree", "small", "Are there any trees?"),
        ("green tree", "small", "Are there any green trees?"),
        ("church", "global", "Does it show a church?"),
        ("airport", "global", "Does it show an airport?"),
        ("water", "large", "Is there water?"),
        ("red", "look", "Is anything in it red?"),
        ("wooden", "small", "Is anything in it wooden?"),
        ("garden", "small", "Are there any gardens?"),
        ("dense", "global", "Are the buildings dense?"),
        ("bus", "small", "Are there any buses?"),
        ("ferry", "small", "Are there any ferries?"),
    ],
)
def test_questions_are_worded_plainly(name, level, question):
    assert question_about(Attribute(name, level)) == question


def test_numbers_are_spoken_of_in_the_plural() -> None:
    assert [spoken(name) for name in ("many boat", "two story building", "red roof", "many")] == [
        "many boats",
        "two story buildings",
        "red roof",
        "many",
    ]
