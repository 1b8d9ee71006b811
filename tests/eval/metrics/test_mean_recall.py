import pytest

from eval.metrics.mean_recall import mean_recall


def test_mean_recall_weighs_all_six_recalls_alike():
    assert mean_recall([6.76, 20.55, 33.35], [9.77, 26.97, 38.35]) == pytest.approx(22.625)


def test_mean_recall_of_one_direction_is_its_mean():
    assert mean_recall([1.0, 2.0, 6.0], []) == 3.0
