"""Equation 10, and what the command line makes of it."""

from __future__ import annotations

import pytest
import torch

from trsllava.errors import InputError
from trsllava.training.objectives.total import NANO, PAPER, Weights, parse_weights, weighted_sum


def test_the_paper_adds_its_three_objectives_alike() -> None:
    losses = {"itc": torch.tensor(2.0), "id": torch.tensor(3.0), "irr": torch.tensor(5.0)}
    assert float(weighted_sum(losses, PAPER)) == 10.0
    assert float(weighted_sum(losses, Weights(itc=1, id=0.5, irr=0))) == 3.5


def test_weights_that_are_not_named_stay_as_usual() -> None:
    assert parse_weights("irr=0.5, id=2", NANO) == Weights(itc=1, id=2, irr=0.5, scene=0.5, presence=10)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("irr", "should look like irr=0.5"),
        ("irr=much", "should look like irr=0.5"),
        ("mlm=1", "accepts itc, id, irr, scene, presence"),
        ("itc=0", "nothing is retrieved"),
        ("id=-1", "zero or more"),
    ],
)
def test_bad_weights_are_one_sentence(text: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        parse_weights(text, PAPER)
