"""Uploads whose pixels would not fit into memory together are worked on one after the other."""

from __future__ import annotations

import threading

import pytest

from trsllava.service.pictures import PixelBudget


def test_pictures_that_fit_together_are_worked_on_together() -> None:
    budget = PixelBudget(100)
    with budget.spent(60), budget.spent(40):
        pass


def test_a_picture_waits_until_others_have_given_their_pixels_back() -> None:
    budget, order = PixelBudget(100), list[str]()
    waits = threading.Event()

    def second() -> None:
        waits.set()
        with budget.spent(50):
            order.append("second")

    waiting = threading.Thread(target=second)
    with budget.spent(60):
        waiting.start()
        waits.wait()
        with budget.spent(40):  # room for this one, not for the other
            order.append("first")
        order.append("first is done")
    waiting.join()
    assert order == ["first", "first is done", "second"]


def test_pixels_are_given_back_after_a_failure() -> None:
    budget = PixelBudget(100)
    with pytest.raises(ValueError, match="broken"), budget.spent(100):
        raise ValueError("broken")
    with budget.spent(100):
        pass
