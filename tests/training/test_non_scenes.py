"""Pictures of nothing."""

from __future__ import annotations

import numpy as np
import pytest

from trsllava.training.non_scenes import NON_SCENES, draw_non_scenes


def test_they_are_pictures_and_the_same_for_the_same_seed() -> None:
    drawn = draw_non_scenes(21, 40, np.random.default_rng(3))
    assert (drawn.shape, drawn.dtype) == ((21, 3, 40, 40), np.uint8)
    assert np.array_equal(drawn, draw_non_scenes(21, 40, np.random.default_rng(3)))
    assert not np.array_equal(drawn, draw_non_scenes(21, 40, np.random.default_rng(4)))


@pytest.mark.parametrize("kind", NON_SCENES)
def test_every_kind_can_be_drawn_by_itself_and_varies(kind: str) -> None:
    drawn = draw_non_scenes(6, 32, np.random.default_rng(0), (kind,))
    assert len({picture.tobytes() for picture in drawn}) == 6
