"""What frozen layers saw, handed to the layers that learn."""

from __future__ import annotations

import numpy as np

from trsllava.models.cisen.conv_trunk import NanoBackbone
from trsllava.models.cisen.network import Cisen, CisenConfig
from trsllava.models.nano import Nano, NanoConfig
from trsllava.training.frozen import FrozenViews


def test_the_rest_of_the_network_is_shown_them_where_it_lives() -> None:
    """On a GPU; `meta` stands for one here, for it takes no tensor of another device either."""
    network = Cisen(NanoBackbone(Nano(NanoConfig(text_dim=12, trunk="efficientnet-lite0"))), CisenConfig(size=64))
    grids = np.zeros((3, 1, network.layout.length, 1, 1), np.float16)
    (features,) = FrozenViews(grids, 1).features(network.to("meta"))
    assert features.embedding.device.type == "meta"
    assert features.embedding.shape == (3, 12)
