"""nano's network: shapes, the projection's start, and its file."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.models.saved_on_gpu import saved_on_gpu
from trsllava.models.heads import Heads
from trsllava.models.nano import BasicBlock, Nano, NanoConfig, load_nano, save_nano

TINY = NanoConfig(text_dim=24, widths=(16, 16, 32, 32), depths=(1, 1, 1, 1))


@pytest.fixture
def tiny() -> Nano:
    torch.manual_seed(0)
    return Nano(TINY).eval()


@pytest.mark.parametrize(("side", "cells"), [(32, 2 * 2), (112, 7 * 7), (128, 8 * 8)])
def test_a_cell_is_sixteen_pixels_a_side(tiny: Nano, side: int, cells: int) -> None:
    features = tiny(torch.rand(3, 3, side, side))
    assert features.embedding.shape == (3, 24)
    assert features.pooled.shape == (3, tiny.pooled_width)
    assert features.local.shape == (3, cells, tiny.local_width)
    torch.testing.assert_close(features.embedding.norm(dim=1), torch.ones(3))


def test_the_local_grid_runs_row_by_row(tiny: Nano) -> None:
    pixels = torch.full((1, 3, 64, 64), 0.4)
    changed = pixels.clone()
    changed[:, :, :4, 60:] = 1.0  # the upper right corner
    difference = (tiny(changed).local - tiny(pixels).local).abs().sum(2).view(4, 4)
    assert divmod(int(difference.argmax()), 4) == (0, 3)


def test_text_vectors_pass_unchanged_before_training(tiny: Nano) -> None:
    vectors = torch.nn.functional.normalize(torch.randn(5, 24), dim=1)
    torch.testing.assert_close(tiny.encode_texts(vectors), vectors)


def test_what_is_saved_is_loaded(tiny: Nano, tmp_path: Path) -> None:
    save_nano(tiny, tmp_path / "nano")
    again = load_nano(tmp_path / "nano")
    assert again.config == TINY
    assert not again.training
    pixels = torch.rand(2, 3, 48, 48)
    assert torch.equal(again(pixels).embedding, tiny(pixels).embedding)


def test_a_block_is_dropped_as_a_whole_while_training_only() -> None:
    torch.manual_seed(0)
    block = BasicBlock(8, 8, 1, drop=0.999)
    x = torch.rand(4, 8, 6, 6)
    assert torch.equal(block.train()(x), x)
    assert not torch.equal(block.eval()(x), x)


def test_heads_read_the_scene_from_the_whole_and_things_from_each_cell(tiny: Nano) -> None:
    heads = Heads(tiny.pooled_width, tiny.local_width, scenes=5, things=7)
    features = tiny(torch.rand(2, 3, 64, 64))
    assert heads.scene_logits(features).shape == (2, 5)
    assert heads.thing_map(features).shape == (2, 16, 7)


def test_what_was_trained_on_a_gpu_is_read_without_one(tiny: Nano, tmp_path: Path) -> None:
    with saved_on_gpu():
        save_nano(tiny, tmp_path / "nano")
    again = load_nano(tmp_path / "nano").state_dict()
    assert all(torch.equal(again[name], weight) for name, weight in tiny.state_dict().items())
