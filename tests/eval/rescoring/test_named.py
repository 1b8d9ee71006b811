"""Rescorings as people name them."""

import pytest

from eval.rescoring import RESCORINGS, Csls, InvertedSoftmax, QuerybankNorm, Resort, parse_rescoring
from trsllava.errors import InputError


def test_a_number_may_be_named_or_left_out():
    assert parse_rescoring("inverted-softmax:0.05") == InvertedSoftmax(0.05)
    assert parse_rescoring("qb-norm") == QuerybankNorm()
    assert parse_rescoring("csls:7") == Csls(7)
    assert parse_rescoring("resort:3") == Resort(3)
    assert [parse_rescoring(name) for name in RESCORINGS]


@pytest.mark.parametrize(
    "text",
    ["softmax", "inverted-softmax:0", "inverted-softmax:nan", "qb-norm:warm", "csls:0", "csls:1.5", "resort:-1"],
)
def test_what_is_not_understood_is_named(text):
    with pytest.raises(InputError, match=text):
        parse_rescoring(text)


@pytest.mark.parametrize("rescoring", [InvertedSoftmax(0.07), QuerybankNorm(), Csls(7), Resort(3)], ids=str)
def test_a_rescoring_is_told_as_people_name_it(rescoring):
    assert parse_rescoring(str(rescoring)) == rescoring


def test_a_default_is_told_with_its_number():
    assert [str(parse_rescoring(name)) for name in RESCORINGS] == [
        "inverted-softmax:0.05",
        "qb-norm:0.05",
        "csls:100",
        "resort:10",
    ]
