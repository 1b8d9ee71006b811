import numpy as np
import pytest

from eval.dialogue.gallery import ArrayGallery
from eval.pictures import Pictures
from eval.retrieval import Scoring
from tests.eval.conftest import WordEncoder
from trsllava.dialogue.material import Material
from trsllava.dialogue.posterior import TEXTS
from trsllava.records import RichCaption, RichText

KNOWN = (
    ("a harbor", "many white boats in a harbor", "white boats beside a long pier"),
    ("a harbor", "two red boats in a harbor near a road"),
    ("some trees", "many green trees beside a straight road"),
    ("a river", "a river with a bridge and green trees"),
    ("a stadium", "a stadium near a parking lot with many cars"),
    ("some houses", "dense houses with red roofs and some cars"),
)
INDEXED = (
    "white boats in a harbor with a pier",
    "red boats in a harbor by a road",
    "green trees along a road",
    "a bridge over a river",
    "a round stadium and many cars",
    "red roofs and cars in a dense residential area",
)


class PictureEncoder(WordEncoder):
    """Pictures are what is written of them: their vectors are those of a text."""

    name = "written pictures"

    def encode_texts(self, texts):
        return self.encode(texts)

    def encode_images(self, pictures):
        raise NotImplementedError


@pytest.fixture
def documents():
    return tuple(RichText(variants=(RichCaption(caption=text),), model="teller") for text in INDEXED)


@pytest.fixture
def gallery(documents):
    pictures = PictureEncoder()
    vectors = pictures.encode_texts([" ".join(texts) for texts in KNOWN])
    names = [f"{number}.png" for number in range(len(KNOWN))]
    scoring = Scoring(("dense", "bm25", "image"), "zscore", {"bm25": 0.05, "image": 1.5})
    return ArrayGallery(names, documents, Pictures(pictures, vectors), WordEncoder(), scoring)


@pytest.fixture
def material(gallery):
    return Material(gallery, TEXTS)


@pytest.fixture
def targets():
    return np.arange(len(KNOWN))
