import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from trsllava.completion import NO_USAGE, Completion, Usage, completion_of, parsed, without_system_role
from trsllava.errors import AnswerError

COUNTS = st.integers(0, 10**6)
USAGES = st.builds(Usage, COUNTS, COUNTS, COUNTS, COUNTS, st.integers(0, 1000).map(float))
PICTURE = {"type": "image_url", "image_url": {"url": "data:,x"}}


@given(USAGES, USAGES, USAGES)
def test_usages_add_up_in_any_order(a, b, c):
    assert (a + b) + c == a + (c + b)
    assert a + NO_USAGE == a


def test_a_reply_is_read_with_what_it_cost():
    reply = {
        "choices": [{"message": {"content": "a harbor"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 5}},
    }
    assert completion_of(reply, 1.5) == Completion("a harbor", "stop", Usage(1, 9, 5, 4, 1.5))


def test_a_server_that_counts_nothing_is_no_trouble():
    reply = {"choices": [{"message": {"content": None}}], "usage": None}
    assert completion_of(reply) == Completion("", "", Usage(requests=1))


def test_a_choice_that_is_bare_text_is_its_content():
    assert completion_of({"choices": ["x"]}).text == "x"


@pytest.mark.parametrize("reply", [{}, {"choices": []}, {"choices": [{}]}, {"choices": None}])
def test_a_reply_without_a_choice_is_an_error_that_keeps_it(reply):
    with pytest.raises(AnswerError, match="no choice") as caught:
        completion_of(reply)
    assert caught.value.raw


class Sentence(BaseModel):
    text: str


@given(st.text(st.characters(exclude_categories=[])))
def test_whatever_a_string_escapes_an_answer_can_be_written_down(text):
    sentence = parsed(Sentence, Completion(json.dumps({"text": text}), "stop"))
    assert sentence.text.encode() == text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def test_raw_control_characters_in_a_string_are_read():
    assert parsed(Sentence, Completion('{"text": "a\tship"}', "stop")).text == "a\tship"


def test_instructions_move_before_the_picture_where_there_is_no_system_role():
    messages = [
        {"role": "system", "content": "Describe."},
        {"role": "user", "content": [PICTURE, {"type": "text", "text": "Now."}]},
    ]
    (only,) = without_system_role(messages)
    assert only["role"] == "user"
    assert [part.get("text", "picture") for part in only["content"]] == ["Describe.", "picture", "Now."]


def test_a_conversation_without_instructions_stays_as_it_is():
    messages = [{"role": "user", "content": "Hello."}]
    assert without_system_role(messages) == messages
