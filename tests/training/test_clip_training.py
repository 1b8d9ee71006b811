"""A transformers CLIP goes through the same trainer: trained, saved, loaded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.standin.collection import Collection
from tests.training.tiny_clip import save_tiny_clip
from trsllava.encoders.image_text import load_image_text_encoder
from trsllava.errors import EncoderError
from trsllava.models.clip import load_clip
from trsllava.records import Query
from trsllava.search.rerank import Reranker
from trsllava.training.backbones import clip_backbone
from trsllava.training.data import CaptionedSet
from trsllava.training.plan import clip_plan
from trsllava.training.trainer import train
from trsllava.training.validation import embed_pictures, embed_texts, validate


@pytest.fixture
def tiny_clip(tmp_path: Path) -> Path:
    save_tiny_clip(tmp_path / "clip")
    return tmp_path / "clip"


def test_a_clip_is_trained_saved_and_loaded(
    tiny_clip: Path, learnt: CaptionedSet, held_out: CaptionedSet, tmp_path: Path
) -> None:
    plan = replace(clip_plan(32), epochs=3, batch=8, rate=3e-3, averaging=0.5)
    backbone = clip_backbone(str(tiny_clip))
    assert (backbone.size, plan.weights.irr, plan.weights.id) == (32, 1.0, 1.0)
    result = train(backbone, learnt, held_out, plan, tmp_path / "run")
    assert result.history[-1]["itc"] < result.history[0]["itc"]

    trained, before = load_clip(tmp_path / "run" / "best"), load_clip(tiny_clip)
    again = validate(trained, held_out, trained.tokenize(held_out.texts), 32)
    assert again["mR"] == pytest.approx(result.best, abs=1e-4)
    for name in ("model.text_projection.weight", "model.visual_projection.weight", "log_scale"):
        assert not torch.equal(trained.state_dict()[name], before.state_dict()[name])


def test_a_trained_clip_sees_an_archive_and_looks_again(
    tiny_clip: Path, learnt: CaptionedSet, collection: Collection, tmp_path: Path
) -> None:
    train(clip_backbone(str(tiny_clip)), learnt, learnt, replace(clip_plan(32), epochs=1, batch=8), tmp_path / "run")
    trained = str(tmp_path / "run" / "best")
    collection.draw("a.png", "b.png", "c.png")
    collection.describe({"a.png": "a river", "b.png": "a road", "c.png": "a roof"})
    collection.image_encoder = load_image_text_encoder(trained)
    collection.index()
    schema = collection.ledger.schema()
    assert schema is not None
    assert (schema.image_encoder, schema.image_dim) == (trained, 12)

    collection.ledger.record_image_vectors("another", dict.fromkeys(collection.store.ids(), np.ones(3, np.float32)))
    again = Reranker(load_image_text_encoder(trained), top=3)  # which reads the files, for the ledger's are another's
    for hit in collection.engine().search(Query(text="a river"), again):
        assert hit.branches["rerank"].score == pytest.approx(hit.branches["image"].score, abs=1e-5)


def test_a_stopped_clip_run_goes_on(tiny_clip: Path, learnt: CaptionedSet, tmp_path: Path) -> None:
    plan = replace(clip_plan(32), epochs=2, batch=8)
    whole = train(clip_backbone(str(tiny_clip)), learnt, learnt, plan, tmp_path / "whole")

    def stop(stage: str, done: int, total: int) -> None:
        if stage == "epoch 2":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(clip_backbone(str(tiny_clip)), learnt, learnt, plan, tmp_path / "run", each_step=stop)
    resumed = train(clip_backbone(str(tiny_clip)), learnt, learnt, plan, tmp_path / "run")
    assert [line["itc"] for line in resumed.history] == [line["itc"] for line in whole.history]


def test_vectors_agree_with_transformers_own(tiny_clip: Path, held_out: CaptionedSet) -> None:
    from transformers import CLIPModel

    ours, theirs = load_clip(tiny_clip), CLIPModel.from_pretrained(tiny_clip).eval()
    ids = ours.tokenize(["a river.", "many planes near a terminal and a very long road indeed"])
    pixels = (torch.from_numpy(held_out.pixels[:3]).float() / 255)[:, :, :32, :32]
    with torch.inference_mode():
        out = theirs(input_ids=ids, pixel_values=(pixels - ours.mean) / ours.std)
        texts, pictures = ours.encode_texts(ids), ours(pixels).embedding
    torch.testing.assert_close(pictures, out.image_embeds, atol=1e-5, rtol=0)
    torch.testing.assert_close(texts, out.text_embeds, atol=1e-5, rtol=0)


def test_other_sizes_are_seen_too(tiny_clip: Path, held_out: CaptionedSet) -> None:
    network = load_clip(tiny_clip)
    assert embed_pictures(network, held_out.pixels, 48).shape == (len(held_out.names), 12)
    assert embed_texts(network, network.tokenize(held_out.texts)).shape == (len(held_out.texts), 12)


def test_what_is_no_clip_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="cannot be loaded as a transformers CLIP"):
        clip_backbone(str(tmp_path))
