"""Dialogues for a training split: by rules, with a user who knows an image's captions, over what nano sees in all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.datasets.captioned import read_pictured
from eval.datasets.captions import CaptionedImage, image_key
from eval.pictures import load_picture
from indexer.progress import Progress, no_progress
from trsllava.captioners.nano.captioner import NanoCaptioner
from trsllava.dialogue.answers.texts import TextsAnswerer
from trsllava.dialogue.gallery import Presence
from trsllava.dialogue.material import Material
from trsllava.dialogue.presence import presence_of
from trsllava.dialogue.reasoning.rules import reason
from trsllava.dialogue.session import Session
from trsllava.dialogue.state import DialogueSettings
from trsllava.dialogue.written import WrittenDialogue, read_dialogues, written
from trsllava.encoders import shipped
from trsllava.encoders.nano import NanoEncoder
from trsllava.encoders.protocol import FloatArray

_BATCH = 64


@dataclass(frozen=True)
class NanoGallery:
    """n images as nano indexes them: its texts and its vectors."""

    ids: Sequence[str]
    texts: Sequence[Sequence[str]]
    vectors: FloatArray
    presence: Presence | None
    encoder: NanoEncoder

    def scores(self, text: str) -> FloatArray:
        """As in `Gallery.scores`: cosines of text and pictures."""
        scores: FloatArray = self.vectors @ self.encoder.encode_texts([text])[0]
        return scores


def nano_gallery(
    encoder: NanoEncoder, images: Path, names: Sequence[str], progress: Progress = no_progress
) -> NanoGallery:
    """Look at all images of a folder. Raises InputError for a picture that cannot be read."""
    captioner = NanoCaptioner(encoder, shipped.present(shipped.NANO))
    parts: list[FloatArray] = []
    texts: list[tuple[str, ...]] = []
    for start in range(0, len(names), _BATCH):
        progress("look at pictures", start, len(names))
        batch = [load_picture(images / name) for name in names[start : start + _BATCH]]
        vectors, documents = captioner.describe_seen(batch)
        parts.append(vectors)
        texts += [tuple(document.texts()) for document in documents]
    progress("look at pictures", len(names), len(names))
    vectors = np.concatenate(parts)
    return NanoGallery(names, texts, vectors, presence_of(vectors, encoder.name), encoder)


def generate_dialogues(
    images: Path,
    captions: Path,
    output: Path,
    encoder: NanoEncoder,
    *,
    split: str = "train",
    queries: int = 1,
    most: int | None = None,
    rounds: int = 5,
    progress: Progress = no_progress,
) -> int:
    """Write dialogues for the images of a split, line by line; those that `output` holds are not made again.

    Args:
        images: the folder that the caption file's paths start from.
        captions: in any layout of `read_captioned`.
        output: the file.
        encoder: what the pictures are seen with; the texts of the package's nano go with it.
        split: of the caption file.
        queries: how many of an image's distinct captions begin a dialogue, the shortest first.
        most: dialogues that the file is to hold; None: all.
        rounds: questions of a dialogue; fewer where nothing is left to ask about.
        progress: is told of pictures and dialogues.

    Returns:
        how many dialogues the file now holds.

    Raises CaptionFileError and InputError for files that cannot be read or do not belong together.
    """
    described = read_pictured(captions, split, images)
    begun = [(image, query) for number in range(queries) for image in described for query in _queries(image, number)]
    begun = begun[:most]
    done = _whole_lines(output)
    missing = [(image, query) for image, query in begun if (image_key(image.image), query) not in done]
    if not missing:
        return len(done)
    gallery = nano_gallery(encoder, images, [image.image for image in described], progress)
    material = Material(gallery)
    settings = DialogueSettings(opening=False, rounds=rounds, least_gain=0)
    with output.open("a", encoding="utf-8") as file:
        for number, (image, query) in enumerate(missing):
            progress("dialogues", len(begun) - len(missing) + number, len(begun))
            file.write(_dialogue(image, query, split, material, settings).model_dump_json() + "\n")
            file.flush()
    progress("dialogues", len(begun), len(begun))
    return len(done) + len(missing)


def _queries(image: CaptionedImage, number: int) -> Iterator[str]:
    """The caption of that number, the shortest first; none where an image has fewer different ones."""
    distinct = sorted({caption for caption in image.captions if caption.strip()}, key=lambda text: (len(text), text))
    yield from distinct[number : number + 1]


def _dialogue(
    image: CaptionedImage, query: str, split: str, material: Material, settings: DialogueSettings
) -> WrittenDialogue:
    session = Session.start(query, material, settings)
    user = TextsAnswerer(image.captions)
    while (question := session.ask()) is not None:
        session.answer(user.answer(question))
    return written(image.image, split, session.dialogue, reason(query, session.dialogue.turns))


def _whole_lines(output: Path) -> set[tuple[str, str]]:
    """Image and query of each dialogue that a file holds. What a stopped run left of a line is cut off."""
    if not output.exists():
        return set()
    content = output.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if whole != content:
        with output.open("r+b") as file:
            file.truncate(len(whole))
    return {(image_key(dialogue.image), dialogue.query) for dialogue in read_dialogues(output)}
