"""What a model may have seen before: pictures that look like training ones, texts that stand in training captions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from eval.datasets.captioned import read_captioned
from eval.datasets.captions import CaptionedImage
from eval.task import RetrievalTask
from indexer.progress import Progress, no_progress
from trsllava.errors import InputError, Parameter
from trsllava.raster.checksum import content_sha256
from trsllava.raster.fingerprint import BITS, perceptual_hash
from trsllava.raster.scene import read_rgb, size_of
from trsllava.records import Rendering, RichText, Window

LOOK_ALIKE = 60
"""Bits of 256 in which pictures that look alike may differ: more than where captions are shared, as a miss costs more
here. On RSICD it finds each of 200 pictures again that 2 % were cut off from, and of the 9,544,076 pairs of a test and
a training picture one, rightly; the next pair differs in 86."""
SHOWN = 50
"""Pairs that are kept by name, the nearest first."""
_CHUNK = 4096
_BATCH = 256
_NOT_WORDS = re.compile(r"[\W_]+")


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TextOverlap(_Model):
    """Texts that stand among the training captions."""

    texts: int
    verbatim: int
    """Letter for letter, but for blanks at the ends."""
    normalised: int
    """After `bare`: without case and punctuation; holds the verbatim ones."""

    def share(self) -> float:
        """Of the texts that stand there after `bare`, 0 to 1."""
        return self.normalised / self.texts if self.texts else 0.0


class Pair(_Model):
    """A test picture and a training picture that look alike."""

    image: str
    training: str
    distance: int
    """Bits of 256 in which their perceptual hashes differ."""


class PictureOverlap(_Model):
    """Test pictures that have a training picture of the same content or the same look."""

    images: int
    training: int
    exact: int
    """Images with a copy among the training files, byte for byte."""
    near: int
    """Images with a training picture within `distance`; holds the exact ones, unless they are flat."""
    distance: int
    flat: int
    """Images without structure, which have no perceptual hash: only exact copies of them are found."""
    pairs: tuple[Pair, ...]
    """At most `SHOWN`, nearest first."""


class Leakage(_Model):
    """What was found of the measured images in a training list."""

    captions: str
    split: str
    documents: TextOverlap | None
    """None: there were none to look at."""
    queries: TextOverlap
    pictures: PictureOverlap | None
    """None: the folder of the pictures was not named."""

    def told(self) -> list[str]:
        """Plain sentences."""
        said = [] if self.documents is None else [_sentence("Documents' texts", self.documents)]
        said.append(_sentence("Queries", self.queries))
        if (seen := self.pictures) is None:
            return [*said, "Pictures were not compared."]
        pictures = (
            f"Pictures that look like one of the {seen.training:,} training pictures ({seen.distance} bits of {BITS} "
            f"or fewer differ): {seen.near:,} of {seen.images:,}; byte for byte the same: {seen.exact:,}; flat, and "
            f"so not compared by look: {seen.flat:,}."
        )
        return [*said, pictures]


def _sentence(what: str, found: TextOverlap) -> str:
    return (
        f"{what} that stand in the training captions: letter for letter {found.verbatim:,} of {found.texts:,}; word "
        f"for word, without case and punctuation, {found.normalised:,} ({found.share():.1%})."
    )


def read_training(training: Path, split: str, captions: Path, asked: Sequence[CaptionedImage]) -> list[CaptionedImage]:
    """The training list that images of `captions` are compared with. Raises CaptionFileError; InputError where both
    are one file and share images, because what is compared with itself has always leaked."""
    learnt = read_captioned(training, split)
    if training.resolve() == captions.resolve():
        both = {image.image for image in asked} & {image.image for image in learnt}
        if both:
            raise InputError(
                f"{len(both)} of {len(asked)} images of {captions} would be compared with themselves: the file does "
                f"not tell split {split!r} from what is measured. Name the training captions with ",
                Parameter("training"),
                ".",
            )
    return learnt


def leakage_of(
    task: RetrievalTask,
    learnt: Sequence[CaptionedImage],
    source: tuple[Path, str],
    images: Path | None,
    progress: Progress,
) -> Leakage:
    """What of a task stands in a training list, read from a file and a split. Pictures are compared where `images`,
    which holds both, is named.

    Raises InputError where it does not.
    """
    pictures = None
    if images is not None:
        pictures = PictureFolder(images, task.images), PictureFolder(images, [image.image for image in learnt])
    return find_leakage(task.documents, task.queries, learnt, source, pictures, progress=progress)


def find_leakage(
    documents: Sequence[RichText],
    queries: Sequence[str],
    learnt: Sequence[CaptionedImage],
    source: tuple[Path, str],
    pictures: tuple[PictureFolder, PictureFolder] | None,
    distance: int = LOOK_ALIKE,
    progress: Progress = no_progress,
) -> Leakage:
    """What of a test set a model may have learnt from.

    Args:
        documents: of the test images; none: there is nothing to say of them.
        queries: texts that ask for the test images.
        learnt: the training list.
        source: the file and the split that it was read from.
        pictures: those tested and those learnt from; None: they are not compared.
        distance: bits of 256 in which pictures that look alike may differ.
        progress: is told of pictures.

    Raises InputError for a picture that is not there, ImageError for one that cannot be read.
    """
    captions = [caption for image in learnt for caption in image.captions]
    return Leakage(
        captions=str(source[0]),
        split=source[1],
        documents=text_overlap(sentences(documents), captions) if documents else None,
        queries=text_overlap(queries, captions),
        pictures=picture_overlap(*pictures, distance=distance, progress=progress) if pictures else None,
    )


def bare(text: str) -> str:
    """A text's words alone: without case, punctuation and surplus blanks."""
    return " ".join(_NOT_WORDS.sub(" ", text.casefold()).split())


