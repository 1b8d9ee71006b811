"""Image-text encoders: nano's files against its network, CLIP folders, and what a name means."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.standin.encoders import WordEncoder
from tests.training.tiny_clip import save_tiny_clip
from trsllava.encoders.calibrated import CalibratedEncoder, Calibration
from trsllava.encoders.image_text import load_image_text_encoder
from trsllava.encoders.nano import NanoEncoder
from trsllava.encoders.protocol import ImageTextEncoder
from trsllava.errors import EncoderError, InputError
from trsllava.models.heads import Heads, presence_logits
from trsllava.models.nano import Nano, NanoConfig, save_nano
from trsllava.records import Picture
from trsllava.training.export import export_nano

SIZE = 64
SCENES, THINGS = ["beach", "city", "forest"], ["boat", "tree"]


@pytest.fixture(scope="module")
def network() -> Nano:
    torch.manual_seed(3)
    network = Nano(NanoConfig(text_dim=32, widths=(16, 16, 32, 32), depths=(1, 1, 1, 1)))
    torch.nn.init.normal_(network.text.linear.weight)
    torch.nn.init.normal_(network.text.outer.weight)
    return network.eval()


@pytest.fixture(scope="module")
def heads(network: Nano) -> Heads:
    torch.manual_seed(4)
    return Heads(network.pooled_width, network.local_width, len(SCENES), len(THINGS)).eval()


@pytest.fixture(scope="module")
def exported(network: Nano, heads: Heads, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("run")
    save_nano(network, run / "best")
    torch.save({"heads": heads.state_dict(), "scenes": SCENES, "things": THINGS}, run / "best-heads.pt")
    export_nano(run, run / "files", text_encoder="words", size=SIZE)
    return run / "files"


def nano(folder: Path, views: int = 1) -> NanoEncoder:
    return NanoEncoder("nano", folder, WordEncoder(), views)


def pictures(n: int = 3, size: int = SIZE) -> list[Picture]:
    return list(np.random.default_rng(5).integers(0, 256, (n, size, size, 3), np.uint8))


def test_the_files_see_what_the_network_sees(exported: Path, network: Nano, heads: Heads) -> None:
    sight = nano(exported).see(pictures())
    with torch.inference_mode():
        features = network(torch.from_numpy(np.stack(pictures())).permute(0, 3, 1, 2).float() / 255)
        places = heads.thing_map(features)
    np.testing.assert_allclose(sight.embedding, features.embedding, atol=2e-3)
    np.testing.assert_allclose(sight.pooled, features.pooled, atol=1e-2)
    np.testing.assert_allclose(sight.presence, presence_logits(places), atol=1e-2)
    np.testing.assert_allclose(sight.places.reshape(3, -1, 2), places, atol=1e-2)


def test_texts_pass_the_calibration(exported: Path, network: Nano) -> None:
    vectors = torch.from_numpy(WordEncoder().encode(["a beach", "trees"]))
    with torch.inference_mode():
        expected = network.encode_texts(vectors).numpy()
    np.testing.assert_allclose(nano(exported).encode_texts(["a beach", "trees"]), expected, atol=2e-3)


def test_with_eight_views_a_turned_picture_is_the_same_picture(exported: Path) -> None:
    upright, turned = pictures(1)[0], np.ascontiguousarray(np.rot90(pictures(1)[0]))
    one, other = (nano(exported, views=8).see([picture]) for picture in (upright, turned))
    np.testing.assert_allclose(one.embedding, other.embedding, atol=1e-4)
    np.testing.assert_allclose(one.pooled, other.pooled, atol=1e-3)
    np.testing.assert_allclose(np.rot90(one.places, axes=(1, 2)), other.places, atol=1e-3)


def test_pictures_of_any_size_and_number(exported: Path) -> None:
    encoder = nano(exported)
    assert encoder.encode_images(pictures(20, 30)).shape == (20, 32)
    np.testing.assert_allclose(np.linalg.norm(encoder.encode_images(pictures(2)), axis=1), 1, atol=1e-5)
    empty = encoder.see([])
    assert (empty.embedding.shape, empty.presence.shape) == ((0, 32), (0, 2))


def test_large_weights_are_stored_in_half(exported: Path, network: Nano) -> None:
    weights = sum(weight.numel() for weight in network.parameters())
    assert (exported / "nano.onnx").stat().st_size < 2.6 * weights + 60_000


def test_the_graph_names_no_file_of_the_machine_that_made_it(exported: Path) -> None:
    assert b".py" not in (exported / "nano.onnx").read_bytes()


def test_a_clip_folder_is_an_encoder(tmp_path: Path) -> None:
    save_tiny_clip(tmp_path / "clip")
    encoder: ImageTextEncoder = load_image_text_encoder(str(tmp_path / "clip"))
    assert encoder.name == str(tmp_path / "clip")
    images, texts = encoder.encode_images(pictures(3, 40)), encoder.encode_texts(["a", "b", "a"])
    assert (images.shape, texts.shape, images.dtype, encoder.dim) == ((3, 12), (3, 12), np.float32, 12)
    np.testing.assert_allclose(np.linalg.norm(np.concatenate([images, texts]), axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(texts[0], texts[2])


def test_an_exported_folder_is_an_encoder(exported: Path) -> None:
    assert load_image_text_encoder(str(exported)).dim == 32


def test_what_is_neither_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="cannot be loaded on cpu"):
        load_image_text_encoder(str(tmp_path))
    (tmp_path / "nano.onnx").write_bytes(b"no graph")
    with pytest.raises(EncoderError, match="cannot be loaded as nano"):
        load_image_text_encoder(str(tmp_path))
    with pytest.raises(InputError, match="holds no trained nano"):
        export_nano(tmp_path, tmp_path / "files", text_encoder="words")


def test_calibrated_text_vectors_are_bent_and_named() -> None:
    turn = np.zeros((32, 32), np.float32)
    turn[np.arange(32), (np.arange(32) + 1) % 32] = 2.0
    none = np.zeros((4, 32), np.float32)
    bends = Calibration(turn, none, none[:, 0], none.T, none[0])
    encoder = CalibratedEncoder(WordEncoder(), bends, "turned")
    plain = WordEncoder().encode(["a beach"])
    assert (encoder.name, encoder.dim) == ("words+turned", 32)
    np.testing.assert_allclose(encoder.encode(["a beach"]), np.roll(plain, -1, axis=1), atol=1e-6)
