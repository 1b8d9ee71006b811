"""LuojiaHOG's rules, each broken and kept."""

from __future__ import annotations

import pytest

import prompts
from indexer.dataset.checks import RULES, broken_rules, kept_shares
from trsllava.captioners.answer import RsrtVariant
from trsllava.records import RichCaption, RichText

GOOD = "A small harbor with two long grey piers lies next to a sandy beach."
OTHER = "Five white boats are moored along the piers of a narrow port near the shore."


def text(*sentences: str) -> RichText:
    return RichText(variants=tuple(RichCaption(one_sentence=sentence) for sentence in sentences))


def test_a_good_text_breaks_none() -> None:
    assert broken_rules(text(GOOD, OTHER), ["harbor", "port"]) == {}


@pytest.mark.parametrize(
    ("rule", "said", "why"),
    [
        ("attributes", "Houses near a road.", "no colour, shape or size"),
        ("relations", "Two red houses.", "nothing about how things lie to each other"),
        ("vague", "Many red houses near a road.", "many"),
        ("vague", "Red houses and some trees beside them.", "some"),
        ("vague", "A number of red houses near a road.", "a number of"),
        ("directions", "A red house near a road on the left.", "on the left"),
        ("directions", "A road leads up to a red house near it.", "up"),
        ("directions", "Red houses around the upper part.", "upper"),
        ("opening", "This is an aerial image of red houses near a road.", "This is an aerial image"),
    ],
)
def test_what_breaks_a_rule_is_told(rule: str, said: str, why: str) -> None:
    assert broken_rules(text(said)) == {rule: why}


def test_variants_that_say_the_same_and_a_beginning_with_something_else() -> None:
    assert broken_rules(text(GOOD, GOOD)) == {"synonyms": "variants 1 and 2 say the same"}
    assert broken_rules(text(GOOD, OTHER), ["airport", "aerodrome"]) == {
        "main first": "no first sentence names airport"
    }


def test_a_label_is_found_in_any_spelling_but_only_as_a_word() -> None:
    assert "main first" not in broken_rules(text("Two tennis-courts, red, near a road."), ["tennis court"])
    assert "main first" in broken_rules(text("A red carpark near a road."), ["park"])


def test_the_example_that_models_are_shown_keeps_the_rules() -> None:
    (line,) = [row for row in prompts.load("rsrt-mapped").parts["system"].splitlines() if row.startswith("{")]
    example = RichCaption.model_validate(RsrtVariant.model_validate_json(line).model_dump())

    assert broken_rules(RichText(variants=(example,)), ["harbor"]) == {}


def test_shares_are_of_all_texts() -> None:
    shares = kept_shares([{"vague": "many"}, {}, {"vague": "some", "opening": "This is"}, {}])

    assert set(shares) == set(RULES)
    assert (shares["vague"], shares["opening"], shares["relations"]) == (0.5, 0.75, 1)
    assert kept_shares([]) == {}
