import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dialogue.conftest import WordsGallery
from trsllava.dialogue.answers.texts import TextsAnswerer
from trsllava.dialogue.material import Material
from trsllava.dialogue.session import Session, evidence_of
from trsllava.dialogue.state import Answer, Dialogue, DialogueSettings, Question, Turn
from trsllava.errors import InputError

MATERIAL = Material(WordsGallery())
NAMES = [attribute.name for attribute in MATERIAL.table.attributes]
kinds = st.sampled_from(["yes", "no", "unknown", "skip"])
answers = st.one_of(
    st.builds(Answer, kind=kinds),
    st.builds(Answer, kind=st.just("words"), words=st.text(max_size=40)),
    st.builds(Answer, kind=st.sampled_from(["more like", "less like"]), tile=st.sampled_from(MATERIAL.gallery.ids)),
)


def _session(query="a harbor", opening=False, **chosen):
    return Session.start(query, MATERIAL, DialogueSettings(opening=opening, least_gain=0.0, **chosen))


def _told(session, given_answers):
    for answer in given_answers:
        if session.ask() is None:
            break
        session.answer(answer)
    return session


@settings(max_examples=60, deadline=None)
@given(st.lists(answers, max_size=6))
def test_the_posterior_stays_a_distribution(said):
    session = _told(_session(), said)

    assert session.posterior().sum() == pytest.approx(1, abs=1e-4)
    assert np.isfinite(session.log_posterior()).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(answers, max_size=4), answers)
def test_undo_is_an_inverse(said, last):
    session = _told(_session(), said)
    if session.ask() is None:
        return
    before = session.dialogue
    chances = session.posterior()

    session.answer(last)
    session.undo()

    assert session.dialogue == before
    assert (session.posterior() == chances).all()


def test_there_is_nothing_to_undo_at_the_start():
    session = _session()

    assert session.undo() is None
    assert session.dialogue.turns == ()


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(4)), st.lists(kinds, min_size=4, max_size=4))
def test_the_order_of_independent_answers_does_not_matter(order, said):
    turns = [
        Turn(question=Question(text=name, attribute=name), answer=Answer(kind=kind), caption="")
        for name, kind in zip(NAMES[:4], said, strict=True)
    ]
    dialogue = Dialogue(query="x", turns=tuple(turns))
    shuffled = dialogue.model_copy(update={"turns": tuple(turns[place] for place in order)})

    assert evidence_of(shuffled, MATERIAL) == pytest.approx(evidence_of(dialogue, MATERIAL), abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["a harbor", "green trees", "something", "a road with cars"]),
    st.sampled_from(["calculated", "random", "chatir", "plugir"]),
    st.lists(answers, max_size=8),
)
def test_nothing_is_asked_twice_or_told_already_or_had_by_no_candidate(query, questioner, said):
    session = _session(query, questioner=questioner, rounds=8, candidates=4)
    for answer in said:
        likely = np.argsort(-session.posterior(), kind="stable")[:4]
        fresh = session.dialogue.pending is None
        told = set(_told_by(session.dialogue))
        question = session.ask()
        if question is None:
            break
        if fresh:
            column = MATERIAL.table.place[question.attribute]
            assert question.attribute not in told
            assert MATERIAL.table.named[likely, column].any()
        session.answer(answer)


def _told_by(dialogue):
    from trsllava.dialogue.attributes import concepts

    yield from concepts(dialogue.query)
    for turn in dialogue.turns:
        if turn.question:
            yield turn.question.attribute
        if turn.answer.kind in ("yes", "words"):
            yield from concepts(turn.answer.words)


def test_a_dialogue_goes_on_where_it_was_kept():
    session = _told(_session(), [Answer(kind="yes"), Answer(kind="no")])
    session.ask()

    kept = Dialogue.model_validate_json(session.dialogue.model_dump_json())
    resumed = Session(kept, MATERIAL)

    assert resumed.hits() == session.hits()
    assert resumed.ask() == session.ask()


