"""An answer is found and used whatever stands around it, wherever in the message, whatever its shape."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.standin.captions import answer
from trsllava.captioners.reading import read
from trsllava.completion import Completion, completion_of
from trsllava.errors import AnswerError
from trsllava.records import Wrapping

GOOD = answer("a picture", 5)
TEXT = json.dumps(GOOD)

AROUND: dict[str, tuple[Callable[[str], str], set[Wrapping]]] = {
    "a fence": (lambda text: f"```json\n{text}\n```", {"fences"}),
    "a fence without a language": (lambda text: f"```\n{text}\n```", {"fences"}),
    "a fence that never closes": (lambda text: f"```json\n{text}", {"fences"}),
    "a sentence before": (lambda text: f"Here is the JSON object:\n{text}", {"prose"}),
    "a sentence after": (lambda text: f"{text}\nLet me know if you need more.", {"prose"}),
    "thoughts before": (lambda text: f"<think>Maybe {{a harbor}}?</think>\n{text}", {"prose"}),
    "a list": (lambda text: f"[{text}]", {"nesting"}),
    "an object": (lambda text: f'{{"answer": {text}}}', {"nesting"}),
    "a string": (json.dumps, {"nesting"}),
}
SYNTAX: dict[str, Callable[[dict[str, Any]], str]] = {
    "a trailing comma": lambda good: json.dumps(good)[:-1] + ",}",
    "single quotes": repr,
    "bare keys": lambda good: json.dumps(good).replace('"labels"', "labels"),
    "a comment": lambda good: json.dumps(good).replace('"labels"', '/* nouns */ "labels"'),
}
FIELDS: dict[str, Callable[[str], dict[str, Any]]] = {
    "reasoning": lambda text: {"content": None, "reasoning_content": text},
    "a tool call": lambda text: {"content": "", "tool_calls": [{"function": {"name": "f", "arguments": text}}]},
    "parsed": lambda text: {"content": None, "parsed": json.loads(text)},
    "any other": lambda text: {"role": "assistant", "output": {"value": text}},
}
CONTENTS: dict[str, Callable[[str], Any]] = {
    "a list of parts": lambda text: [{"type": "text", "text": text}],
    "parts that split it": lambda text: [{"type": "text", "text": text[:50]}, {"type": "text", "text": text[50:]}],
    "a list of strings": lambda text: [text],
    "the object itself": json.loads,
}


def reply(message: dict[str, Any], **more: Any) -> Completion:
    return completion_of({"choices": [{"message": message, "finish_reason": "stop"}], **more})


def check(completion: Completion) -> tuple[Wrapping, ...]:
    found, undone = read(completion, 5)
    assert found.model_dump() == GOOD
    return undone


def test_an_answer_as_it_was_asked_for_needs_nothing_undone() -> None:
    assert check(Completion(TEXT, "stop")) == ()


@pytest.mark.parametrize("around", AROUND)
def test_what_stands_around_an_answer_is_taken_off_and_named(around: str) -> None:
    wrap, undone = AROUND[around]
    assert undone <= set(check(Completion(wrap(TEXT), "stop")))


@pytest.mark.parametrize("slip", SYNTAX)
def test_slips_of_syntax_are_mended_and_named(slip: str) -> None:
    assert check(Completion(SYNTAX[slip](GOOD), "stop")) == ("syntax",)


@given(st.lists(st.sampled_from(sorted(AROUND)), min_size=2, max_size=3, unique=True))
def test_wrappings_within_wrappings(names: list[str]) -> None:
    text = TEXT
    for name in names:
        text = AROUND[name][0](text)
    found, undone = read(Completion(text, "stop"), 5)
    assert found.model_dump() == GOOD
    assert undone


@pytest.mark.parametrize("around", ["a fence", "a sentence before", "thoughts before"])
@pytest.mark.parametrize("slip", SYNTAX)
def test_slips_of_syntax_within_wrappings(slip: str, around: str) -> None:
    assert "syntax" in check(Completion(AROUND[around][0](SYNTAX[slip](GOOD)), "stop"))


@pytest.mark.parametrize("field", FIELDS)
def test_an_answer_in_another_field_than_the_content_is_found(field: str) -> None:
    assert "field" in check(reply(FIELDS[field](TEXT)))


@pytest.mark.parametrize("kind", CONTENTS)
def test_content_of_any_kind_is_read(kind: str) -> None:
    assert check(reply({"content": CONTENTS[kind](TEXT)})) == ()


@pytest.mark.parametrize(
    "shape",
    [
        GOOD["variants"],
        {f"variant_{number}": variant for number, variant in enumerate(GOOD["variants"])},
        {"Descriptions": GOOD["variants"], "Tags": ", ".join(GOOD["labels"])},
        {"variants": dict(enumerate(GOOD["variants"])), "labels": GOOD["labels"]},
        {"variants": [{**variant, "feature": ", ".join(variant["feature"])} for variant in GOOD["variants"]]},
    ],
    ids=["a bare list", "numbered", "other names", "an object of variants", "features as text"],
)
def test_other_shapes_say_the_same(shape: Any) -> None:
    found, undone = read(Completion(json.dumps(shape), "stop"), 5)
    assert found.model_dump()["variants"] == GOOD["variants"]
    assert "shape" in undone or "nesting" in undone


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the answer is empty"),
        (" \n", "the answer is empty"),
        ("Sorry, I cannot see.", "holds no JSON; it begins 'Sorry, I cannot see.'"),
        ("{}", "without a description"),
        ("[]", "without a description"),
        ("7", "no JSON|without a description"),
    ],
)
def test_what_holds_no_answer_says_so(text: str, reason: str) -> None:
    with pytest.raises(AnswerError, match=reason):
        read(Completion(text, "stop"), 5)


def test_an_example_quoted_while_thinking_is_no_answer() -> None:
    with pytest.raises(AnswerError):
        read(reply({"content": "", "reasoning": f"The form is {json.dumps(GOOD['variants'][0])}"}), 5)


def test_half_an_answer_loses_the_variant_that_was_cut() -> None:
    cut = TEXT[: TEXT.index(GOOD["variants"][2]["caption"]) + 20]
    found, undone = read(Completion(cut, "stop"), 5)
    assert found.model_dump()["variants"] == GOOD["variants"][:2]
    assert "syntax" in undone


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(["choices", "message", "content", "usage", "text", "variants", "prompt_tokens", "labels"])


@given(st.dictionaries(KEYS, st.recursive(JSON, lambda inner: st.dictionaries(KEYS, inner) | st.lists(inner))))
def test_no_shape_of_a_reply_is_more_than_a_refused_answer(found: dict[str, Any]) -> None:
    for envelope in (found, {"choices": [found]}, {"choices": [{"message": found}]}, {**reply_of(TEXT), **found}):
        with suppress(AnswerError):
            read(completion_of(envelope), 5)


def reply_of(text: str) -> dict[str, Any]:
    return {"choices": [{"message": {"content": text}}]}


@pytest.mark.parametrize("count", ["n/a", -1, 1e400, [], {}, "12", None, 10**30])
def test_no_count_of_tokens_harms(count: Any) -> None:
    usage = {"prompt_tokens": count, "prompt_tokens_details": count, "completion_tokens": count}
    assert check(reply({"content": TEXT}, usage=usage)) == ()


@pytest.mark.parametrize("text", ["[" * 50_000, "{'" * 5_000, '{"a":' * 20_000, "{" * 50_000])
def test_no_text_takes_long_to_refuse(text: str) -> None:
    with pytest.raises(AnswerError):
        read(Completion(text, "stop"), 5)
