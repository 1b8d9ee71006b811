"""Bending text vectors by captions, by what a captioner would say, and by pictures."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from eval.datasets.captions import CaptionedImage
from eval.proxy import proxy_task
from tests.standin.encoders import WordEncoder
from trsllava.encoders.protocol import FloatArray
from trsllava.errors import InputError
from trsllava.models.calibration import Calibration
from trsllava.training.calibrating import (
    CalibrationPlan,
    CaptionedViews,
    captioned_views,
    train_calibration,
    validate_calibration,
)

THINGS = ("boats", "planes", "trees", "tanks", "houses", "fields", "roads", "ponds")
PEOPLE, CAPTIONER = ("here are {}", "we see {}"), "an aerial {}"
"""Different wordings of the same thing: to a bag of words they share one word of three."""


def images(noise: str) -> list[CaptionedImage]:
    """Two pictures of each thing, one with people's words and one with a captioner's."""
    return [
        CaptionedImage(image=f"{thing}-{form}.png", captions=tuple(f"{noise} {word.format(thing)}" for word in words))
        for thing in THINGS
        for form, words in enumerate((PEOPLE, (CAPTIONER,)))
    ]


def seen(encoder: WordEncoder) -> FloatArray:
    """Pictures as an image-text encoder that knows each thing would embed them: both of a thing alike."""
    return np.repeat(encoder.encode(THINGS), 2, axis=0)


def learnt_views(encoder: WordEncoder) -> CaptionedViews:
    return captioned_views(images("today"), seen(encoder), encoder.encode)


def test_an_untrained_calibration_changes_nothing() -> None:
    vectors = torch.nn.functional.normalize(torch.randn(4, 16), dim=1)
    torch.testing.assert_close(Calibration(16).eval()(vectors), vectors)


def test_a_captioner_is_thought_to_say_what_others_said_of_such_pictures() -> None:
    views = learnt_views(WordEncoder(dim=64))
    for rows, nearest in zip(views.rows, views.nearest, strict=True):
        thing = views.texts[rows[0]].split()[-1]
        assert views.texts[nearest[0]].split()[-1] == thing
        assert not set(rows) & {nearest[0]}  # never the picture's own


def test_what_people_and_a_captioner_say_of_a_thing_comes_together() -> None:
    encoder = WordEncoder(dim=64)
    learnt = train_calibration(learnt_views(encoder), encoder, CalibrationPlan(steps=40, hidden=32, rate=3e-3))
    before, after = validate_calibration(learnt, proxy_task(images("tomorrow")), encoder)
    assert before.mR == after.mR == 100  # what was right already stays right

    def gap(vectors: FloatArray) -> float:
        own, other = vectors[0] @ vectors[1], vectors[0] @ vectors[2]
        return float(own - other)

    plain = encoder.encode(["here are boats", "an aerial boats", "here are planes"])
    with torch.inference_mode():
        assert gap(learnt(torch.from_numpy(plain)).numpy()) > gap(plain) + 0.1


def test_equal_seeds_equal_weights() -> None:
    plan, encoder = CalibrationPlan(steps=3, hidden=8), WordEncoder()
    one, same = (train_calibration(learnt_views(encoder), encoder, plan).state_dict() for _ in range(2))
    assert all(torch.equal(one[name], same[name]) for name in one)


def test_pictures_with_one_and_the_same_caption_have_nothing_to_teach() -> None:
    alike = [CaptionedImage(image=f"{n}.png", captions=("a road", "a road")) for n in range(3)]
    encoder = WordEncoder()
    with pytest.raises(InputError, match="different captions"):
        captioned_views(alike, encoder.encode(["a road"] * 3), encoder.encode)
