import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import prompts
from trsllava.captioners.rsrt import Bounds, RsrtQuestion
from trsllava.errors import AnswerError

QUESTION = RsrtQuestion(prompts.load("rsrt@1"), variants=2, bounds=Bounds(one_sentence=20, feature=10, features=2))


def answer(**changes: Any) -> dict[str, Any]:
    """A good answer, its first variant changed."""
    first = {"one_sentence": "A harbor.", "feature": ["a ship"], "caption": "A ship lies in a harbor.", **changes}
    second = {"one_sentence": "A quay.", "feature": ["a crane"], "caption": "Cranes line the quay."}
    return {"variants": [first, second], "labels": ["Harbor", "ship", "harbor"]}


def rich_text(raw: dict[str, Any]):
    return QUESTION.rich_text(QUESTION.answer.model_validate(raw), "some-model")


def test_labels_are_lower_case_and_each_stands_once():
    assert rich_text(answer()).labels == ("harbor", "ship")


def test_a_feature_named_twice_stands_once():
    assert rich_text(answer(feature=["a ship", "a ship"])).variants[0].feature == ("a ship",)


@pytest.mark.parametrize(
    "changes",
    [
        {"one_sentence": "x" * 21},
        {"feature": ["x" * 11]},
        {"feature": ["a", "b", "c"]},
        {"feature": []},
        {"caption": ""},
        {"caption": " \t\x00"},
        {"caption": None},
        {"notes": "more than was asked for"},
    ],
)
def test_an_answer_outside_the_schema_is_refused(changes):
    with pytest.raises(ValidationError):
        rich_text(answer(**changes))


def test_variants_that_differ_in_case_order_and_marks_alone_are_refused():
    second = {"one_sentence": "a quay", "feature": ["A crane!"], "caption": "The quay, line cranes"}
    with pytest.raises(AnswerError, match="variants 1 and 2 say the same") as caught:
        rich_text(answer(**second))
    assert len(json.loads(caught.value.raw)["variants"]) == 2


def test_undecodable_bytes_do_not_count_as_text():
    """vLLM counts ill-formed bytes as one character and writes one replacement character for each of them."""
    text = rich_text(answer(feature=["a ship\ufffd\ufffd\ufffd\ufffd near"[:14]]))
    assert text.variants[0].feature == ("a ship nea",)


@given(caption=st.text(st.characters(exclude_categories=[]), min_size=1, max_size=50))
def test_whatever_a_model_writes_is_refused_or_becomes_readable(caption):
    """Lone halves of surrogate pairs included: they are valid JSON escapes and no valid text."""
    raw = json.loads(json.dumps(answer(caption=caption)))
    try:
        text = rich_text(raw)
    except ValidationError:
        assert not "".join(letter for letter in caption if letter.isprintable()).strip(" \ufffd")
    else:
        assert text.variants[0].caption.isprintable()
        text.model_dump_json().encode()


@given(
    variants=st.integers(1, 9),
    bounds=st.builds(Bounds, *[st.integers(1, 2000)] * 6),
)
def test_every_list_and_string_that_is_asked_for_has_a_limit(variants, bounds):
    schema = RsrtQuestion(prompts.load("rsrt@1"), variants, bounds).answer.model_json_schema()

    def check(node: Any) -> None:
        if isinstance(node, dict):
            assert node.get("type") != "string" or {"minLength", "maxLength"} <= node.keys()
            assert node.get("type") != "array" or {"minItems", "maxItems"} <= node.keys()
            assert node.get("type") != "object" or node["additionalProperties"] is False
            for child in node.values():
                check(child)

    check(schema)
    assert schema["properties"]["variants"]["minItems"] == schema["properties"]["variants"]["maxItems"] == variants
