"""Training learns, is chosen on validation, and goes on where it was stopped."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from trsllava.encoders.protocol import TextEncoder
from trsllava.errors import InputError
from trsllava.models.nano import NanoConfig, load_nano
from trsllava.training.augment import Augmentation
from trsllava.training.backbones import Backbone, nano_backbone
from trsllava.training.data import CaptionedSet
from trsllava.training.objectives.total import Weights
from trsllava.training.plan import TrainingPlan
from trsllava.training.trainer import train
from trsllava.training.validation import embed_pictures, validate

PLAN = TrainingPlan(
    epochs=2,
    batch=8,
    rate=5e-3,
    weights=Weights(itc=1, id=0.1, irr=0.1, scene=0.5, presence=1),
    augmentation=Augmentation(size=32),
    eval_size=32,
    captions=3,
    negatives=16,
    affinity_temperature=0.05,
)


class StoppedHereError(Exception):
    pass


def tiny(encoder: TextEncoder) -> Backbone:
    torch.manual_seed(0)
    return nano_backbone(encoder, NanoConfig(text_dim=encoder.dim, widths=(16, 16, 32, 32), depths=(1, 1, 1, 1)))


def weights_of(folder: Path) -> dict[str, torch.Tensor]:
    state: dict[str, torch.Tensor] = torch.load(folder / "last.pt", weights_only=True)["model"]
    return state


def test_a_tiny_network_learns_its_pictures_by_heart(learnt: CaptionedSet, words: TextEncoder, tmp_path: Path) -> None:
    plain = Augmentation(size=32, area=(0.9, 1.0), tilt=0, colour=0, grey=0, cutout=0, blend=0)
    plan = replace(PLAN, epochs=30, augmentation=plain, averaging=0.8, weights=Weights(itc=1, id=0, irr=0, scene=0.5))
    backbone = tiny(words)
    untrained = validate(backbone.network, learnt, backbone.text_inputs(learnt.texts), 32)
    result = train(backbone, learnt, learnt, plan, tmp_path / "run")
    assert untrained["mR"] < 40
    assert result.best > 65
    assert result.history[-1]["itc"] < 0.7 * result.history[0]["itc"]


def test_what_is_kept_is_the_network_of_the_best_epoch(
    learnt: CaptionedSet, held_out: CaptionedSet, words: TextEncoder, tmp_path: Path
) -> None:
    backbone = tiny(words)
    result = train(backbone, learnt, held_out, replace(PLAN, epochs=4), tmp_path)
    kept = validate(load_nano(tmp_path / "best"), held_out, backbone.text_inputs(held_out.texts), 32)
    assert kept["mR"] == pytest.approx(result.best, abs=1e-4)
    assert result.best == max(line["mR"] for line in result.history)
    heads = torch.load(tmp_path / "best-heads.pt", weights_only=True)
    assert heads["scenes"] == sorted(set(learnt.scenes))
    assert len(heads["things"]) == len(heads["heads"]["thing.weight"])


def test_a_run_that_was_stopped_ends_bit_equal_to_one_that_was_not(
    learnt: CaptionedSet, held_out: CaptionedSet, words: TextEncoder, tmp_path: Path
) -> None:
    plan = replace(PLAN, epochs=3)
    whole = train(tiny(words), learnt, held_out, plan, tmp_path / "whole")

    def stop(stage: str, done: int, total: int) -> None:
        if stage == "epoch 2" and done == 2:
            raise StoppedHereError

    with pytest.raises(StoppedHereError):
        train(tiny(words), learnt, held_out, plan, tmp_path / "stopped", each_step=stop)
    resumed = train(tiny(words), learnt, held_out, plan, tmp_path / "stopped")

    assert [line["itc"] for line in resumed.history] == [line["itc"] for line in whole.history]
    one, other = weights_of(tmp_path / "whole"), weights_of(tmp_path / "stopped")
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_finished_run_does_nothing_more(
    learnt: CaptionedSet, held_out: CaptionedSet, words: TextEncoder, tmp_path: Path
) -> None:
    train(tiny(words), learnt, held_out, PLAN, tmp_path)
    before = (tmp_path / "last.pt").stat().st_mtime_ns
    again = train(tiny(words), learnt, held_out, PLAN, tmp_path)
    assert again.epoch == PLAN.epochs
    assert (tmp_path / "last.pt").stat().st_mtime_ns == before


def test_another_seed_gives_another_network(
    learnt: CaptionedSet, held_out: CaptionedSet, words: TextEncoder, tmp_path: Path
) -> None:
    plan = replace(PLAN, epochs=1)
    train(tiny(words), learnt, held_out, plan, tmp_path / "0")
    train(tiny(words), learnt, held_out, replace(plan, seed=1), tmp_path / "1")
    one, other = weights_of(tmp_path / "0"), weights_of(tmp_path / "1")
    assert any(not torch.equal(one[name], other[name]) for name in one)


def test_a_run_is_not_continued_under_other_settings(
    learnt: CaptionedSet, held_out: CaptionedSet, words: TextEncoder, tmp_path: Path
) -> None:
    train(tiny(words), learnt, held_out, replace(PLAN, epochs=1), tmp_path)
    with pytest.raises(InputError, match=r"other settings \(rate was 0.005, is 0.1\)"):
        train(tiny(words), learnt, held_out, replace(PLAN, epochs=1, rate=0.1), tmp_path)
    with pytest.raises(InputError, match="other data"):
        train(tiny(words), held_out, held_out, replace(PLAN, epochs=1), tmp_path)


def test_training_ends_where_validation_no_longer_gains(
    learnt: CaptionedSet, held_out: CaptionedSet, words: TextEncoder, tmp_path: Path
) -> None:
    still = replace(PLAN, epochs=9, rate=0.0, patience=2, averaging=1.0)
    result = train(tiny(words), learnt, held_out, still, tmp_path)
    assert result.epoch < 9
    assert result.epoch - result.best_epoch == 2


def test_keywords_may_come_from_attribute_sentences(
    learnt: CaptionedSet, held_out: CaptionedSet, words: TextEncoder, tmp_path: Path
) -> None:
    plan = replace(PLAN, epochs=1, keywords="far")
    direct = train(tiny(words), learnt, held_out, replace(plan, keywords="direct"), tmp_path / "direct")
    far = train(tiny(words), learnt, held_out, plan, tmp_path / "far")
    assert far.history[0]["irr"] > 0
    assert far.history[0]["irr"] != direct.history[0]["irr"]


def test_history_and_curves_tell_every_epoch(
    learnt: CaptionedSet, held_out: CaptionedSet, words: TextEncoder, tmp_path: Path
) -> None:
    told: list[dict[str, float]] = []
    train(tiny(words), learnt, held_out, PLAN, tmp_path, each_epoch=told.append)
    assert json.loads((tmp_path / "history.json").read_text()) == told
    assert {"itc", "id", "irr", "scene", "presence", "mR", "t2i@1", "i2t@10"} <= told[0].keys()
    curves = (tmp_path / "curves.svg").read_text()
    assert all(f">{name} " in curves for name in ("itc", "irr", "mR"))


def test_views_are_averaged_over_the_eight_symmetries(held_out: CaptionedSet, words: TextEncoder) -> None:
    network = tiny(words).network
    turned = np.ascontiguousarray(np.rot90(held_out.pixels, axes=(2, 3)))
    one, other = (embed_pictures(network, pixels, 32, views=8) for pixels in (held_out.pixels, turned))
    np.testing.assert_allclose(one, other, atol=1e-5)
    assert not np.allclose(
        embed_pictures(network, held_out.pixels, 32), embed_pictures(network, turned, 32), atol=1e-3
    )


def test_training_leaves_the_captioned_set_alone(
    learnt: CaptionedSet, held_out: CaptionedSet, words: TextEncoder, tmp_path: Path
) -> None:
    before = copy.deepcopy(learnt)
    train(tiny(words), learnt, held_out, replace(PLAN, epochs=1), tmp_path)
    np.testing.assert_array_equal(learnt.pixels, before.pixels)
    np.testing.assert_array_equal(learnt.vectors, before.vectors)
