"""A transformers SigLIP as an image-text network.

Source: Zhai et al., "Sigmoid Loss for Language Image Pre-Training", ICCV 2023.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from trsllava.models.features import Features
from trsllava.models.transformers_network import TransformersNetwork


class Siglip(TransformersNetwork):
    """A transformers `SiglipModel` behind the towers' common shape. Text inputs are token ids, `(n, length)` int64."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        """`model`: SiglipModel; `tokenizer`: the one it was trained with."""
        super().__init__()
        self.model, self.tokenizer = model, tokenizer
        self.log_scale = model.logit_scale
        self.dim = self.pooled_width = self.local_width = int(model.config.vision_config.hidden_size)
        self.size = int(model.config.vision_config.image_size)
        self.longest = int(model.config.text_config.max_position_embeddings)

    def forward(self, pixels: Tensor) -> Features:
        """`pixels`: `(b, 3, h, w)` float32 in 0…1; position embeddings are interpolated for another size."""
        vision = self.model.vision_model(
            pixel_values=pixels * 2 - 1, interpolate_pos_encoding=pixels.shape[-1] != self.size
        )
        embedding = functional.normalize(vision.pooler_output.float(), dim=-1)
        return Features(embedding, vision.pooler_output, vision.last_hidden_state)

    def encode_texts(self, inputs: Tensor) -> Tensor:
        """Token ids `(n, length)` to `(n, d)` float32, L2-normalised; padding counts, as it did in training."""
        return functional.normalize(self.model.text_model(input_ids=inputs).pooler_output.float(), dim=-1)


def load_siglip(name: str | Path) -> Siglip:
    """Load a SigLIP by hub id or folder, ready for inference. Raises OSError or ValueError where there is none."""
    from transformers import AutoTokenizer, SiglipModel
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]
    model = SiglipModel.from_pretrained(name, dtype=torch.float32)
    return Siglip(model, AutoTokenizer.from_pretrained(name)).eval()
