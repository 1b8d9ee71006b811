"""Rescorings as people name them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from eval.rescoring.csls import Csls
from eval.rescoring.inverted_softmax import InvertedSoftmax
from eval.rescoring.protocol import Rescoring
from eval.rescoring.querybank import QuerybankNorm
from eval.rescoring.resort import Resort
from trsllava.errors import InputError, Parameter

N = TypeVar("N", int, float)

_BY_TEMPERATURE: dict[str, type[InvertedSoftmax | QuerybankNorm]] = {
    "inverted-softmax": InvertedSoftmax,
    "qb-norm": QuerybankNorm,
}
_BY_COUNT: dict[str, type[Csls | Resort]] = {"csls": Csls, "resort": Resort}
RESCORINGS = (*_BY_TEMPERATURE, *_BY_COUNT)


def parse_rescoring(text: str) -> Rescoring:
    """`NAME` or `NAME:NUMBER`, as in `inverted-softmax:0.05` or `resort:10`: a temperature, or a count. Raises
    InputError."""
    name, _, number = text.partition(":")
    if name in _BY_TEMPERATURE:
        by_temperature = _BY_TEMPERATURE[name]
        return by_temperature(_parse(text, number, float, "a temperature above 0")) if number else by_temperature()
    if name in _BY_COUNT:
        by_count = _BY_COUNT[name]
        return by_count(_parse(text, number, int, "a count of 1 or more")) if number else by_count()
    raise InputError(Parameter("rescoring"), f" {text!r} is none of {', '.join(RESCORINGS)}.")


def _parse(text: str, number: str, kind: Callable[[str], N], wanted: str) -> N:
    try:
        value = kind(number)
    except ValueError:
        value = kind("0")
    if not 0 < value < float("inf"):
        raise InputError(Parameter("rescoring"), f" {text}: {number!r} is not {wanted}.")
    return value
