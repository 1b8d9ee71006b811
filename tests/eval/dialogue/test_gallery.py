import numpy as np
import pytest

from eval.dialogue.gallery import ArrayGallery
from eval.pictures import Pictures
from eval.retrieval import evaluate_retrieval, scoring_of
from eval.task import human_task
from tests.eval.conftest import CAPTIONED, WordEncoder
from tests.eval.dialogue.conftest import KNOWN, PictureEncoder
from trsllava.config import Settings
from trsllava.records import RichCaption, RichText


def test_captions_score_as_in_a_search(tmp_path):
    """Round 0 of a dialogue is the retrieval that `eval retrieval` measures, through the real store."""
    documents = {
        image.image: RichText(variants=(RichCaption(caption=image.captions[0]),), model="teller")
        for image in CAPTIONED
    }
    task = human_task(CAPTIONED, documents)
    pictures = PictureEncoder()
    seen = Pictures(pictures, pictures.encode_texts([" ".join(image.captions) for image in CAPTIONED]))
    scoring = scoring_of(Settings(home=tmp_path, branches=("dense", "bm25", "image")))

    measured = evaluate_retrieval(task, WordEncoder(), scoring, split="test", pictures=seen)
    gallery = ArrayGallery(task.images, task.documents, seen, WordEncoder(), scoring)

    assert np.stack([gallery.scores(query) for query in task.queries]) == pytest.approx(measured.by_text, abs=1e-4)


def test_captions_are_scored_once(gallery):
    encoder = gallery._encoder

    gallery.prepare(["a harbor", "a river", "a harbor"])
    gallery.scores("a river")

    assert encoder.encoded.count("a river") == 1


def test_captions_together_are_one_query(gallery):
    together = gallery.together([("a harbor",), ("a river", "a bridge")])

    assert together[0] == pytest.approx(gallery.scores("a harbor"), abs=1e-5)
    assert together.shape == (2, len(KNOWN))


def test_several_captions_find_more_than_the_shortest(gallery):
    together = gallery.together(KNOWN)
    shortest = np.stack([gallery.scores(texts[0]) for texts in KNOWN])

    own = np.arange(len(KNOWN))
    assert (together.argmax(axis=1) == own).sum() > (shortest.argmax(axis=1) == own).sum()
