"""Bending text vectors by captions alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from eval.datasets.captions import CaptionedImage
from tests.conftest import WordEncoder
from trsllava.errors import InputError
from trsllava.models.calibration import Calibration
from trsllava.training.calibrating import CalibrationPlan, train_calibration, validate_calibration

THINGS = ("boats", "planes", "trees", "tanks", "houses", "fields", "roads", "ponds")
SAME = ("here are {}", "we see {}", "the {}")
"""Different wordings of the same thing: to a bag of words they share one word of three."""


def images(noise: str) -> list[CaptionedImage]:
    return [
        CaptionedImage(image=f"{thing}.png", captions=tuple(f"{noise} {form.format(thing)}" for form in SAME))
        for thing in THINGS
    ]


def test_an_untrained_calibration_changes_nothing() -> None:
    vectors = torch.nn.functional.normalize(torch.randn(4, 16), dim=1)
    torch.testing.assert_close(Calibration(16).eval()(vectors), vectors)


def test_wordings_of_one_picture_come_together() -> None:
    encoder, plan = WordEncoder(dim=64), CalibrationPlan(steps=40, hidden=32, rate=3e-3)
    learnt = train_calibration(images("today"), encoder, plan)
    before, after = validate_calibration(learnt, images("tomorrow"), encoder)
    assert before.mR == after.mR == 100  # what was right already stays right

    def gap(vectors: np.ndarray) -> float:  # type: ignore[type-arg]
        own, other = vectors[0] @ vectors[1], vectors[0] @ vectors[2]
        return float(own - other)

    plain = encoder.encode(["here are boats", "the boats", "here are planes"])
    with torch.inference_mode():
        assert gap(learnt(torch.from_numpy(plain)).numpy()) > gap(plain) + 0.1


def test_equal_seeds_equal_weights() -> None:
    plan = CalibrationPlan(steps=3, hidden=8)
    one, same = (train_calibration(images("today"), WordEncoder(), plan).state_dict() for _ in range(2))
    assert all(torch.equal(one[name], same[name]) for name in one)


def test_images_with_one_caption_have_nothing_to_teach() -> None:
    alone = [CaptionedImage(image=f"{n}.png", captions=("a road", "a road")) for n in range(3)]
    with pytest.raises(InputError, match="two different captions"):
        train_calibration(alone, WordEncoder(), CalibrationPlan(steps=1))
