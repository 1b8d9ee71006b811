"""CISEN's modules against the paper's equations written out in numpy (`plain.py`)."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.models.cisen import plain
from trsllava.models.cisen.attention_pooling import AttentionPooling
from trsllava.models.cisen.hfe import Hfe, TopDownFusion
from trsllava.models.cisen.levels import Levels
from trsllava.models.cisen.v2tmap import V2TMap
from trsllava.training.objectives.contrastive import contrastive_loss

DIM, WIDTH = 12, 8
CHANNELS = (5, 6, 7)


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def levels(n: int, coarse: int, middle: int, fine: int = 0) -> Levels:
    fine_channels, middle_channels, coarse_channels = CHANNELS
    return Levels(
        random(n, fine_channels, fine or 2 * middle, fine or 2 * middle, seed=1),
        random(n, middle_channels, middle, middle, seed=2),
        random(n, coarse_channels, coarse, coarse, seed=3),
    )


@pytest.mark.parametrize("alpha", [0.0, 0.25, 0.9, 1.0])
def test_v2tmap_mixes_what_is_adapted_with_what_was_known(alpha: float) -> None:
    """Eq. 18 and 19."""
    module, image = V2TMap(DIM, alpha), random(4, DIM)
    known = np.float64(image.numpy())
    adapted = plain.linear(module.widen, plain.relu(plain.linear(module.narrow, known)))
    expected = alpha * adapted + (1 - alpha) * known
    np.testing.assert_allclose(module(image).detach().numpy(), expected, atol=1e-5)


def test_a_ratio_of_nothing_leaves_the_picture_as_it_is() -> None:
    image = random(4, DIM)
    assert torch.equal(V2TMap(DIM, 0.0)(image), image)


@pytest.mark.parametrize(
    ("coarse", "middle", "fine"), [(2, 4, 8), (3, 5, 10), (3, 5, 9)], ids=["doubled", "odd", "odd and finer odd"]
)
def test_levels_are_fused_from_the_coarsest_to_the_finest(coarse: int, middle: int, fine: int) -> None:
    """Eq. 20 to 23, of each picture by itself."""
    torch.manual_seed(0)
    module = TopDownFusion(DIM, CHANNELS, WIDTH)
    seen, image = levels(2, coarse, middle, fine), random(2, DIM)
    found = module(seen, image).detach().numpy()
    assert found.shape == (2, middle**2, WIDTH)
    relu, convolved = plain.relu, plain.convolved
    for one in range(2):
        v2, v3, v4 = (np.float64(level[one].numpy()) for level in seen)
        gate = relu(plain.linear(module.project_global, np.float64(image[one].numpy())))
        gated = relu(convolved(module.project_coarse, v4)) * gate[:, None, None]
        m4 = convolved(module.smooth_m4, plain.upsampled(gated, middle))
        m3_parts = [relu(convolved(module.project_middle, v3)), relu(convolved(module.project_m4, m4))]
        m3 = convolved(module.smooth_m3, np.concatenate(m3_parts))
        m2_parts = [relu(convolved(module.project_fine, plain.pooled(v2))), relu(convolved(module.project_m3, m3))]
        m2 = convolved(module.smooth_m2, np.concatenate(m2_parts))
        fused = convolved(module.fuse, np.concatenate([m2, m3, m4]))
        places = np.linspace(-1, 1, middle)
        spatial = np.stack([np.tile(places, (middle, 1)), np.tile(places[:, None], (1, middle))])
        enhanced = convolved(module.place, np.concatenate([fused, spatial]))
        cells = enhanced.reshape(WIDTH, -1).T
        np.testing.assert_allclose(found[one], cells, atol=1e-5)


def test_attention_pooling_reads_whole_self_attention_at_the_first_place() -> None:
    """Eq. 24, with every row of the attention computed."""
    torch.manual_seed(0)
    heads, side = 2, 3
    module, cells = AttentionPooling(WIDTH, DIM, side, heads), random(2, side**2, WIDTH)
    found = module(cells).detach().numpy()
    for one in range(2):
        own = np.float64(cells[one].numpy())
        tokens = np.concatenate([own.mean(0, keepdims=True), own]) + plain.array(module.positions)
        query, key, value = (plain.linear(layer, tokens) for layer in (module.query, module.key, module.value))
        read = np.empty_like(tokens)
        for head in range(heads):
            part = slice(head * WIDTH // heads, (head + 1) * WIDTH // heads)
            for place in range(len(tokens)):
                weights = plain.softmax(key[:, part] @ query[place, part] / np.sqrt(WIDTH / heads))
                read[place, part] = weights @ value[:, part]
        np.testing.assert_allclose(found[one], plain.linear(module.out, read)[0], atol=1e-5)


def test_positions_serve_pictures_of_another_size() -> None:
    module = AttentionPooling(WIDTH, DIM, 3, 2)
    assert module(random(2, 25, WIDTH)).shape == (2, DIM)
    flat = torch.ones(1 + 9, WIDTH)
    with torch.no_grad():
        module.positions.copy_(flat)
    several = random(1, 1, WIDTH).expand(1, 9, WIDTH)
    np.testing.assert_allclose(
        module(several).detach(), module(several[:, :1].expand(1, 25, WIDTH)).detach(), atol=1e-5
    )


def test_hfe_gives_one_vector_a_picture_and_its_cells() -> None:
    module = Hfe(DIM, CHANNELS, 4, WIDTH, 2)
    embedding, cells = module(levels(3, 2, 4), random(3, DIM))
    assert embedding.shape == (3, DIM)
    assert cells.shape == (3, 16, WIDTH)


def test_the_global_feature_gates_what_the_coarsest_level_says() -> None:
    """Where eq. 20's gate is shut, the coarsest level changes nothing."""
    module = TopDownFusion(DIM, CHANNELS, WIDTH)
    seen, other = levels(1, 2, 4), levels(1, 2, 4)._replace(coarse=random(1, CHANNELS[2], 2, 2, seed=9))
    with torch.no_grad():
        module.project_global.weight.zero_()
        module.project_global.bias.fill_(-1)
    image = random(1, DIM)
    assert torch.equal(module(seen, image), module(other, image))
    with torch.no_grad():
        module.project_global.bias.fill_(1)
    assert not torch.allclose(module(seen, image), module(other, image))


def test_the_loss_is_the_paper_s_where_each_text_fits_its_own_picture() -> None:
    """Eq. 25."""
    images, texts = (torch.nn.functional.normalize(random(5, DIM, seed=seed), dim=1) for seed in (4, 5))
    temperature = 0.07
    found = contrastive_loss(images, texts, torch.eye(5), 5, torch.tensor(1 / temperature).log())
    expected = plain.contrastive(np.float64(images.numpy()), np.float64(texts.numpy()), temperature)
    assert float(found) == pytest.approx(expected, abs=1e-5)
