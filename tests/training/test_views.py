"""Random views: what they show, and that they are drawn from a seed."""

from __future__ import annotations

import pytest
import torch

from trsllava.training.augment import Augmentation, Blend, blend_views, random_views, symmetries

WHOLE = Augmentation(size=16, area=(1.0, 1.0), aspect=1.0, tilt=0, colour=0, grey=0, cutout=0, blend=0)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pictures(n: int = 4, size: int = 16) -> torch.Tensor:
    return torch.randint(0, 256, (n, 3, size, size), generator=generator(7), dtype=torch.uint8)


def test_without_crops_and_colours_a_view_is_one_of_the_eight_symmetries() -> None:
    shown = pictures(100)
    views = random_views(shown, WHOLE, generator())
    all_eight = torch.stack(symmetries(shown.float() / 255))
    error = (all_eight - views).abs().amax((2, 3, 4))
    assert float(error.min(0).values.max()) < 1e-5
    assert len(set(error.argmin(0).tolist())) == 8


def test_a_crop_lies_within_the_picture() -> None:
    ramp = torch.arange(64, dtype=torch.uint8).expand(3, 64, 64)[None].repeat(30, 1, 1, 1)
    half = Augmentation(size=32, area=(0.25, 0.25), aspect=1.0, tilt=0, colour=0, grey=0, cutout=0, blend=0)
    views = random_views(ramp, half, generator()) * 255
    assert float(views.min()) >= 0
    assert float(views.max()) <= 63
    spans = (views.amax((1, 2, 3)) - views.amin((1, 2, 3))).tolist()
    assert spans == pytest.approx([31] * 30, abs=0.01)


def test_colours_stay_colours() -> None:
    wild = Augmentation(size=16, colour=0.9, grey=0.5)
    views = random_views(pictures(64), wild, generator())
    assert views.dtype == torch.float32
    assert float(views.min()) >= 0
    assert float(views.max()) <= 1


def test_equal_seeds_equal_views() -> None:
    how = Augmentation(size=16)
    one, same, other = (random_views(pictures(), how, generator(seed)) for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_a_blend_shows_its_share_of_each_picture() -> None:
    views = torch.stack([torch.zeros(3, 16, 16), torch.ones(3, 16, 16)])
    how = Augmentation(size=16, blend=1.0)
    for seed in range(20):
        shown, blend = blend_views(views, how, generator(seed))
        assert blend is not None
        told = blend.of(torch.tensor([[0.0], [1.0]]))
        torch.testing.assert_close(shown.mean((1, 2, 3))[:, None], told, atol=1e-6, rtol=0)
        assert blend.share >= 0.5 - 1 / 16  # a pasted rectangle has whole pixels


def test_no_blend_leaves_views_and_targets() -> None:
    views = torch.rand(2, 3, 16, 16)
    shown, blend = blend_views(views, WHOLE, generator())
    assert shown is views
    assert blend is None


def test_blended_targets() -> None:
    blend = Blend(partner=torch.tensor([1, 0]), share=0.75)
    assert blend.of(torch.eye(2)).tolist() == [[0.75, 0.25], [0.25, 0.75]]


def test_symmetries_are_eight() -> None:
    shown = torch.arange(4.0).view(1, 1, 2, 2)
    assert len({tuple(view.flatten().tolist()) for view in symmetries(shown)}) == 8
