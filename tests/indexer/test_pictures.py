"""Image vectors on their way from pictures through the ledger to the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pytest

from indexer.pictures import BATCH
from indexer.rebuilding import rebuild
from tests.standin.collection import Collection
from tests.standin.encoders import ColourEncoder
from trsllava.captioners.protocol import CaptionAnswer, CaptionJob
from trsllava.encoders.protocol import FloatArray
from trsllava.errors import CollectionMismatchError
from trsllava.records import RichCaption, RichText

COLOURS = {"red.png": "red", "green.png": "lime", "blue.png": "blue"}


@pytest.fixture
def painted(collection: Collection) -> Collection:
    collection.paint(COLOURS)
    collection.describe(dict.fromkeys(COLOURS, "a field"))
    collection.image_encoder = ColourEncoder()
    return collection


def scores(collection: Collection, text: str) -> dict[str, float]:
    """What the store's image branch says of each picture."""
    (found,) = collection.store.exact("image", list(ColourEncoder().encode_texts([text])))
    records = collection.ledger.records(found.ids)
    names = [records[tile].paths[0].rsplit("/", 1)[-1] for tile in found.ids]
    return dict(zip(names, found.scores.tolist(), strict=True))


def rebuilt(collection: Collection) -> int:
    done = rebuild(
        collection.ledger,
        collection.store,
        collection.encoder,
        collection.image_encoder,
        lambda stage, done, total: None,
    )
    return done.stored


class Seer:
    """A captioner that is an image encoder as well."""

    name, prompt = "seer", ""

    def __init__(self, image_encoder: str, vector: FloatArray) -> None:
        self._image_encoder, self._vector = image_encoder, vector

    def caption(self, jobs: Iterable[CaptionJob]) -> Iterator[CaptionAnswer]:
        text = RichText(variants=(RichCaption(caption="a field"),))
        for job in jobs:
            yield CaptionAnswer(str(job.tile.id), text, image=self._vector, image_encoder=self._image_encoder)


def test_every_picture_is_seen_once_and_stored(painted: Collection) -> None:
    report = painted.index()
    schema = painted.ledger.schema()
    assert schema is not None
    assert (schema.image_encoder, schema.image_dim) == ("colours", 4)
    assert max(scores(painted, "red"), key=scores(painted, "red").__getitem__) == "red.png"
    assert (report.stored, report.unseen) == (3, {})
    assert "see" in report.seconds
    painted.index()
    assert isinstance(painted.image_encoder, ColourEncoder)
    assert painted.image_encoder.seen == 3


def test_many_batches_reach_ledger_and_store(collection: Collection) -> None:
    names = [f"{number}.png" for number in range(2 * BATCH + 3)]
    collection.draw(*names)
    collection.describe(dict.fromkeys(names, "a field"))
    collection.image_encoder = ColourEncoder()
    collection.index()
    assert len(scores(collection, "red")) == len(names)
    assert len(collection.ledger.image_vectors(collection.store.ids(), "colours")) == len(names)


def test_a_captioner_that_sees_spares_the_second_look(painted: Collection) -> None:
    vector = np.array([0, 0, 0, 1], np.float32)
    painted.index(Seer("colours", vector))
    assert isinstance(painted.image_encoder, ColourEncoder)
    assert painted.image_encoder.seen == 0
    for kept in painted.ledger.image_vectors(painted.store.ids(), "colours").values():
        np.testing.assert_array_equal(kept, vector)


def test_vectors_of_another_encoder_are_not_taken(painted: Collection) -> None:
    painted.index(Seer("other", np.array([0, 0, 0, 1], np.float32)))
    assert isinstance(painted.image_encoder, ColourEncoder)
    assert painted.image_encoder.seen == 3


def test_a_picture_out_of_reach_costs_its_vector_alone_and_is_made_up_for(painted: Collection) -> None:
    encoder, painted.image_encoder = painted.image_encoder, None
    painted.index()  # known and captioned while nobody looked
    painted.image_encoder = encoder
    hidden = painted.images / "red.png"
    hidden.rename(painted.images / "red.hidden")
    assert rebuilt(painted) == 3
    assert set(scores(painted, "red")) == {"green.png", "blue.png"}
    report = painted.index()
    assert ["red.png" in reason for reason in report.unseen.values()] == [True]
    assert report.stored == 0
    (painted.images / "red.hidden").rename(hidden)
    assert (painted.index().unseen, set(scores(painted, "red"))) == ({}, set(COLOURS))
    assert painted.ledger.counts()["stored"] == 3


def test_a_rebuild_uses_the_vectors_of_the_ledger(painted: Collection) -> None:
    painted.index()
    before = scores(painted, "blue")
    painted.image_encoder = again = ColourEncoder()
    assert rebuilt(painted) == 3
    assert (again.seen, scores(painted, "blue")) == (0, before)
    painted.image_encoder = other = ColourEncoder("other colours")
    assert rebuilt(painted) == 3
    assert other.seen == 3


@pytest.mark.parametrize(
    ("wanted", "command"),
    [(ColourEncoder("other"), r"reindex\(image_encoder='other'\)"), (None, r"reindex\(image_encoder='none'\)")],
)
def test_another_image_encoder_is_refused_by_name(
    painted: Collection, wanted: ColourEncoder | None, command: str
) -> None:
    painted.index()
    painted.image_encoder = wanted
    with pytest.raises(CollectionMismatchError, match=rf"built with the image encoder colours.*{command}"):
        painted.index()


def test_a_collection_without_image_vectors_stays_without(painted: Collection) -> None:
    encoder, painted.image_encoder = painted.image_encoder, None
    painted.index()
    painted.image_encoder = encoder
    with pytest.raises(CollectionMismatchError, match=r"no image encoder.*`reindex\(image_encoder='colours'\)`"):
        painted.index()
