"""Learn to read off a picture's vector which things people would speak of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from eval.datasets.captioned import read_captioned
from eval.datasets.captions import CaptionedImage
from eval.pictures import picture_vectors
from indexer.progress import Progress
from trsllava.dialogue.attributes import named_in
from trsllava.dialogue.presence import PresenceReader
from trsllava.encoders import shipped
from trsllava.encoders.nano import NanoEncoder
from trsllava.encoders.protocol import FloatArray
from trsllava.lexicon import lexicon

DECAYS = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3)
"""Of the weights; the best on validation is taken."""
_FEWEST = 20
"""Pictures of the training split that must have a keyword."""
_STEPS = 100


def learn_presence(images: Path, captions: Path, nano: Path | None, progress: Progress) -> PresenceReader:
    """From the split `train` of a caption file, checked and calibrated on `val`, as the nano of a folder (None: the
    shipped) sees the pictures. Raises CaptionFileError, InputError, EncoderError."""
    encoder = NanoEncoder("nano", nano or shipped.present(shipped.NANO))
    splits = [read_captioned(captions, split) for split in ("train", "val")]
    (learnt, held), seen = splits, [picture_vectors(encoder, images, [i.image for i in s], progress) for s in splits]
    names = [keyword.name for keyword in lexicon()]
    named = named_things(learnt, names)
    names = [name for name, count in zip(names, named.sum(axis=0), strict=True) if count >= _FEWEST]
    return fit_presence(names, seen[0], named_things(learnt, names), seen[1], named_things(held, names))


def named_things(images: Sequence[CaptionedImage], names: Sequence[str]) -> FloatArray:
    """`(n, t)` float32: 1 where a caption of the image names the keyword."""
    said = [named_in(image.captions) for image in images]
    return np.array([[name in own for name in names] for own in said], np.float32)


def fit_presence(
    names: Sequence[str], vectors: FloatArray, named: FloatArray, held_vectors: FloatArray, held_named: FloatArray
) -> PresenceReader:
    """One regression a keyword, with the decay whose chances fit the held-out pictures best, and then one slope and
    offset for all of them (Platt, 1999): the network has seen the pictures that it learns from.

    Args:
        names: t keywords.
        vectors: `(n, d)` float32.
        named: `(n, t)` float32, 1 or 0.
        held_vectors: `(m, d)` of held-out pictures.
        held_named: `(m, t)`.
    """
    x, y, held_x, held_y = map(torch.from_numpy, (vectors, named, held_vectors, held_named))
    best: tuple[float, Tensor, Tensor] | None = None
    for decay in DECAYS:
        weights, offsets = _regressions(x, y, decay)
        logits = held_x @ weights + offsets
        slope, shift = _platt(logits, held_y)
        loss = float(functional.binary_cross_entropy_with_logits(logits * slope + shift, held_y))
        if best is None or loss < best[0]:
            best = loss, weights * slope, offsets * slope + shift
    assert best is not None
    return PresenceReader(tuple(names), best[1].numpy(), best[2].numpy())


def _regressions(x: Tensor, y: Tensor, decay: float) -> tuple[Tensor, Tensor]:
    """Weights `(d, t)` and offsets `(t,)`."""
    weights = torch.zeros(x.shape[1], y.shape[1], requires_grad=True)
    offsets = torch.logit(y.mean(0).clamp(1e-3, 1 - 1e-3)).requires_grad_()

    def loss() -> Tensor:
        misfit = functional.binary_cross_entropy_with_logits(x @ weights + offsets, y, reduction="none")
        return misfit.mean(0).sum() + decay * (weights**2).sum()

    _minimise([weights, offsets], loss)
    return weights.detach(), offsets.detach()


def _platt(logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    slope, shift = torch.ones((), requires_grad=True), torch.zeros((), requires_grad=True)
    _minimise([slope, shift], lambda: functional.binary_cross_entropy_with_logits(logits * slope + shift, y))
    return slope.detach(), shift.detach()


def _minimise(free: list[Tensor], loss: Callable[[], Tensor]) -> None:
    """Move leaves of the graph to where a convex loss is least."""
    search = torch.optim.LBFGS(free, max_iter=_STEPS, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        search.zero_grad()
        value = loss()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    search.step(closure)  # type: ignore[no-untyped-call]
