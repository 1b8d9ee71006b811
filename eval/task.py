"""What is measured: texts that ask for images, and documents that stand for the images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from eval.datasets.captions import CaptionedImage, image_key
from eval.datasets.collection import collection_documents
from eval.metrics.recall import Owner
from trsllava.archive import Archive
from trsllava.captioners.imported import read_rich_texts
from trsllava.errors import InputError, Parameter
from trsllava.records import Branch, RichText

QueryKind = Literal["human", "rich text", "dialogue"]


@dataclass(frozen=True)
class RetrievalTask:
    """n images, with a document each or with none, and q queries that each belong to one of them."""

    images: tuple[str, ...]
    documents: tuple[RichText, ...]
    """Empty: the images have no documents and are searched by their pictures alone."""
    queries: tuple[str, ...]
    owner: Owner
    """`(q,)` position of the image that each query belongs to."""
    query_kind: QueryKind
    query_source: str
    """Who wrote the queries: people, or the models of rich texts; of dialogues, who asked and who answered."""


def collection_or_file_task(
    asked: Sequence[CaptionedImage],
    archive: Archive,
    rich: Path | None,
    images: Path | None,
    queries: Path | None,
    branches: Sequence[Branch],
) -> RetrievalTask:
    """Rich texts of the file `rich`, else of the collection, asked for by the file `queries`, else by captions.

    Pictures alone need no rich texts.

    Raises InputError where an image has no document or no query, CaptionFileError for a file that cannot be read.
    """
    if tuple(branches) == ("image",) and rich is None and queries is None:
        return captions_task(asked, None)
    documents = read_rich_texts(rich) if rich is not None else collection_documents(archive, images)
    if queries is None:
        return captions_task(asked, documents)
    return rich_text_task(asked, documents, read_rich_texts(queries))


def captions_task(images: Sequence[CaptionedImage], documents: Mapping[str, RichText] | None) -> RetrievalTask:
    """Every caption asks for its image; people wrote the captions, or models where the images say so.

    `documents`: None: there are none, and pictures are searched. Raises InputError where an image has no document, and
    where a model's captions are all texts of their own image's document.
    """
    if not any(image.captioner for image in images):
        return picture_task(images) if documents is None else human_task(images, documents)
    found = () if documents is None else _of_images(images, documents, "rich text")
    source = ", ".join(sorted({image.captioner or "people" for image in images}))
    task = _task(images, found, [image.captions for image in images], "rich text", source)
    return _searching(task, Parameter("rich"))


def human_task(images: Sequence[CaptionedImage], documents: Mapping[str, RichText]) -> RetrievalTask:
    """Every human caption asks for its image. Raises InputError where an image has no document."""
    found = _of_images(images, documents, "rich text")
    return _task(images, found, [image.captions for image in images], "human", "people")


def picture_task(images: Sequence[CaptionedImage]) -> RetrievalTask:
    """Every human caption asks for its picture; there are no documents."""
    return _task(images, (), [image.captions for image in images], "human", "people")


def rich_text_task(
    images: Sequence[CaptionedImage], documents: Mapping[str, RichText], queries: Mapping[str, RichText]
) -> RetrievalTask:
    """Every variant of another rich text asks for its image. Raises InputError where an image has no document, or
    no query, or where every query is its own image's document."""
    asking = _of_images(images, queries, "query")
    texts = [[variant.text() for variant in text.variants] for text in asking]
    task = _task(images, _of_images(images, documents, "rich text"), texts, "rich text", models_of(asking))
    return _searching(task, Parameter("queries"))


def _searching(task: RetrievalTask, others: Parameter) -> RetrievalTask:
    """The task, where something is searched for in it. `others`: what names rich texts of another captioner."""
    if queries_in_documents(task) == 1.0:
        raise InputError(
            f"Every one of the {len(task.queries)} queries is a text of its own image's document, so that nothing is "
            "searched for. Name rich texts of another captioner with ",
            others,
            ".",
        )
    return task


def queries_in_documents(task: RetrievalTask) -> float:
    """Share, 0 to 1, of the queries that are letter for letter a text of their own image's document."""
    known = [{text.strip() for text in document.texts()} for document in task.documents]
    if not known:
        return 0.0
    found = [text.strip() in known[place] for text, place in zip(task.queries, task.owner.tolist(), strict=True)]
    return sum(found) / len(found) if found else 0.0


def models_of(texts: Sequence[RichText]) -> str:
    """The models that wrote the texts, by name."""
    return ", ".join(sorted({text.model or "unnamed" for text in texts}))


def _task(
    images: Sequence[CaptionedImage],
    documents: tuple[RichText, ...],
    queries: Sequence[Sequence[str]],
    kind: QueryKind,
    source: str,
) -> RetrievalTask:
    return RetrievalTask(
        images=tuple(image.image for image in images),
        documents=documents,
        queries=tuple(text for texts in queries for text in texts),
        owner=np.repeat(np.arange(len(images)), [len(texts) for texts in queries]),
        query_kind=kind,
        query_source=source,
    )


def _of_images(images: Sequence[CaptionedImage], texts: Mapping[str, RichText], what: str) -> tuple[RichText, ...]:
    by_key = {image_key(path): text for path, text in texts.items()}
    missing = [image.image for image in images if image_key(image.image) not in by_key]
    if missing:
        example = f" ({next(iter(texts))!r} is one that has)" if texts else ""
        raise InputError(
            f"{len(missing)} of {len(images)} images have no {what}; the first is {missing[0]!r}{example}. Paths must "
            "match in full; a figure over a part of the images could not be compared with others."
        )
    return tuple(by_key[image_key(image.image)] for image in images)
