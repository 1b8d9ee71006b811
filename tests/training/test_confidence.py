"""Confidence that holds: fitted to what proved true."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from trsllava.captioners.nano.impression import Confidence
from trsllava.errors import EncoderError
from trsllava.training.confidence import calibration_error, fit_confidence, fit_evidence
from trsllava.training.sights import Sights


@pytest.fixture(scope="module")
def fitted() -> tuple[Confidence, Sights, torch.Tensor, torch.Tensor]:
    """4,000 pictures of three scenes and two things, whose logits are twice and three times too bold."""
    generator = torch.Generator().manual_seed(0)
    honest = torch.randn(4000, 3, generator=generator)
    scene = torch.multinomial(honest.softmax(1), 1, generator=generator)[:, 0]
    presence = torch.randn(4000, 2, generator=generator) - 1
    named = torch.bernoulli(presence.sigmoid(), generator=generator)
    sights = Sights(torch.zeros(4000, 1, 4), (3 * presence + 1)[:, None], (2 * honest)[:, None])
    somewhere = torch.randn(200, 4, generator=generator) + 2
    nowhere = torch.randn(200, 4, generator=generator) - 2
    return fit_confidence(sights, scene, named, somewhere, nowhere), sights, scene, named


def test_boldness_is_taken_back(fitted: tuple[Confidence, Sights, torch.Tensor, torch.Tensor]) -> None:
    confidence, sights, scene, named = fitted
    assert confidence.scene_temperature == pytest.approx(2, rel=0.1)
    assert float(confidence.presence_slope) == pytest.approx(1 / 3, rel=0.1)
    chances = confidence.scene(sights.scene[:, 0].numpy())
    right = chances.argmax(1) == scene.numpy()
    assert calibration_error(chances.max(1), right) < 0.03
    presence = confidence.presence(sights.presence[:, 0].numpy())
    assert calibration_error(presence.ravel(), named.numpy().ravel() > 0) < 0.03


def test_places_are_told_from_nothing(fitted: tuple[Confidence, Sights, torch.Tensor, torch.Tensor]) -> None:
    chances = fitted[0].evidence(np.array([[2, 2, 2, 2], [-2, -2, -2, -2]], np.float32))
    assert chances[0] > 0.9
    assert chances[1] < 0.1


def test_what_does_not_differ_tells_nothing() -> None:
    weights, _ = fit_evidence(
        torch.tensor([[1.0, 5.0]]).repeat(50, 1) + torch.randn(50, 2), torch.tensor([[1.0, -5.0]]).repeat(50, 1)
    )
    assert weights[1] > 5 * abs(weights[0])


def test_confidence_is_kept_in_a_file(
    fitted: tuple[Confidence, Sights, torch.Tensor, torch.Tensor], tmp_path: Path
) -> None:
    fitted[0].save(tmp_path / "confidence.npz")
    again = Confidence.load(tmp_path / "confidence.npz")
    logits = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    np.testing.assert_allclose(again.scene(logits), fitted[0].scene(logits), rtol=1e-5)
    with pytest.raises(EncoderError, match="other"):
        Confidence.load(tmp_path / "other.npz")


@pytest.mark.parametrize(
    ("chances", "right", "error"),
    [([0.95, 0.95], [True, True], 0.05), ([0.95, 0.95], [False, False], 0.95), ([0.25, 0.75], [False, True], 0.25)],
)
def test_the_calibration_error_is_the_mean_gap(chances: list[float], right: list[bool], error: float) -> None:
    assert calibration_error(np.array(chances, np.float32), np.array(right)) == pytest.approx(error, abs=1e-6)
