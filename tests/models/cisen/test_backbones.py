"""What CISEN sees of its backbones: grids of three levels from a convolutional trunk or a plain ViT."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.models.saved_on_gpu import saved_on_gpu
from tests.training.tiny_clip import save_tiny_clip
from trsllava.errors import EncoderError
from trsllava.models.cisen.checkpoint import load_cisen, save_cisen
from trsllava.models.cisen.conv_trunk import NanoBackbone
from trsllava.models.cisen.levels import CisenBackbone, Layout, Seen, layout_of
from trsllava.models.cisen.long_texts import interpolated
from trsllava.models.cisen.network import Cisen, CisenConfig, grown
from trsllava.models.cisen.vit_levels import ClipBackbone, VitLevels, resolution_module
from trsllava.models.clip import load_clip
from trsllava.models.nano import Nano, NanoConfig

SIZE = 64


def nano(trunk: str = "efficientnet-lite0") -> NanoBackbone:
    return NanoBackbone(Nano(NanoConfig(text_dim=12, trunk=trunk))).eval()


@pytest.fixture(scope="module")
def clip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clips") / "clip"
    save_tiny_clip(folder, size=SIZE, layers=5)
    return folder


@pytest.mark.parametrize("trunk", ["efficientnet-lite0", "residual"])
def test_a_conv_trunk_shows_the_last_three_sizes_of_its_grid(trunk: str) -> None:
    backbone = nano(trunk)
    layout = layout_of(backbone, SIZE)
    coarsest = layout.grids[2][1]
    assert [side for _, side, _ in layout.grids] == [4 * coarsest, 2 * coarsest, coarsest]
    if trunk == "efficientnet-lite0":  # H/8, H/16 and H/32, before the widening
        assert layout.grids == ((40, 8, 8), (112, 4, 4), (320, 2, 2))


def test_what_nano_sees_is_what_it_embeds() -> None:
    backbone, pixels = nano(), torch.rand(2, 3, SIZE, SIZE)
    with torch.inference_mode():
        own = torch.nn.functional.normalize(backbone.embed(backbone.see(pixels).pooled), dim=1)
        np.testing.assert_allclose(own, backbone.network(pixels).embedding, atol=1e-6)


def test_what_a_clip_sees_is_what_it_embeds(clip_folder: Path) -> None:
    backbone, pixels = ClipBackbone(load_clip(clip_folder)), torch.rand(2, 3, SIZE, SIZE)
    with torch.inference_mode():
        seen = backbone.see(pixels)
        own = torch.nn.functional.normalize(backbone.embed(seen.pooled), dim=1)
        np.testing.assert_allclose(own, backbone.network(pixels).embedding, atol=1e-6)
        blocks = backbone.network.vision(pixels, every_block=True).hidden_states
    assert len(seen.grids) == 3
    # row by row, of the third, fourth and fifth of five blocks
    for grid, tokens in zip(seen.grids, blocks[-3:], strict=True):
        assert torch.equal(grid[:, :, 2, 5], tokens[:, 1 + 2 * 8 + 5])


@pytest.mark.parametrize(("place", "factor"), [(0, 4), (1, 2), (2, 1), (3, 0.5)])
def test_the_four_modules_change_the_resolution_and_keep_the_width(place: int, factor: float) -> None:
    module = resolution_module(place, 16)
    assert module(torch.rand(2, 16, 6, 6)).shape == (2, 16, 6 * factor, 6 * factor)
    kinds = [type(part).__name__ for part in module.modules() if not list(part.children())]
    assert (
        kinds
        == [
            ["ConvTranspose2d", "GroupNorm", "GELU", "ConvTranspose2d"],
            ["ConvTranspose2d"],
            ["Identity"],
            ["MaxPool2d"],
        ][place]
    )


@pytest.mark.parametrize(("first", "sides"), [(0, [28, 14, 7]), (1, [14, 7, 3])])
def test_a_vit_gets_levels_that_halve(first: int, sides: list[int]) -> None:
    made = VitLevels(16, first)(tuple(torch.rand(1, 16, 7, 7) for _ in range(3)))
    assert [level.shape[-1] for level in made] == sides
    assert {level.shape[1] for level in made} == {16}


@pytest.mark.parametrize(("patch", "first"), [(8, 1), (16, 1), (32, 0)])
def test_levels_lie_about_an_eighth_a_sixteenth_and_a_thirty_second(patch: int, first: int, tmp_path: Path) -> None:
    save_tiny_clip(tmp_path / "clip", size=64, layers=4, patch=patch)
    assert ClipBackbone(load_clip(tmp_path / "clip")).first == first


def test_too_small_a_clip_is_refused(tmp_path: Path) -> None:
    save_tiny_clip(tmp_path / "clip")
    with pytest.raises(EncoderError, match="and this one has 1"):
        ClipBackbone(load_clip(tmp_path / "clip"))


def test_what_is_seen_is_kept_end_to_end_and_comes_back() -> None:
    layout = Layout(5, ((2, 4, 4), (3, 2, 2), (4, 1, 1)))
    seen = Seen(torch.rand(2, 5), tuple(torch.rand(2, *shape) for shape in layout.grids))
    laid = layout.lay(seen)
    assert laid.shape == (2, layout.length, 1, 1)
    back = layout.seen(laid)
    assert torch.equal(back.pooled, seen.pooled)
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(back.grids, seen.grids, strict=True))
    assert layout.seen(laid[:, :5]).grids == ()


@pytest.mark.parametrize("kind", ["nano", "clip"])
def test_learning_from_what_was_kept_is_learning_from_pictures(kind: str, clip_folder: Path) -> None:
    torch.manual_seed(0)
    backbone: CisenBackbone = nano() if kind == "nano" else ClipBackbone(load_clip(clip_folder))
    network = Cisen(backbone, CisenConfig(size=SIZE, v2tmap=True, hfe=True, width=8, heads=2)).eval()
    pixels = torch.rand(2, 3, SIZE, SIZE)
    with torch.inference_mode():
        kept, whole = network.after(1, network.up_to(1, pixels)), network(pixels)
        smaller = network(torch.rand(2, 3, SIZE // 2, SIZE // 2))
    np.testing.assert_allclose(kept.embedding, whole.embedding, atol=1e-5)
    assert whole.embedding.shape == smaller.embedding.shape == (2, 12)
    assert whole.local.shape[-1] == network.local_width == 8


@pytest.mark.parametrize("trunk", ["efficientnet-lite0", "residual"])
@pytest.mark.parametrize("size", [33, 90, 100, 150])
def test_pictures_of_any_size_are_fused(trunk: str, size: int) -> None:
    """Halves of odd grids are the larger ones: 13 cells, then 7, then 4."""
    network = Cisen(nano(trunk), CisenConfig(size=size, hfe=True, width=8, heads=2)).eval()
    with torch.inference_mode():
        features = network(torch.rand(1, 3, size, size))
    assert features.local.shape == (1, network.layout.grids[1][1] ** 2, 8)


def test_what_does_not_learn_stays_and_behaves_as_in_inference() -> None:
    network = Cisen(nano(), CisenConfig(size=SIZE, v2tmap=True, hfe=True, width=8, heads=2))
    network.learn("hfe")
    network.train()
    learning = {name.split(".")[0] for name, weight in network.named_parameters() if weight.requires_grad}
    assert learning == {"hfe", "log_scale"}
    assert {name.split(".")[0] for name, module in network.named_modules() if name and module.training} == {
        "hfe", "levels",
    }  # fmt: skip


def test_the_trunk_stays_even_while_the_head_is_aligned() -> None:
    network = Cisen(nano(), CisenConfig(size=SIZE))
    network.learn("align")
    network.train()
    backbone = network.backbone.network
    assert isinstance(backbone, Nano)
    assert not any(weight.requires_grad for weight in backbone.trunk.parameters())
    assert not any(module.training for module in backbone.trunk.modules())
    assert backbone.embed.weight.requires_grad
    assert backbone.pooled_norm.training


@pytest.mark.parametrize("beta", [1.0, 0.5, 0.0])
def test_the_embedding_is_the_enhanced_feature_or_part_of_it(beta: float) -> None:
    torch.manual_seed(0)
    config = CisenConfig(size=SIZE, v2tmap=True, hfe=True, beta=beta, width=8, heads=2)
    network, pixels = Cisen(nano(), config).eval(), torch.rand(2, 3, SIZE, SIZE)
    assert network.v2tmap is not None
    assert network.levels is not None
    assert network.hfe is not None
    with torch.inference_mode():
        seen = network.backbone.see(pixels)
        image = network.v2tmap(network.backbone.embed(seen.pooled))
        enhanced, _ = network.hfe(network.levels(seen.grids), image)
        one, other = (np.float64(part / part.norm(dim=1, keepdim=True)) for part in (enhanced, image))
        mixed = beta * one + (1 - beta) * other
        expected = mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
        np.testing.assert_allclose(network(pixels).embedding, expected, atol=1e-5)


def test_a_network_grows_by_new_parts_and_keeps_its_own() -> None:
    small = Cisen(nano(), CisenConfig(size=SIZE, v2tmap=True, alpha=0.3))
    large = grown(small, CisenConfig(size=SIZE, v2tmap=True, alpha=0.3, hfe=True, width=8, heads=2))
    assert small.v2tmap is not None
    assert large.v2tmap is not None
    assert torch.equal(large.v2tmap.widen.weight, small.v2tmap.widen.weight)
    assert large.backbone is small.backbone


def test_positions_are_interpolated_between_neighbours() -> None:
    positions = torch.tensor([[0.0, 10.0], [2.0, 20.0], [4.0, 0.0]])
    found = interpolated(positions, 5)
    assert torch.equal(found, torch.tensor([[0.0, 10.0], [1.0, 15.0], [2.0, 20.0], [3.0, 10.0], [4.0, 0.0]]))


def test_a_clip_reads_328_tokens(clip_folder: Path) -> None:
    network = load_clip(clip_folder)
    short = network.longest
    backbone = ClipBackbone(network, 328)
    text = " ".join(["river"] * 60)
    ids = network.tokenize([text])
    assert ids.shape == (1, 328)
    assert network.lengths([text])[0] > short
    other = network.tokenize([text + " pier"])
    with torch.inference_mode():
        assert not torch.allclose(network.encode_texts(ids), network.encode_texts(other))
    assert len(backbone.new_positions()) == 1
    assert ClipBackbone(load_clip(clip_folder)).new_positions() == ()


def test_what_was_trained_on_a_gpu_is_read_without_one(tmp_path: Path) -> None:
    network = Cisen(nano(), CisenConfig(size=SIZE, v2tmap=True))
    with saved_on_gpu():
        save_cisen(network, tmp_path, "some encoder")
    ours, theirs = load_cisen(tmp_path).state_dict(), network.state_dict()
    assert all(torch.equal(ours[name], weight) for name, weight in theirs.items())
