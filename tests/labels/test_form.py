"""Spellings of one label."""

from __future__ import annotations

import pytest

from trsllava.labels.form import form


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Harbor", "harbors"),
        ("tennis court", "Tennis_Courts"),
        ("baseball-field", "baseball  fields"),
        ("Bus", "buses"),
        ("cities", "City"),
        ("ｌake", "lake"),
    ],
)
def test_spellings_of_one_label_have_one_form(one: str, other: str) -> None:
    assert form(one) == form(other)


@pytest.mark.parametrize(("one", "other"), [("glass", "glas"), ("house", "hous"), ("sand pit", "sandpit")])
def test_other_words_keep_forms_of_their_own(one: str, other: str) -> None:
    assert form(one) != form(other)
