"""The captioner that needs no GPU and no network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import chain, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trsllava.captioners.exchange import unreadable
from trsllava.captioners.nano.impression import CONFIDENCE, Confidence, Impression
from trsllava.captioners.nano.rich_text import CAUTION, Caution, compose
from trsllava.captioners.nano.sentences import Sentence, SentenceWriter
from trsllava.captioners.nano.tone import tone_words
from trsllava.captioners.picture import Picture
from trsllava.captioners.protocol import CaptionAnswer, CaptionJob
from trsllava.captioners.workers import PictureWorkers
from trsllava.encoders import shipped
from trsllava.encoders.image_text import load_shipped_nano, square
from trsllava.encoders.nano import SHRINKING, NanoEncoder
from trsllava.encoders.protocol import FloatArray
from trsllava.errors import OutOfReachError, Parameter
from trsllava.records import RichText

_BATCH = 32
_OUT_OF_REACH = 16
"""So many files of a batch, and no other in it, that cannot be opened: the folder is away."""


class NanoCaptioner:
    """Sees a batch of pictures, writes sentences about each, and says what its confidence supports.

    Its answers carry the picture's vector as well: seeing is what costs time. The same picture always gets the same
    text.
    """

    prompt = ""

    def __init__(self, encoder: NanoEncoder, folder: Path, caution: Caution = CAUTION) -> None:
        """`folder`: what `trsllava train captioner` wrote, for this encoder. Raises EncoderError."""
        self._encoder, self._caution = encoder, caution
        self._writer = SentenceWriter(folder)
        self._confidence = Confidence.load(folder / CONFIDENCE)
        self.name = encoder.name

    def caption(self, jobs: Iterable[CaptionJob]) -> Iterator[CaptionAnswer]:
        """One answer a job, batch by batch. Raises OutOfReachError where no picture of a batch can be opened."""
        waiting = iter(jobs)
        first = next(waiting, None)
        if first is None:  # no process need be started
            return
        with PictureWorkers() as workers:
            pictures = workers.pictures(
                chain([first], waiting), partial(square, size=self._encoder.size, resampling=SHRINKING)
            )
            while batch := list(islice(pictures, _BATCH)):
                away = [picture for _, picture in batch if picture.out_of_reach]
                if len(away) == len(batch) >= _OUT_OF_REACH:
                    raise OutOfReachError(
                        f"None of {len(batch)} files can be opened; the last error: {away[-1].error}. "
                        "Bring the folder back and run the command again, or add ",
                        Parameter("prune"),
                        " if they are gone.",
                    )
                yield from self._answers([(job, picture) for job, picture in batch if not picture.out_of_reach])

    def _answers(self, batch: list[tuple[CaptionJob, Picture[NDArray[np.uint8]]]]) -> Iterator[CaptionAnswer]:
        seen = [(job, picture.content) for job, picture in batch if picture.content is not None]
        vectors, impressions = self.impressions([pixels for _, pixels in seen])
        yield from (unreadable(job.tile, picture.error) for job, picture in batch if picture.content is None)
        for (job, pixels), vector, impression in zip(seen, vectors, impressions, strict=True):
            text = self._text(impression, pixels, job.tile.north_up)
            yield CaptionAnswer(
                str(job.tile.id),
                text.model_copy(update={"created": datetime.now(UTC)}),
                image=vector,
                image_encoder=self._encoder.name,
            )

    def describe(self, pictures: Sequence[NDArray[np.uint8]]) -> list[RichText]:
        """The texts of `(h, w, 3)` RGB pictures of any size; nothing is known of where north is."""
        return self.describe_seen(pictures)[1]

    def describe_seen(self, pictures: Sequence[NDArray[np.uint8]]) -> tuple[FloatArray, list[RichText]]:
        """The same with the pictures' vectors `(n, d)`."""
        small = [square(picture, self._encoder.size, SHRINKING) for picture in pictures]
        vectors, impressions = self.impressions(small)
        texts = [self._text(said, pixels, north_up=False) for said, pixels in zip(impressions, small, strict=True)]
        return vectors, texts

    def _text(self, impression: Impression, pixels: NDArray[np.uint8], north_up: bool) -> RichText:
        return compose(
            impression,
            model=self.name,
            sharpness=self._encoder.sharpness,
            north_up=north_up,
            tone=tone_words(pixels),
            caution=self._caution,
        )

    def impressions(self, pictures: list[NDArray[np.uint8]]) -> tuple[FloatArray, list[Impression]]:
        """Vectors `(n, d)` and impressions of `(h, w, 3)` RGB pictures of any size."""
        sight = self._encoder.see(pictures)
        if not pictures:
            return sight.embedding, []
        evidence = self._confidence.evidence(sight.pooled)
        scenes, presence = self._confidence.scene(sight.pooled), self._confidence.presence(sight.presence)
        sentences = self._writer.write(sight.pooled, sight.presence)
        return sight.embedding, [
            self._impression(evidence[n], scenes[n], presence[n], sight.places[n], sentences[n])
            for n in range(len(pictures))
        ]

    def _impression(
        self, evidence: float, scenes: FloatArray, presence: FloatArray, places: FloatArray, sentences: list[Sentence]
    ) -> Impression:
        order = np.argsort(-scenes, kind="stable")
        things = self._encoder.things
        return Impression(
            evidence=float(evidence),
            scenes=tuple((self._encoder.scenes[place], float(scenes[place])) for place in order),
            presence=dict(zip(things, presence.tolist(), strict=True)),
            places={thing: places[:, :, number] for number, thing in enumerate(things)},
            sentences=tuple(sentences),
        )


def shipped_captioner() -> NanoCaptioner:
    """The captioner that comes with the package. Raises EncoderError where an installation lacks it."""
    return NanoCaptioner(load_shipped_nano(), shipped.NANO)
