from trsllava.dialogue.reformulation.appended import AppendedReformulator
from trsllava.dialogue.state import Answer, Dialogue, Question, Turn


def test_history_is_appended_word_by_word():
    turns = (
        Turn(
            question=Question(text="Are there any boats?", attribute="boat"),
            answer=Answer(kind="yes", words="two boats"),
            caption="",
        ),
        Turn(question=Question(text="Is there snow?", attribute="snow"), answer=Answer(kind="unknown"), caption=""),
    )

    assert (
        AppendedReformulator().caption(Dialogue(query="a harbor", turns=turns))
        == "a harbor Are there any boats? yes two boats Is there snow? I cannot tell"
    )
