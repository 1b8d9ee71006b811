"""How sure nano may be: its read-outs fitted to what proved true of pictures that it was not trained on."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from trsllava.captioners.nano.impression import Confidence
from trsllava.training.sights import Sights

_STEPS = 60
_SCENE_DECAY = 0.0015
"""Of the weights that tell scenes."""
_DECAY = 0.02
"""Of the weights that tell places from nothing: there are more of them than kinds of nothing."""


def fit_confidence(
    learnt: Sights,
    learnt_scene: Tensor,
    scenes: int,
    validation: Sights,
    scene: Tensor,
    named: Tensor,
    nowhere: Tensor,
) -> Confidence:
    """Scenes by a linear read-out and its temperature (Guo et al., ICML 2017), slope and offset of the things'
    presence (Platt, 1999), and a linear read-out of whether there is a place at all.

    Args:
        learnt: pictures that the network was trained on, in changed views.
        learnt_scene: `(m,)` int64, their scenes.
        scenes: number of scenes there are.
        validation: pictures that the network was not trained on, as inference sees them.
        scene: `(n,)` int64, their scenes.
        named: `(n, t)` float32, 1 where any of a picture's captions names the thing, else 0.
        nowhere: `(k, p)` pooled features of pictures of nothing.
    """
    views = learnt.pooled.shape[1]
    by_feature, usual = fit_scenes(learnt.pooled.flatten(0, 1), learnt_scene.repeat_interleave(views), scenes)
    bold = validation.pooled.mean(1) @ by_feature + usual
    warmth = _least([torch.zeros(())], lambda p: functional.cross_entropy(bold / p[0].exp(), scene))[0].exp()
    presence = validation.presence.mean(1)
    slope, offset = _least([torch.ones(()), torch.zeros(())], lambda p: functional.binary_cross_entropy_with_logits(
        presence * p[0] + p[1], named))  # fmt: skip
    weights, bias = fit_evidence(learnt.pooled[:, 0], nowhere)
    return Confidence(
        (by_feature / warmth).numpy(),
        (usual / warmth).numpy(),
        slope.numpy(),
        offset.numpy(),
        weights.numpy(),
        float(bias),
    )


def fit_scenes(pooled: Tensor, scene: Tensor, scenes: int) -> tuple[Tensor, Tensor]:
    """Weights `(p, s)` and offset `(s,)` of a multinomial logistic regression of scenes `(m,)` on features `(m, p)`.

    The head that helped to train the network saw blended pictures and soft targets; read out anew from the finished
    features, scenes are told better. Source: Kang et al., "Decoupling Representation and Classifier", ICLR 2020.
    """
    centre, spread = pooled.mean(0), pooled.std(0) + 1e-3
    standard = (pooled - centre) / spread

    def loss(p: list[Tensor]) -> Tensor:
        return functional.cross_entropy(standard @ p[0] + p[1], scene) + _SCENE_DECAY * (p[0] ** 2).sum()

    weights, offset = _least([torch.zeros(pooled.shape[1], scenes), torch.zeros(scenes)], loss)
    weights = weights / spread[:, None]
    return weights, offset - centre @ weights


def fit_evidence(somewhere: Tensor, nowhere: Tensor) -> tuple[Tensor, Tensor]:
    """Weights `(p,)` and offset of a logistic regression; places and nothing weigh the same."""
    spread = somewhere.std(0) + 1e-3

    def loss(p: list[Tensor]) -> Tensor:
        here = functional.softplus(-(somewhere / spread @ p[0] + p[1])).mean()
        nothing = functional.softplus(nowhere / spread @ p[0] + p[1]).mean()
        return here + nothing + _DECAY * (p[0] ** 2).sum()

    weights, offset = _least([torch.zeros(somewhere.shape[1]), torch.zeros(())], loss)
    return weights / spread, offset


def _least(parameters: list[Tensor], loss: Callable[[list[Tensor]], Tensor]) -> list[Tensor]:
    """The parameters at which a convex loss is least."""
    free = [parameter.clone().requires_grad_() for parameter in parameters]
    search = torch.optim.LBFGS(free, max_iter=_STEPS, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        search.zero_grad()
        value = loss(free)
        value.backward()  # type: ignore[no-untyped-call]
        return value

    search.step(closure)  # type: ignore[no-untyped-call]
    return [parameter.detach() for parameter in free]
