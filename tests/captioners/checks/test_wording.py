"""Refusals, language, compass words, length: what a text may not say, table by table."""

import pytest

from trsllava.captioners.answer import Bounds
from trsllava.captioners.checks import compass, language, length, refusal, variants
from trsllava.records import RichCaption, RichText


def text(*captions: str) -> RichText:
    return RichText(variants=tuple(RichCaption(caption=caption) for caption in captions))


@pytest.mark.parametrize(
    "said",
    [
        "I'm sorry, but I can't help with that.",
        "I am unable to see the picture.",
        "I cannot view images.",
        "I don\N{RIGHT SINGLE QUOTATION MARK}t see a picture.",
        "As an AI language model I have no eyes.",
        "No image was provided.",
        "It is impossible to determine what lies here.",
        "The image could not be loaded.",
    ],
)
def test_refusals_are_found(said: str) -> None:
    assert "refuses" in refusal.fault(text("A harbor.", said))


@pytest.mark.parametrize(
    "said", ["A sorry sight of ruins.", "A pier that ships cannot reach.", "The area I is fenced."]
)
def test_descriptions_are_no_refusals(said: str) -> None:
    assert refusal.fault(text(said)) == ""


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Ein Hafen mit zwei Kränen und vielen Schiffen, die am langen Kai liegen.", "de"),
        ("Un port avec deux grues et plusieurs navires le long du quai.", "fr"),
        ("Un puerto con dos grúas y muchos barcos atracados junto al muelle.", "es"),
        ("港口有两台起重机", "in another script"),
        ("Порт с двумя кранами", "in another script"),
        ("A harbor 港口有两台起重机和许多船只。", "in another script"),
    ],
)
def test_other_languages_are_named(said: str, found: str) -> None:
    assert language.foreign(said) == found


@pytest.mark.parametrize(
    "said", ["A harbor.", "Café with a façade", "an H on a helipad", "123", "", "pier, quay, dock"]
)
def test_english_and_what_is_too_short_to_tell_pass(said: str) -> None:
    assert language.foreign(said) == ""


@pytest.mark.parametrize(
    "said",
    [
        "A quay in the north.",
        "the north-eastern corner",
        "a road from West to East",
        "southwards",
        "the westernmost house",
        "a pond in the NE",
        "it runs N-S",
    ],
)
def test_compass_words_are_found_unless_north_is_known(said: str) -> None:
    assert "north is not known" in compass.fault(text(said), north_up=False)
    assert compass.fault(text(said), north_up=True) == ""


@pytest.mark.parametrize("said", ["an easterly", "Easter decorations", "a nest", "the rest", "a sweltering wood"])
def test_only_whole_words_are_compass_words(said: str) -> None:
    assert bool(compass.fault(text(said), north_up=False)) == (said == "an easterly")


def test_a_text_without_content_or_past_its_bound_is_named() -> None:
    bounds = Bounds(caption=30)
    assert "only 1 word" in length.fault(text("Harbor."), bounds)
    assert "within 30 characters" in length.fault(text("a harbor with ships and no end at all"), bounds)
    assert "within 30 characters" in length.fault(text("a harbor with ships, and a qua"), bounds)
    assert length.fault(text("a harbor with ships, a quay."), bounds) == ""
    assert length.fault(text("a harbor with ships and no end at all"), None) == ""


def test_variants_that_differ_in_case_order_and_marks_alone_are_one() -> None:
    assert variants.fault(text("A quay with two cranes.", "Two ships.", "with two cranes: a quay")) == (
        "variants 1 and 3 say the same"
    )
    assert variants.fault(text("A quay with two cranes.", "Two cranes stand beside the water.")) == ""


def test_the_same_paragraph_under_another_sentence_is_no_other_variant() -> None:
    paragraph = "Two cranes stand on a quay beside a ship."
    first = RichCaption(one_sentence="A harbor.", feature=("two cranes",), caption=paragraph)
    second = RichCaption(
        one_sentence="Where ships unload, machines line the basin.", feature=("quay",), caption=paragraph
    )
    assert variants.fault(RichText(variants=(first, second)))
