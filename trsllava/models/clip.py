"""Any transformers CLIP as an image-text network: loaded, fine-tuned, saved in transformers' own layout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from trsllava.models.features import Features
from trsllava.models.transformers_network import TransformersNetwork

_MEAN = (0.48145466, 0.4578275, 0.40821073)
_STD = (0.26862954, 0.26130258, 0.27577711)
"""Of the pixels CLIP was trained on (Radford et al., ICML 2021)."""


class Clip(TransformersNetwork):
    """A transformers `CLIPModel` behind the towers' common shape. Text inputs are token ids, `(n, length)` int64."""

    mean: Tensor
    std: Tensor

    def __init__(self, model: Any, tokenizer: Any) -> None:
        """`model`: CLIPModel; `tokenizer`: the one it was trained with."""
        super().__init__()
        self.model, self.tokenizer = model, tokenizer
        self.log_scale = model.logit_scale
        self.dim = int(model.config.projection_dim)
        self.pooled_width = self.local_width = int(model.config.vision_config.hidden_size)
        self.size = int(model.config.vision_config.image_size)
        self.longest = int(model.config.text_config.max_position_embeddings)
        self.register_buffer("mean", torch.tensor(_MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(_STD).view(1, 3, 1, 1))

    def forward(self, pixels: Tensor) -> Features:
        """`pixels`: `(b, 3, h, w)` float32 in 0…1; position embeddings are interpolated for another size."""
        vision = self.vision(pixels)
        embedding = self.model.visual_projection(vision.pooler_output)
        local = vision.last_hidden_state[:, 1:]  # the first token stands for the whole picture
        return Features(functional.normalize(embedding.float(), dim=-1), vision.pooler_output, local)

    def vision(self, pixels: Tensor, every_block: bool = False) -> Any:
        """What the vision transformer makes of pixels as `forward` takes them: transformers' own output, with
        `hidden_states` where `every_block`."""
        return self.model.vision_model(
            pixel_values=(pixels - self.mean) / self.std,
            interpolate_pos_encoding=pixels.shape[-1] != self.size,
            output_hidden_states=every_block,
        )

    def encode_texts(self, inputs: Tensor) -> Tensor:
        """Token ids `(n, length)` to `(n, d)` float32, L2-normalised."""
        mask = _attention(inputs, self.tokenizer.eos_token_id)
        text = self.model.text_model(input_ids=inputs, attention_mask=mask)
        return functional.normalize(self.model.text_projection(text.pooler_output).float(), dim=-1)


def load_clip(name: str | Path) -> Clip:
    """Load a CLIP by hub id or folder, ready for inference. Raises OSError or ValueError where there is none."""
    from transformers import AutoTokenizer, CLIPModel
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]
    model = CLIPModel.from_pretrained(name, dtype=torch.float32)
    return Clip(model, AutoTokenizer.from_pretrained(name)).eval()


def save_clip(network: Clip, folder: Path) -> None:
    """Write a folder that transformers, and `load_clip`, can load."""
    network.model.save_pretrained(folder)
    network.tokenizer.save_pretrained(folder)


def _attention(ids: Tensor, end: int) -> Tensor:
    """1 up to the first end-of-text token, which CLIP's tokenizer also pads with."""
    ended = (ids == end).long().cumsum(1)
    return (ended <= 1).long() * (1 - ((ended == 1) & (ids != end)).long())
