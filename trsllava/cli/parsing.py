"""Values of options that hold several parts in one string, such as `--branches dense,bm25`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar, get_args

from trsllava.errors import InputError, Parameter
from trsllava.records import Branch, Filters, SideBranch
from trsllava.search.conditions import as_filters

T = TypeVar("T")

_NAME = re.compile(r"^([A-Za-z_][\w:.-]*)\s*[<>!=]")
_CONDITION = re.compile(r"^(label|source)(=|!=)(.+)$")


def parse_where(conditions: Sequence[str]) -> Filters:
    """`label=NAME`, `label!=NAME`, `source=PATH` and conditions on properties (`cloud_cover<20`) as filters. Raises
    InputError that shows the right form."""
    labels: list[str] = []
    without: list[str] = []
    sources: list[str] = []
    properties: list[str] = []
    for condition in conditions:
        match = _CONDITION.match(condition)
        named = _NAME.match(condition)
        if named is None or (match is None and named[1] in ("label", "source")) or condition.startswith("source!="):
            raise InputError(
                Parameter("where"),
                f" expects label=NAME, label!=NAME, source=PATH or cloud_cover<20 and the like, not {condition!r}.",
            )
        if match is None:
            properties.append(condition)
        elif match[1] == "source":
            sources.append(match[3])
        else:
            (labels if match[2] == "=" else without).append(match[3])
    return as_filters(Filters(), labels=labels, without_labels=without, source=sources, properties=properties)


def parse_branches(text: str) -> tuple[Branch, ...]:
    """`dense,bm25`. Raises InputError for a branch that does not exist."""
    return tuple(dict.fromkeys(_one_of(part.strip(), "branches", get_args(Branch)) for part in text.split(",")))


def parse_pair(text: str) -> tuple[SideBranch, SideBranch]:
    """`image,dense`: what a composed query's picture and its text are compared with. Raises InputError."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 2:
        raise InputError(
            Parameter("pair"), f" expects two of dense and image, for the picture and for the text, not {text!r}."
        )
    of_image, of_text = (_one_of(part, "pair", get_args(SideBranch)) for part in parts)
    return of_image, of_text


def _one_of(value: str, parameter: str, known: tuple[T, ...]) -> T:
    for name in known:
        if value == name:
            return name
    raise InputError(Parameter(parameter), f" accepts {', '.join(map(str, known))}, not {value!r}.")
