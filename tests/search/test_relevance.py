"""Chances: read from cosines, unknown where they were learnt for other models, told above doubtful hits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from trsllava.errors import EncoderError
from trsllava.search.relevance import Relevance, doubt, quadratic
from trsllava.store.protocol import FloatArray


def unit(*rows: list[float]) -> FloatArray:
    vectors = np.array(rows, np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def relevance() -> Relevance:
    """Only the cosine counts: even at 0.5, nearly sure at 1."""
    names = unit([1, 0, 0], [0, 1, 0], [0, 0, 1])
    slopes = np.zeros(quadratic(np.zeros((1, 4), np.float32)).shape[1])
    slopes[0] = 10
    both = np.zeros(quadratic(np.zeros((1, 8), np.float32)).shape[1])
    both[[0, 4]] = 5
    return Relevance(
        {"dense": names, "image": names},
        {
            ("dense",): np.append(-5.0, slopes),
            ("image",): np.append(-5.0, slopes),
            ("dense", "image"): np.append(-5.0, both),
        },
    )


def test_a_nearer_tile_is_likelier() -> None:
    learnt = relevance()
    asked = unit([1, 1, 0])[0]
    features = learnt.features("dense", asked, [unit([1, 1, 0]), unit([1, 0, 0]), unit([0, 0, 1])])
    near, half, far = learnt.chances({"dense": features})
    assert near == pytest.approx(1 / (1 + np.exp(-5)), abs=1e-4)
    assert near > half > 0.5 > far


def test_the_best_of_a_tiles_vectors_counts() -> None:
    learnt = relevance()
    asked = unit([1, 0, 0])[0]
    one = learnt.features("dense", asked, [unit([1, 0, 0])])
    several = learnt.features("dense", asked, [unit([0, 1, 0], [1, 0, 0])])
    assert several[0, 0] == one[0, 0] == pytest.approx(1)


def test_what_names_score_on_a_tile_stands_beside_its_cosine() -> None:
    features = relevance().features("image", unit([1, 1, 0])[0], [unit([1, 0, 0])])
    cosine, fitting, usual, nearest = features[0]
    assert cosine == pytest.approx(0.5**0.5)
    assert fitting == pytest.approx(np.quantile([1, 0, 0], 0.95))
    assert usual == pytest.approx(1 / 3)
    assert nearest == pytest.approx(0.5**0.5)


def test_a_tile_without_vectors_has_no_chance_that_is_known() -> None:
    learnt = relevance()
    features = learnt.features("image", unit([1, 0, 0])[0], [np.zeros((0, 3), np.float32), unit([1, 0, 0])])
    unknown, known = learnt.chances({"image": features})
    assert np.isnan(unknown)
    assert known > 0.9


def test_both_sides_count_together() -> None:
    learnt = relevance()
    asked, tile = unit([1, 0, 0])[0], [unit([1, 0, 0])]
    features = learnt.features("dense", asked, tile)
    assert learnt.chances({"dense": features, "image": features})[0] == pytest.approx(1 / (1 + np.exp(-5)), abs=1e-4)


def test_what_was_saved_is_read(tmp_path: Path) -> None:
    learnt = relevance()
    learnt.save(tmp_path / "relevance.npz")
    again = Relevance.load(tmp_path / "relevance.npz")
    features = learnt.features("dense", unit([1, 2, 3])[0], [unit([1, 0, 1])])
    np.testing.assert_allclose(again.chances({"dense": features}), learnt.chances({"dense": features}))
    assert set(Relevance.load(tmp_path / "relevance.npz", ["image"]).names) == {"image"}


def test_another_file_is_told(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", one=np.ones(3))
    with pytest.raises(EncoderError, match="does not hold the weights of relevance"):
        Relevance.load(tmp_path / "other.npz")


def test_products_stand_behind_the_features() -> None:
    assert quadratic(np.array([[2.0, 3.0]], np.float32)).tolist() == [[2, 3, 4, 6, 9]]


@pytest.mark.parametrize(("chances", "told"), [([], ""), ([None, None], ""), ([0.2, 0.5], ""), ([None, 0.8], "")])
def test_hits_of_which_one_is_likely_need_no_word(chances: list[float | None], told: str) -> None:
    assert doubt(chances) == told


def test_hits_that_are_all_unlikely_are_called_so() -> None:
    assert doubt([0.12, None, 0.31]) == (
        "Probably nothing here shows that; the nearest images follow, the best at 31%."
    )
