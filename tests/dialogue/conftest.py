from dataclasses import dataclass

import numpy as np
import pytest

from trsllava.dialogue.attributes import concepts
from trsllava.dialogue.gallery import Presence
from trsllava.dialogue.material import Material

PORTS = (
    ("a harbor with many white boats", "white boats in a harbor"),
    ("a harbor with two red boats near a road",),
    ("many green trees beside a straight road",),
    ("a river with a bridge and green trees",),
    ("a stadium surrounded by a parking lot with many cars",),
    ("dense residential area with red roofs and some cars",),
    ("an airport with two white planes on a runway",),
    ("a lake in a park with green trees",),
)


@dataclass
class WordsGallery:
    """Tiles of texts; a caption scores by the share of its concepts that a tile's texts name."""

    texts: tuple[tuple[str, ...], ...] = PORTS
    presence: Presence | None = None

    @property
    def ids(self):
        return tuple(f"t{number}" for number in range(len(self.texts)))

    @property
    def vectors(self):
        names = sorted(set().union(*(concepts(text) for own in self.texts for text in own)))
        rows = np.array(
            [[name in set().union(*map(concepts, own)) for name in names] for own in self.texts], np.float32
        )
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1)

    def scores(self, text):
        asked = concepts(text)
        own = [set().union(*map(concepts, texts)) for texts in self.texts]
        return np.array([len(asked & names) / max(1, len(asked)) for names in own], np.float32)


@pytest.fixture
def gallery():
    return WordsGallery()


@pytest.fixture
def material(gallery):
    return Material(gallery)
