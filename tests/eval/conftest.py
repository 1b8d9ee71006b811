import hashlib

import numpy as np
import pytest

from eval.datasets.captions import CaptionedImage
from eval.outcomes import retrieval_outcomes
from eval.provenance import DataFile
from eval.retrieval import Scoring, evaluate_retrieval
from eval.run import MeasuredImage, Run
from eval.task import human_task, rich_text_task
from trsllava.records import RichCaption, RichText


class WordEncoder:
    """A text is the sum of its words' fixed random directions: texts that share words lie near each other."""

    name = "words"
    dim = 32

    def __init__(self):
        self.encoded = []

    def encode(self, texts):
        self.encoded += texts
        sums = np.array([sum(map(self._direction, text.split()), np.zeros(self.dim)) for text in texts])
        return (sums / np.linalg.norm(sums, axis=1, keepdims=True)).astype(np.float32)

    def _direction(self, word):
        seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
        return np.random.default_rng(seed).standard_normal(self.dim)


@pytest.fixture
def word_encoder():
    return WordEncoder()


CAPTIONED = [
    CaptionedImage(image="a.png", split="test", scene="port", captions=("a grey ship at a quay", "a quay")),
    CaptionedImage(image="b.png", split="test", scene="port", captions=("two <b>cranes</b> & a ship", "cranes")),
    CaptionedImage(image="c.png", split="test", scene="field", captions=("a green field", "a field")),
    CaptionedImage(image="d.png", split="test", scene="field", captions=("a yellow field with a road", "a road")),
]


@pytest.fixture
def make_run(word_encoder):
    """A run of the dense branch on four images, by the documents given: as good as the human captions unless told."""

    def make(name="good", documents=None, queries=None, leakage=None):
        said = documents or {image.image: image.captions[0] for image in CAPTIONED}
        texts = {
            image: RichText(variants=(RichCaption(caption=text),), model="teller") for image, text in said.items()
        }
        task = rich_text_task(CAPTIONED, texts, queries) if queries else human_task(CAPTIONED, texts)
        measured = evaluate_retrieval(task, word_encoder, Scoring(("dense",), "zscore", {}), split="test")
        return Run(
            name=name,
            report=measured.report,
            command=("trsllava", "eval", "retrieval", "--captions", "my captions.jsonl"),
            versions={"python": "3.11.0"},
            commit=None,
            settings={},
            data=(DataFile(role="captions", path="my captions.jsonl", sha256="0" * 64),),
            leakage=leakage,
            images=tuple(MeasuredImage(path=image.image, group=image.scene) for image in CAPTIONED),
            texts=task.queries,
            owner=tuple(task.owner.tolist()),
            outcomes=retrieval_outcomes(task, measured.by_text, measured.by_image),
        )

    return make