def text_overlap(texts: Iterable[str], learnt: Iterable[str]) -> TextOverlap:
    """How many texts, repeated ones counted each time, stand among the captions learnt from."""
    captions = {caption.strip() for caption in learnt}
    bared = {bare(caption) for caption in captions} - {""}
    said = [text.strip() for text in texts]
    verbatim = [text in captions for text in said]
    normalised = [known or bare(text) in bared for text, known in zip(said, verbatim, strict=True)]
    return TextOverlap(texts=len(said), verbatim=sum(verbatim), normalised=sum(normalised))


def sentences(documents: Iterable[RichText]) -> list[str]:
    """Each variant's sentence and caption, as they might stand in a training list; lists of features cannot."""
    found = []
    for document in documents:
        for variant in document.variants:
            found += [text for text in (variant.one_sentence, variant.caption) if text.strip()]
    return found


@dataclass(frozen=True)
class PictureFolder:
    """Pictures by their paths in a folder."""

    folder: Path
    names: Sequence[str]

    def paths(self) -> list[Path]:
        """Where they lie. Raises InputError that counts those which are not there."""
        found = [self.folder / name for name in self.names]
        missing = [path for path in found if not path.is_file()]
        if missing:
            raise InputError(
                f"{len(missing)} of {len(found)} pictures are not in {self.folder}; the first is {missing[0]}. "
                "Without a folder of pictures texts alone are compared."
            )
        return found


def picture_overlap(
    images: PictureFolder,
    training: PictureFolder,
    distance: int = LOOK_ALIKE,
    progress: Progress = no_progress,
) -> PictureOverlap:
    """Compare pictures by content and by perceptual hash, each test picture with each training picture.

    Raises InputError for a picture that is not there, ImageError for one that cannot be read.
    """
    looks = _looked_at([*images.paths(), *training.paths()], progress)
    tested, learnt = looks[: len(images.names)], looks[len(images.names) :]
    known = {sha256 for sha256, _ in learnt}
    shown = [i for i, (_, look) in enumerate(tested) if look]
    against = [j for j, (_, look) in enumerate(learnt) if look]
    nearest: dict[int, list[Pair]] = defaultdict(list)
    for a, b, bits in near_pairs([tested[i][1] for i in shown], [learnt[j][1] for j in against], distance):
        i, j = shown[a], against[b]
        nearest[i].append(Pair(image=images.names[i], training=training.names[j], distance=bits))
    pairs = sorted((pair for found in nearest.values() for pair in found), key=lambda pair: pair.distance)
    return PictureOverlap(
        images=len(images.names),
        training=len(training.names),
        exact=sum(sha256 in known for sha256, _ in tested),
        near=len(nearest),
        distance=distance,
        flat=len(images.names) - len(shown),
        pairs=tuple(pairs[:SHOWN]),
    )


def near_pairs(first: Sequence[str], second: Sequence[str], distance: int) -> list[tuple[int, int, int]]:
    """Every pair of perceptual hashes, one of each list, that differ in at most `distance` bits: `(i, j, bits)`.

    Exact: with bits as ±1 the Hamming distance is half of what their product lacks of 256.
    """
    if not first or not second:
        return []
    ours = _signs(first)
    found = []
    for start in range(0, len(second), _CHUNK):
        apart = (BITS - ours @ _signs(second[start : start + _CHUNK]).T) / 2
        found += [(int(i), int(j) + start, int(apart[i, j])) for i, j in np.argwhere(apart <= distance)]
    return found


def _signs(hashes: Sequence[str]) -> NDArray[np.float32]:
    """`(n, 256)` of ±1."""
    packed = np.frombuffer(bytes.fromhex("".join(hashes)), np.uint8).reshape(len(hashes), -1)
    return np.unpackbits(packed, axis=1).astype(np.float32) * 2 - 1


def _looked_at(paths: Sequence[Path], progress: Progress) -> list[tuple[str, str]]:
    """Content and perceptual hash of each file."""
    found: list[tuple[str, str]] = []
    with ThreadPoolExecutor() as threads:
        for start in range(0, len(paths), _BATCH):
            found += threads.map(_look, paths[start : start + _BATCH])
            progress("fingerprint", len(found), len(paths))
    return found


def _look(path: Path) -> tuple[str, str]:
    whole = Window(0, 0, *size_of(path))
    return content_sha256(path), perceptual_hash(read_rgb(path, whole, Rendering()))
