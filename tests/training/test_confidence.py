"""Confidence that holds: fitted to what proved true."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from eval.metrics.calibration_error import calibration_error
from trsllava.captioners.nano.impression import Confidence
from trsllava.errors import EncoderError
from trsllava.training.confidence import fit_confidence, fit_evidence, fit_scenes
from trsllava.training.sights import Sights

Fitted = tuple[Confidence, Sights, torch.Tensor, torch.Tensor]


@pytest.fixture(scope="module")
def fitted() -> Fitted:
    """4,000 pictures of three scenes and two things, whose scenes four features tell less surely than those of the 300
    pictures learnt from, and whose things' logits are three times too bold."""
    generator = torch.Generator().manual_seed(0)
    centres = 2 * torch.eye(3, 4)

    def pictures(n: int, spread: float) -> tuple[torch.Tensor, torch.Tensor]:
        scene = torch.randint(3, (n,), generator=generator)
        return centres[scene] + spread * torch.randn(n, 4, generator=generator), scene

    learnt, learnt_scene = pictures(300, 0.5)
    pooled, scene = pictures(4000, 1.5)
    presence = torch.randn(4000, 2, generator=generator) - 1
    named = torch.bernoulli(presence.sigmoid(), generator=generator)
    sights = Sights(pooled[:, None], (3 * presence + 1)[:, None])
    nowhere = torch.randn(200, 4, generator=generator) - 4
    known = Sights(learnt[:, None].repeat(1, 2, 1), torch.zeros(300, 2, 2))
    return fit_confidence(known, learnt_scene, 3, sights, scene, named, nowhere), sights, scene, named


def test_scenes_are_told_from_features_as_surely_as_they_prove_right(fitted: Fitted) -> None:
    confidence, sights, scene, _ = fitted
    chances = confidence.scene(sights.pooled[:, 0].numpy())
    right = chances.argmax(1) == scene.numpy()
    assert right.mean() > 0.7
    assert calibration_error(chances.max(1), right) < 0.03


def test_boldness_about_things_is_taken_back(fitted: Fitted) -> None:
    confidence, sights, _, named = fitted
    assert float(confidence.presence_slope) == pytest.approx(1 / 3, rel=0.1)
    presence = confidence.presence(sights.presence[:, 0].numpy())
    assert calibration_error(presence.ravel(), named.numpy().ravel() > 0) < 0.03


def test_a_scene_without_pictures_is_possible_and_unlikely() -> None:
    weights, offset = fit_scenes(torch.randn(60, 4), torch.arange(60) % 2, scenes=3)
    assert weights.shape == (4, 3)
    assert offset[2] < offset[:2].min()


def test_places_are_told_from_nothing(fitted: Fitted) -> None:
    chances = fitted[0].evidence(np.array([[1, 1, 1, 0], [-4, -4, -4, -4]], np.float32))
    assert chances[0] > 0.9
    assert chances[1] < 0.1


def test_what_does_not_differ_tells_nothing() -> None:
    weights, _ = fit_evidence(
        torch.tensor([[1.0, 5.0]]).repeat(50, 1) + torch.randn(50, 2), torch.tensor([[1.0, -5.0]]).repeat(50, 1)
    )
    assert weights[1] > 5 * abs(weights[0])


def test_confidence_is_kept_in_a_file(fitted: Fitted, tmp_path: Path) -> None:
    fitted[0].save(tmp_path / "confidence.npz")
    again = Confidence.load(tmp_path / "confidence.npz")
    pooled = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    np.testing.assert_allclose(again.scene(pooled), fitted[0].scene(pooled), rtol=1e-5)
    with pytest.raises(EncoderError, match="other"):
        Confidence.load(tmp_path / "other.npz")


@pytest.mark.parametrize(
    ("chances", "right", "error"),
    [([0.95, 0.95], [True, True], 0.05), ([0.95, 0.95], [False, False], 0.95), ([0.25, 0.75], [False, True], 0.25)],
)
def test_the_calibration_error_is_the_mean_gap(chances: list[float], right: list[bool], error: float) -> None:
    assert calibration_error(np.array(chances, np.float32), np.array(right)) == pytest.approx(error, abs=1e-6)
