"""open_clip checkpoints, the form in which RemoteCLIP and GeoRSCLIP are published."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from trsllava.errors import EncoderError
from trsllava.models.features import Features, TokenNetwork


class OpenClip(TokenNetwork):
    """A network of open_clip behind the towers' common shape. Text inputs are token ids, `(n, length)` int64."""

    mean: Tensor
    std: Tensor

    def __init__(self, model: Any, tokenizer: Any, dim: int) -> None:
        """`model`, `tokenizer`: open_clip's, of one name; `dim`: length of its embeddings."""
        super().__init__()
        self.model, self.tokenizer = model, tokenizer
        self.log_scale = model.logit_scale
        self.dim = self.pooled_width = self.local_width = dim
        size = model.visual.image_size
        self.size = int(size if isinstance(size, int) else size[0])
        self.longest = int(tokenizer.context_length)
        for name in ("mean", "std"):
            values = getattr(model.visual, f"image_{name}")
            self.register_buffer(name, torch.tensor(values).view(1, 3, 1, 1))

    def forward(self, pixels: Tensor) -> Features:
        """`pixels`: `(b, 3, size, size)` float32 in 0…1. Its only local feature is the whole picture's."""
        embedding = self.model.encode_image((pixels - self.mean) / self.std, normalize=True).float()
        return Features(embedding, embedding, embedding[:, None])

    def encode_texts(self, inputs: Tensor) -> Tensor:
        """Token ids `(n, length)` to `(n, d)` float32, L2-normalised."""
        vectors: Tensor = self.model.encode_text(inputs, normalize=True).float()
        return vectors

    def tokenize(self, texts: Sequence[str]) -> Tensor:
        """Token ids `(n, longest)` int64, cut to the network's length (mostly 77)."""
        ids: Tensor = self.tokenizer(list(texts))
        return ids

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, none cut."""
        if hasattr(self.tokenizer, "encode"):  # open_clip's own, which counts neither start nor end
            return [len(self.tokenizer.encode(text)) + 2 for text in texts]
        found = self.tokenizer.tokenizer(list(texts), truncation=False, verbose=False)
        return [len(ids) for ids in found["input_ids"]]


def load_open_clip(model: str, checkpoint: Path) -> OpenClip:
    """Load a checkpoint into a network that open_clip knows by name (`ViT-B-32`), ready for inference.

    Raises EncoderError, one sentence, where open_clip is missing, does not know the name, or the weights do not fit.
    """
    try:
        import open_clip
    except ImportError as error:
        raise EncoderError(
            f"open_clip checkpoints need the package open_clip_torch ({error}). Install it with "
            "`pip install trsllava[open-clip]`."
        ) from error
    config = open_clip.get_model_config(model)
    if config is None:
        raise EncoderError(f"open_clip has no network {model!r}; `open_clip.list_models()` lists those it has.")
    try:
        network = open_clip.create_model(model, pretrained=str(checkpoint))
    except Exception as error:  # a file that is no checkpoint raises whatever unpickling stumbles over
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise EncoderError(f"{checkpoint} cannot be loaded as open_clip's {model}: {reason}") from error
    return OpenClip(network, open_clip.get_tokenizer(model), int(config["embed_dim"])).eval()
