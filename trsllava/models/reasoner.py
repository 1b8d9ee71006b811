"""The multimodal encoder of implicit relation reasoning: guesses masked words from the rest and from the picture."""

from __future__ import annotations

import torch
from torch import Tensor, nn

PAD, MASK, RARE = 0, 1, 2
"""Word numbers with a meaning of their own; a vocabulary begins behind them."""


class Reasoner(nn.Module):
    """Words attend to a picture's cells, then to each other (DiaRet, section 3.3, after Jiang & Ye, CVPR 2023).

    It has word embeddings of its own, so that it serves image networks whatever their text side is; what it learns
    reaches the image network through the cells.
    """

    def __init__(self, words: int, local_width: int, width: int = 192, depth: int = 2, longest: int = 64) -> None:
        super().__init__()
        self.longest = longest
        self.word = nn.Embedding(words, width, padding_idx=PAD)
        self.position = nn.Parameter(0.02 * torch.randn(longest, width))
        self.cell = nn.Sequential(nn.LayerNorm(local_width), nn.Linear(local_width, width))
        self.look = nn.MultiheadAttention(width, 4, batch_first=True)
        self.look_norm = nn.LayerNorm(width)
        layer = nn.TransformerEncoderLayer(width, 4, 4 * width, batch_first=True, norm_first=True, activation="gelu")
        self.layers = nn.TransformerEncoder(layer, depth, enable_nested_tensor=False)
        self.guess = nn.Linear(width, words)

    def forward(self, words: Tensor, local: Tensor) -> Tensor:
        """Scores m of eq. 5, `(b, length, vocabulary)`.

        Args:
            words: `(b, length)` int64 word numbers, masked ones `MASK`, ends filled with `PAD`; length at most
                `longest`.
            local: `(b, cells, local_width)` image features.
        """
        tokens = self.word(words) + self.position[: words.shape[1]]
        cells = self.cell(local)
        tokens = self.look_norm(tokens + self.look(tokens, cells, cells, need_weights=False)[0])
        # A blank row would attend to nothing at all, which is not a number.
        padding = (words == PAD) & (words != PAD).any(1, keepdim=True)
        scores: Tensor = self.guess(self.layers(tokens, src_key_padding_mask=padding)).float()
        return scores