def test_an_honest_user_finds_the_picture():
    user = TextsAnswerer(["two red boats near a road in a harbor"])
    session = _session("a harbor", rounds=5)
    while (question := session.ask()) is not None:
        session.answer(user.answer(question))

    assert session.hits(1)[0].tile == "t1"


def test_it_ends_after_its_rounds():
    session = _told(_session("something", rounds=2), [Answer(kind="unknown")] * 5)

    assert session.finished() == "rounds"
    assert session.ask() is None
    assert session.dialogue.round() == 2


@pytest.mark.parametrize("questioner", ["calculated", "random", "chatir", "plugir"])
def test_the_first_question_is_open_and_the_others_are_not(questioner):
    session = _session(opening=True, questioner=questioner)

    asked = []
    while (question := session.ask()) is not None:
        asked.append(question.attribute)
        session.answer(Answer(kind="words", words="two white boats") if not question.attribute else Answer(kind="no"))

    assert asked[0] == ""
    assert all(asked[1:])


def test_what_an_open_question_brings_is_not_asked_again():
    session = _session(opening=True)
    session.ask()
    session.answer(Answer(kind="words", words="a harbor with boats and cranes"))

    assert "boats and cranes" in session.caption()
    assert session.dialogue.round() == 1
    assert not {"boat", "crane"} & {question.attribute for question in _all_asked(session)}


def _all_asked(session):
    while session.ask() is not None:
        session.answer(Answer(kind="unknown"))
    return session.dialogue.questions()


def test_it_ends_where_no_question_would_tell_much():
    session = Session.start("a harbor", MATERIAL, DialogueSettings(opening=False, least_gain=10.0))

    assert session.finished() == "gain"


def test_it_ends_when_a_hit_is_picked():
    session = _session()
    session.ask()

    session.pick("t1")

    assert session.finished() == "picked"
    assert session.dialogue.picked == "t1"
    assert session.ask() is None


def test_feedback_moves_what_looks_alike_and_leaves_the_question_open():
    session = _session("trees")
    question = session.ask()
    before = session.posterior()[0]

    session.answer(Answer(kind="more like", tile="t1"))

    assert session.posterior()[0] > before
    assert session.dialogue.pending == question


def test_less_like_a_hit_brings_it_down():
    session = _session("a harbor")
    first = session.hits(1)[0].tile
    session.answer(Answer(kind="less like", tile=first))

    assert session.hits(1)[0].tile != first


def test_hits_know_where_they_were_before():
    session = _session("a harbor")
    assert all(hit.before is None for hit in session.hits())
    ranks = {hit.tile: hit.rank for hit in session.hits()}

    _told(session, [Answer(kind="yes", words="two red boats")])

    assert {hit.tile: hit.before for hit in session.hits()} == ranks


def test_skipping_tells_nothing():
    session = _session()
    chances = session.posterior()

    _told(session, [Answer(kind="skip")])

    assert (session.posterior() == chances).all()
    assert session.dialogue.round() == 1


@pytest.mark.parametrize("query", ["", "  \n"])
def test_a_dialogue_begins_with_words(query):
    with pytest.raises(InputError, match="begins with a few words"):
        Session.start(query, MATERIAL)


@pytest.mark.parametrize("step", [lambda s: s.pick("nowhere"), lambda s: s.answer(Answer(kind="more like", tile="x"))])
def test_hits_that_are_not_there_are_refused(step):
    session = _session()
    before = session.dialogue

    with pytest.raises(InputError, match="no such hit"):
        step(session)

    assert session.dialogue == before


def test_an_answer_needs_a_question():
    with pytest.raises(InputError, match="Nothing was asked"):
        _session().answer(Answer(kind="yes"))


def test_words_may_come_unasked():
    session = _session("boats")

    session.answer(Answer(kind="words", words="two red ones near a road"))

    assert session.hits(1)[0].tile == "t1"
