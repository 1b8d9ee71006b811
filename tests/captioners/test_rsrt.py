import json
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import prompts
from trsllava.captioners.answer import Bounds
from trsllava.captioners.rsrt import RsrtQuestion
from trsllava.errors import AnswerError
from trsllava.records import Tile, Window

QUESTION = RsrtQuestion(prompts.load("rsrt@1"), variants=2, bounds=Bounds(one_sentence=30, feature=10, features=2))
TILE = Tile(id=uuid.UUID(int=1), sha256="0" * 64, window=Window(0, 0, 8, 8))


def answer(**changes: Any) -> dict[str, Any]:
    """A good answer, its first variant changed."""
    first = {
        "one_sentence": "A harbor with ships.",
        "feature": ["a ship"],
        "caption": "A ship lies in a harbor.",
        **changes,
    }
    second = {"one_sentence": "A quay with cranes.", "feature": ["a crane"], "caption": "Cranes line the quay."}
    return {"variants": [first, second], "labels": ["Harbor", "ship", "harbor"]}


def rich_text(raw: dict[str, Any]):
    return QUESTION.rich_text(QUESTION.answer.model_validate(raw), TILE, "some-model")


def test_labels_are_lower_case_and_each_stands_once():
    assert rich_text(answer()).labels == ("harbor", "ship")


def test_a_feature_named_twice_stands_once():
    assert rich_text(answer(feature=["a ship", "a ship"])).variants[0].feature == ("a ship",)


@pytest.mark.parametrize("changes", [{"caption": None}, {"feature": "a ship"}, {"notes": "more than was asked for"}])
def test_an_answer_outside_the_schema_is_refused(changes):
    with pytest.raises(ValidationError):
        rich_text(answer(**changes))


def test_an_answer_with_too_few_variants_is_refused_and_one_with_too_many_is_shortened():
    raw = answer()
    with pytest.raises(ValidationError):
        rich_text({**raw, "variants": raw["variants"][:1]})
    text = rich_text({**raw, "variants": [*raw["variants"], raw["variants"][0]]})
    assert (len(text.variants), text.repairs) == (2, ("variants",))


@pytest.mark.parametrize(
    ("check", "changes"),
    [
        ("length", {"one_sentence": "A harbor with " + "ships " * 5}),
        ("length", {"caption": "A harbor."}),
        ("empty", {"feature": ["x" * 11]}),
        ("empty", {"feature": []}),
        ("empty", {"caption": ""}),
        ("empty", {"caption": " \t\x00"}),
        ("refusal", {"caption": "I'm sorry, I cannot see the picture."}),
        ("repetition", {"caption": "A ship, a ship, a ship, a ship, a ship"}),
        ("language", {"caption": "Ein Hafen mit zwei Kränen und vielen Schiffen, die am langen Kai liegen."}),
        ("figures", {"one_sentence": "Water covers 40% of it."}),
        ("compass", {"caption": "A ship lies in the north of a harbor."}),
        ("variants", {"caption": "The quay, line cranes"}),
    ],
)
def test_an_unusable_answer_is_refused_by_the_check_that_found_it(check, changes):
    with pytest.raises(AnswerError) as caught:
        rich_text(answer(**changes))
    assert caught.value.check == check
    assert len(json.loads(caught.value.raw)["variants"]) == 2


@pytest.mark.parametrize(
    ("repair", "changes", "field", "mended"),
    [
        ("unreadable", {"caption": "A ship\x07 lies\nin a harbor."}, "caption", "A ship lies in a harbor."),
        ("boilerplate", {"caption": "The image shows a wide harbor."}, "caption", "A wide harbor."),
        ("figures", {"caption": "A harbor with ships, about 40%."}, "caption", "A harbor with ships."),
        ("length", {"feature": ["a", "b", "c"]}, "feature", ("a", "b")),
    ],
)
def test_what_can_be_mended_is_mended_and_noted(repair, changes, field, mended):
    text = rich_text(answer(**changes))
    assert getattr(text.variants[0], field) == mended
    assert text.repairs == (repair,)


def test_checks_that_are_skipped_neither_refuse_nor_mend():
    skip = ("boilerplate", "compass", "variants")
    question = RsrtQuestion(prompts.load("rsrt@1"), 2, Bounds(), skip)
    same = {
        "one_sentence": "The image shows the north.",
        "feature": ["a quay"],
        "caption": "A northern quay lies here.",
    }
    raw = {"variants": [same, same], "labels": ["quay"]}
    text = question.rich_text(question.answer.model_validate(raw), TILE, "some-model")
    assert text.variants[1].one_sentence == same["one_sentence"]
    assert text.repairs == ()


def test_compass_words_are_right_where_north_is_up():
    raw = answer(caption="A ship lies in the north of a harbor.")
    north_up = TILE.model_copy(update={"north_up": True})
    assert QUESTION.rich_text(QUESTION.answer.model_validate(raw), north_up, "some-model").repairs == ()


def test_variants_that_differ_in_case_order_and_marks_alone_are_refused():
    second = {"one_sentence": "with cranes a quay", "feature": ["A crane!"], "caption": "The quay, line cranes"}
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
    except AnswerError:
        return
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
