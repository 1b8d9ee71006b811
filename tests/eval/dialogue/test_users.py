from eval.dialogue.evaluate import text_users
from trsllava.dialogue.questions.wording import OPENING
from trsllava.dialogue.state import Question

KNOWN = [["a harbor", "a harbor with white boats"], ["a forest", "a dense green forest"]]


def test_an_open_question_is_answered_wrongly_with_what_is_said_of_another_picture():
    right, wrong = (text_users(KNOWN, share).of(0).answer(Question(text=OPENING)) for share in (0.0, 1.0))

    assert right.words in KNOWN[0]
    assert wrong.words in KNOWN[1]
    assert right.kind == wrong.kind == "words"
