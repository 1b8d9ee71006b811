import numpy as np
import pytest

from trsllava.dialogue.attributes import attribute_table, concepts, phrases


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("many green trees", {"many", "green", "tree", "many tree", "green tree"}),
        ("a baseball field", {"baseball field"}),
        ("tents beside a road", {"tent", "road"}),
        ("the picture shows several of them", {"several"}),
        ("", set()),
        ("湖", set()),
    ],
)
def test_concepts(text, named):
    assert concepts(text) == named


def test_phrases_keep_their_words():
    assert [phrase.words for phrase in phrases("Many green trees and a large white building")] == [
        "many green trees",
        "large white building",
    ]


def test_the_table_tells_which_texts_name_what(gallery):
    table = attribute_table(gallery)

    assert table.named[0, table.place["boat"]] == 1.0
    assert table.named[0, table.place["many"]] == 0.5
    assert table.named[3, table.place["boat"]] == 0.0


def test_chances_follow_what_is_named_and_are_never_certain(gallery):
    table = attribute_table(gallery)
    column = table.chances[:, table.place["boat"]]

    assert column[0] > column[1] - 1e-6 > column[3]
    assert ((table.chances > 0) & (table.chances < 1)).all()


def test_columns_skip_what_the_table_has_not(gallery):
    table = attribute_table(gallery)

    assert np.array_equal(table.columns(["boat", "submarine"]), [table.place["boat"]])
