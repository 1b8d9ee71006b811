"""Equations 18-25 of the LuojiaHOG paper again: numpy and loops, cell by cell, nothing shared with the model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import nn

Array = NDArray[np.float64]


def array(weight: object) -> Array:
    return np.asarray(weight.detach().numpy(), np.float64)  # type: ignore[attr-defined]


def linear(layer: nn.Linear, x: Array) -> Array:
    return x @ array(layer.weight).T + array(layer.bias)


def convolved(layer: nn.Conv2d, grid: Array) -> Array:
    """A convolution with as many cells of nothing around `grid` `(c, h, w)` as keep its size."""
    weight, bias = array(layer.weight), array(layer.bias)
    reach = weight.shape[-1] // 2
    padded = np.pad(grid, ((0, 0), (reach, reach), (reach, reach)))
    out = np.empty((len(weight), *grid.shape[1:]))
    for row in range(grid.shape[1]):
        for col in range(grid.shape[2]):
            window = padded[:, row : row + 2 * reach + 1, col : col + 2 * reach + 1]
            out[:, row, col] = (weight * window).sum((1, 2, 3)) + bias
    return out


def relu(x: Array) -> Array:
    return np.maximum(x, 0)


def upsampled(grid: Array, side: int) -> Array:
    """Bilinear, cells as areas: the centre of the first lies half a cell from the edge."""
    _, h, w = grid.shape
    out = np.empty((len(grid), side, side))
    for row in range(side):
        for col in range(side):
            y = min(max((row + 0.5) * h / side - 0.5, 0), h - 1)
            x = min(max((col + 0.5) * w / side - 0.5, 0), w - 1)
            top, left = int(y), int(x)
            below, right = min(top + 1, h - 1), min(left + 1, w - 1)
            down, across = y - top, x - left
            upper = (1 - across) * grid[:, top, left] + across * grid[:, top, right]
            lower = (1 - across) * grid[:, below, left] + across * grid[:, below, right]
            out[:, row, col] = (1 - down) * upper + down * lower
    return out


def pooled(grid: Array) -> Array:
    """The mean of each square of four cells; of two or one at the ends of odd sides."""
    out = np.empty((len(grid), -(-grid.shape[1] // 2), -(-grid.shape[2] // 2)))
    for row in range(out.shape[1]):
        for col in range(out.shape[2]):
            out[:, row, col] = grid[:, 2 * row : 2 * row + 2, 2 * col : 2 * col + 2].mean((1, 2))
    return out


def softmax(x: Array) -> Array:
    powers = np.exp(x - x.max())
    return np.asarray(powers / powers.sum())


def contrastive(images: Array, texts: Array, temperature: float) -> float:
    """Eq. 25: pair i is right, all others of the batch are wrong, asked from both sides."""
    similar = np.exp(images @ texts.T / temperature)
    size = len(images)
    i2t = -sum(np.log(similar[i, i] / similar[i].sum()) for i in range(size)) / size
    t2i = -sum(np.log(similar[i, i] / similar[:, i].sum()) for i in range(size)) / size
    return float(i2t + t2i)
