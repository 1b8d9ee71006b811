"""Figures that others have published, with their protocols and sources (`published.toml`)."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict

Asked = Literal["human", "rich text", "dialogue"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PublishedSet(_Model):
    """A data set that figures are published of."""

    name: Literal["RSICD", "RSITMD"]
    split: str
    images: int
    captions: int
    """Human ones. A run of so many images of this split, and with human queries of so many captions, is taken for one
    on this set."""


class PublishedRecalls(_Model):
    """Percent; recalls at 1, 5 and 10, empty where they are not known."""

    mR: float  # noqa: N815 - as the literature writes it
    t2i: tuple[float, ...] = ()
    i2t: tuple[float, ...] = ()


class PublishedFigure(_Model):
    """One system's row."""

    system: str
    queries: Asked
    trained: bool
    """On the set's own training split."""
    oracle: bool
    transductive: bool
    learnt_from: str
    source: str
    RSICD: PublishedRecalls | None = None
    RSITMD: PublishedRecalls | None = None

    def of(self, name: str) -> PublishedRecalls | None:
        """Its figures on a set; None: not published, or not known to us."""
        return {"RSICD": self.RSICD, "RSITMD": self.RSITMD}[name]


class _File(_Model):
    set: tuple[PublishedSet, ...]
    figure: tuple[PublishedFigure, ...]


@cache
def _published() -> _File:
    return _File.model_validate(tomllib.loads(files(__package__).joinpath("published.toml").read_text("utf-8")))


def published_set(split: str, images: int, texts: int, queries: Asked) -> PublishedSet | None:
    """The published set that a run of so many images of a split and so many queries is on; None: none of them. Only
    human queries are counted: of other kinds an image may have any number."""
    fits = (known for known in _published().set if (known.split, known.images) == (split, images))
    return next((known for known in fits if queries != "human" or texts == known.captions), None)


def published_figures(of: PublishedSet, queries: Asked) -> list[tuple[PublishedFigure, PublishedRecalls]]:
    """Rows of a set with one kind of queries, the lowest mR first."""
    rows = [(row, found) for row in _published().figure if row.queries == queries and (found := row.of(of.name))]
    return sorted(rows, key=lambda row: row[1].mR)
