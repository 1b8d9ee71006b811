"""A small tree, and what the text encoder makes of the one that comes with trsllava."""

from __future__ import annotations

from pathlib import Path

import pytest

from trsllava.encoders.text import load_text_encoder
from trsllava.labels.file import parse_tree
from trsllava.labels.journal import Journal
from trsllava.labels.meaning import Meanings
from trsllava.labels.tree import LabelTree

SMALL = """\
# Ours.
format: 1
name: small
labels:
  water:
    worldcover: [80]
    labels:
      inland water:
        labels:
          lake:
            about: A large body of still water.
            osm: [natural=water water=lake]
          reservoir: {synonyms: [artificial lake], osm: [landuse=reservoir]}
      sea and coast:
        labels:
          beach: {osm: [natural=beach], worldcover: [60]}
  transport:
    labels:
      railways:
        osm: [railway=*]
        labels:
          train station: {synonyms: [railway station], osm: [railway=station]}
"""


@pytest.fixture
def small() -> LabelTree:
    return parse_tree(SMALL, "small.yaml")


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return Journal(path)


@pytest.fixture(scope="session")
def meanings() -> Meanings:
    return Meanings(load_text_encoder().encode)
