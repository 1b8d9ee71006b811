from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trsllava.formats.highlight import marked


def words(text, query):
    return [piece for piece, wanted in marked(text, query) if wanted]


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("Two cranes at the harbor.", "harbor with cranes", ["cranes", "harbor"]),
        ("A crane in many HARBORS", "harbor cranes", ["crane", "HARBORS"]),
        ("beaches, churches and bushes", "beach church bush", ["beaches", "churches", "bushes"]),
        ("a factory by the factories", "factories", ["factory", "factories"]),
        ("glass and a bus", "glasses buses", ["glass"]),
        ("the ship is at the pier", "what is at the pier?", ["pier"]),
        ("harborside", "harbor", []),
        ("Straße", "STRASSE", ["Straße"]),
        ("nothing", "", []),
    ],
)
def test_words_of_the_query_are_marked_in_any_case_and_number(text, query, expected):
    assert words(text, query) == expected


@settings(deadline=None)
@given(st.text(), st.text())
def test_the_pieces_put_together_are_the_text(text, query):
    assert "".join(piece for piece, _ in marked(text, query)) == text
