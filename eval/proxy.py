"""The validation proxy: choose branches, fusion and weights by it where no machine captions exist, and spare test."""

from __future__ import annotations

from collections.abc import Sequence

from eval.datasets.captions import CaptionedImage
from eval.task import RetrievalTask, human_task
from trsllava.errors import InputError
from trsllava.records import RichCaption, RichText


def proxy_task(images: Sequence[CaptionedImage]) -> RetrievalTask:
    """An image's first caption is its document, its captions with other text are the queries.

    Images whose captions are all the same are left out: their query would be their document. Raises InputError
    where no image is left.
    """
    documents: dict[str, RichText] = {}
    asking: list[CaptionedImage] = []
    for image in images:
        first = next((caption for caption in image.captions if caption.strip()), None)
        others = tuple(caption for caption in image.captions if caption != first)
        if first is not None and others:
            documents[image.image] = RichText(variants=(RichCaption(caption=first),), model="people (first caption)")
            asking.append(image.model_copy(update={"captions": others}))
    if not asking:
        raise InputError("The proxy needs images with two different captions; this split has none.")
    return human_task(asking, documents)
