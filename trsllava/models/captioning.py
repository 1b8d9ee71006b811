"""A small decoder that says in words what nano sees: a recurrent language model under a picture's read-outs."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class DecoderConfig:
    """What fixes the shape of the network."""

    pooled: int
    """Length of nano's pooled features."""
    things: int
    """Number of things that nano looks for."""
    words: int
    """Size of the vocabulary, `END` and `UNKNOWN` (`word_numbers`) included."""
    width: int = 192
    context: int = 128
    hidden: int = 320
    dropout: float = 0.3


class CaptionDecoder(nn.Module):
    """A gated recurrent unit (Cho et al., EMNLP 2014) that is shown the picture at its start and before every word.

    Source: Vinyals et al., "Show and Tell", CVPR 2015; input and output words share their vectors (Press & Wolf, EACL
    2017).
    """

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.config = config
        self.look = nn.Sequential(
            nn.Dropout(config.dropout),
            nn.Linear(config.pooled + config.things, 2 * config.context),
            nn.ReLU(),
            nn.Dropout(config.dropout),
            nn.Linear(2 * config.context, config.context),
        )
        self.first = nn.Linear(config.context, config.hidden)
        self.word = nn.Embedding(config.words, config.width)
        self.cell = nn.GRU(config.width + config.context, config.hidden, batch_first=True)
        self.out = nn.Linear(config.hidden, config.width)
        self.bias = nn.Parameter(torch.zeros(config.words))
        self.dropout = nn.Dropout(config.dropout)
        nn.init.normal_(self.word.weight, std=config.width**-0.5)

    def begin(self, pooled: Tensor, presence: Tensor) -> tuple[Tensor, Tensor]:
        """Context `(b, c)` and first state `(b, h)` from pooled features `(b, p)` and presence logits `(b, t)`."""
        context: Tensor = self.look(torch.cat([pooled, 0.3 * presence], dim=1))
        return context, torch.tanh(self.first(context))

    def step(self, context: Tensor, state: Tensor, word: Tensor) -> tuple[Tensor, Tensor]:
        """Log-probabilities of the next word `(b, words)` and the next state, after words `(b,)` int64."""
        scores, state = self._run(context, state, word[:, None])
        return functional.log_softmax(scores[:, 0], dim=1), state

    def forward(self, pooled: Tensor, presence: Tensor, words: Tensor) -> Tensor:
        """Scores `(b, l, words)` of the word after each of `words`, `(b, l)` int64."""
        context, state = self.begin(pooled, presence)
        return self._run(context, state, words)[0]

    def _run(self, context: Tensor, state: Tensor, words: Tensor) -> tuple[Tensor, Tensor]:
        shown = context[:, None].expand(-1, words.shape[1], -1)
        outputs, last = self.cell(torch.cat([self.dropout(self.word(words)), shown], dim=2), state[None].contiguous())
        scores = self.out(self.dropout(outputs)) @ self.word.weight.T + self.bias
        return scores, last[0]
