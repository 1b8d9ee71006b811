"""What a query in words does not want, and what only looks like it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trsllava.search.negation import Negation, read_negation

TABLE = Path(__file__).parent / "data" / "negations.tsv"
QUERIES = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines(), delimiter="\t"))


@pytest.mark.parametrize("row", QUERIES, ids=lambda row: row["query"])
def test_what_is_wanted_and_what_is_not(row: dict[str, str]) -> None:
    unwanted = tuple(filter(None, row["unwanted"].split("|")))
    assert read_negation(row["query"]) == Negation(row["wanted"], unwanted)


def test_half_of_the_queries_only_look_like_an_exclusion() -> None:
    assert 0.4 < sum(not row["unwanted"] for row in QUERIES) / len(QUERIES) < 0.6


@pytest.mark.parametrize(
    "text", ["", " ", "no", "without", "not", "no.", "neither", "without any", "no, no, no", "-free"]
)
def test_a_cue_that_names_nothing_is_a_word(text: str) -> None:
    assert read_negation(text) == Negation(text)


words = st.sampled_from(
    [
        "no",
        "not",
        "without",
        "but",
        "and",
        "or",
        "with",
        "near",
        "trees",
        "boats",
        "a",
        "the",
        "red",
        ",",
        ".",
        "lake",
        "except",
        "free",
        "of",
        "neither",
        "nor",
        "any",
        "parking",
    ]
)


@given(st.text(max_size=60) | st.lists(words, max_size=12).map(" ".join))
def test_any_text_can_be_read(text: str) -> None:
    found = read_negation(text)
    assert all(thing.strip() for thing in found.unwanted)
    assert found.unwanted or found.wanted == text
    assert set(found.wanted.replace(",", " ").split()) <= set(text.replace(",", " ").split())


@given(st.sampled_from(["trees", "boats", "swimming pools"]), st.sampled_from(["no {}", "without {}", "not {}"]))
def test_reading_again_what_is_wanted_excludes_nothing_more(thing: str, cue: str) -> None:
    found = read_negation(f"a lake, {cue.format(thing)}")
    assert (found.wanted, found.unwanted) == ("a lake", (thing,))
    assert read_negation(found.wanted) == Negation("a lake")
