"""Networks on torch as encoders: CLIP, SigLIP, open_clip checkpoints."""

from __future__ import annotations

import importlib.util
import logging
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.encoders.tiny_siglip import save_tiny_siglip
from tests.training.tiny_clip import save_tiny_clip
from trsllava.encoders.image_text import load_image_text_encoder
from trsllava.encoders.protocol import ImageTextEncoder
from trsllava.errors import EncoderError
from trsllava.records import Picture

SMALL = "RN50"
"""The smallest network that open_clip and the published checkpoints have in common."""


def pictures(n: int = 3, size: int = 40) -> list[Picture]:
    return list(np.random.default_rng(5).integers(0, 256, (n, size, size, 3), np.uint8))


def assert_unit_rows(encoder: ImageTextEncoder) -> None:
    images, texts = encoder.encode_images(pictures()), encoder.encode_texts(["a river", "a road", "a river"])
    assert images.shape == texts.shape == (3, encoder.dim)
    assert images.dtype == texts.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(np.concatenate([images, texts]), axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(texts[0], texts[2])
    assert encoder.encode_images([]).shape == (0, encoder.dim)


def test_a_siglip_folder_is_an_encoder(tmp_path: Path) -> None:
    from transformers import SiglipModel

    save_tiny_siglip(tmp_path / "siglip")
    encoder = load_image_text_encoder(str(tmp_path / "siglip"))
    assert encoder.name == str(tmp_path / "siglip")
    assert_unit_rows(encoder)
    theirs = SiglipModel.from_pretrained(tmp_path / "siglip").eval()
    ids = torch.tensor([[2, 3, 0, 0, 0, 0, 0, 0]])  # "a river", padded
    pixels = torch.from_numpy(np.stack(pictures(2, 32))).permute(0, 3, 1, 2).float() / 127.5 - 1
    with torch.inference_mode():
        out = theirs(input_ids=ids, pixel_values=pixels)
    np.testing.assert_allclose(encoder.encode_texts(["a river"]), out.text_embeds.numpy(), atol=1e-5)
    np.testing.assert_allclose(encoder.encode_images(pictures(2, 32)), out.image_embeds.numpy(), atol=1e-4)


@pytest.mark.parametrize(("save", "limit"), [(save_tiny_clip, 24), (save_tiny_siglip, 8)])
def test_texts_past_the_limit_are_counted_and_warned_of(
    save: object, limit: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert callable(save)
    save(tmp_path / "network")
    encoder = load_image_text_encoder(str(tmp_path / "network"))
    with caplog.at_level(logging.WARNING):
        encoder.encode_texts(["a road", "a river"])
    assert "exceed" not in caplog.text
    with caplog.at_level(logging.WARNING):
        encoder.encode_texts(["a road", "a river", "a red roof " * 9, "a red roof " * 9])
    assert f"1 of 3 texts exceed the encoder's {limit} tokens" in caplog.text


def test_another_kind_of_network_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(EncoderError, match="it is a bert; known are clip and siglip"):
        load_image_text_encoder(str(tmp_path))


def test_an_open_clip_name_needs_a_checkpoint(tmp_path: Path) -> None:
    for name in ("open_clip:ViT-B-32", f"open_clip:ViT-B-32:{tmp_path}/nowhere.pt"):
        with pytest.raises(EncoderError, match="is not a checkpoint"):
            load_image_text_encoder(name)


def test_without_open_clip_its_checkpoints_say_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "weights.pt").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "open_clip", None)
    with pytest.raises(EncoderError, match=r"pip install trsllava\[open-clip\]"):
        load_image_text_encoder(f"open_clip:ViT-B-32:{tmp_path}/weights.pt")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if importlib.util.find_spec("open_clip") is None:
        pytest.skip("open_clip_torch is not installed: pip install trsllava[open-clip]")
    import open_clip

    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("open_clip") / "weights.pt"
    torch.save(open_clip.create_model(SMALL).state_dict(), path)
    return path


def test_an_open_clip_checkpoint_is_an_encoder(checkpoint: Path, caplog: pytest.LogCaptureFixture) -> None:
    import open_clip

    encoder = load_image_text_encoder(f"open_clip:{SMALL}:{checkpoint}")
    assert encoder.name == f"open_clip:{SMALL}:{checkpoint}"
    assert_unit_rows(encoder)
    network = open_clip.create_model(SMALL, pretrained=str(checkpoint)).eval()
    with torch.inference_mode():
        expected = network.encode_text(open_clip.get_tokenizer(SMALL)(["a river"]), normalize=True)
    np.testing.assert_allclose(encoder.encode_texts(["a river"]), expected.numpy(), atol=1e-5)
    with caplog.at_level(logging.WARNING):
        encoder.encode_texts(["a red roof " * 40])
    assert "1 of 1 texts exceed the encoder's 77 tokens" in caplog.text


def test_a_name_that_open_clip_does_not_know_is_one_sentence(checkpoint: Path) -> None:
    with pytest.raises(EncoderError, match="has no network"):
        load_image_text_encoder(f"open_clip:ViT-Nothing:{checkpoint}")


def test_weights_of_another_network_are_one_sentence(checkpoint: Path) -> None:
    with pytest.raises(EncoderError, match="cannot be loaded"):
        load_image_text_encoder(f"open_clip:RN101:{checkpoint}")
