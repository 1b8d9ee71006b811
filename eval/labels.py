"""Retrieval measured by shared labels, as LuojiaHOG does: not one image is right, but all that share a label."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from eval.datasets.captions import CaptionedImage, image_key
from eval.datasets.labels import LabelledImage, Level
from eval.metrics.acg import acg
from eval.metrics.label_map import label_ap
from eval.metrics.ndcg import ndcg
from eval.metrics.shared_labels import LabelRanking, rank_labels
from eval.metrics.weighted_map import weighted_ap
from eval.report import RetrievalReport
from eval.retrieval import Measurement
from eval.task import RetrievalTask, captions_task
from indexer.progress import Progress, no_progress
from trsllava.errors import InputError, Parameter
from trsllava.records import RichText

NS = (5, 10, 20, 50, 100)
"""The n of LuojiaHOG's tables."""

FIGURES: dict[str, Callable[[LabelRanking, int], float]] = {
    "MAP": label_ap,
    "WMAP": weighted_ap,
    "NDCG": ndcg,
    "ACG": acg,
}

_CHUNK = 256


class LabelReport(BaseModel):
    """One measurement: `{"MAP": {"5": …, "10": …}, "WMAP": …, "NDCG": …, "ACG": …}` each way, as in LuojiaHOG's tables
    not in percent. WMAP and ACG count labels, and may pass 1."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: Level | None = None
    """Of the tree of labels; None: the labels have no levels."""
    t2i: dict[str, dict[int, float]]
    i2t: dict[str, dict[int, float]]
    n_labels: int
    """Different ones that some image has."""
    labels_per_image: float
    n_unlabelled: int
    """Images without a label: what they and their texts ask for counts 0."""
    retrieval: RetrievalReport
    """How scores were made, and recall of the one right image from the same scores."""


@dataclass(frozen=True)
class LabelTask:
    """A retrieval task whose images have labels."""

    retrieval: RetrievalTask
    labels: NDArray[np.float32]
    """`(n, labels)` 1 where an image has a label and else 0."""


def label_task(
    labelled: Sequence[LabelledImage],
    documents: Mapping[str, RichText] | None,
    captioned: Sequence[CaptionedImage] | None = None,
) -> LabelTask:
    """Every caption of a labelled image asks for images that share its labels.

    Args:
        labelled: n images, what is measured.
        documents: rich texts by image; None: pictures alone are searched.
        captioned: who asks; None: the captions that came with the labels.

    Raises:
        InputError: where an image has no caption, or no rich text, or where every caption is its image's rich text.
    """
    told = {image_key(one.image): one for one in _with_captions(labelled) if captioned is None}
    told |= {image_key(one.image): one for one in captioned or ()}
    silent = [image.image for image in labelled if image_key(image.image) not in told]
    if silent:
        raise InputError(
            f"{len(silent)} of {len(labelled)} labelled images have no caption to query with; the first is "
            f"{silent[0]!r}. Name a file with the captions of all of them with ",
            Parameter("captions"),
            "; paths must match in full.",
        )
    asking = [told[image_key(image.image)].model_copy(update={"image": image.image}) for image in labelled]
    names = sorted(frozenset().union(*(image.labels for image in labelled)))
    has = [[name in image.labels for name in names] for image in labelled]
    return LabelTask(captions_task(asking, documents), np.array(has, np.float32).reshape(len(labelled), len(names)))


def _with_captions(labelled: Sequence[LabelledImage]) -> list[CaptionedImage]:
    """The captions that came with the labels."""
    return [
        CaptionedImage(image=image.image, captions=image.captions, captioner=image.captioner)
        for image in labelled
        if image.captions
    ]


def evaluate_labels(
    task: LabelTask,
    measured: Measurement,
    ns: Sequence[int] = NS,
    level: Level | None = None,
    progress: Progress = no_progress,
) -> LabelReport:
    """Label metrics both ways: each text ranks the images, each image the texts, and a text has its image's labels.

    Args:
        task: n images with labels, and q texts.
        measured: the scores of its retrieval task.
        ns: how many of the first items are looked at.
        level: of the labels, to be reported.
        progress: is told the stage, how much of it is done, and how much there is.
    """
    owner, has = task.retrieval.owner, task.labels
    by_text = _means(measured.by_text, has[owner], has, ns, lambda done, of: progress("rank images", done, of))
    by_image = _means(measured.by_image.T, has, has[owner], ns, lambda done, of: progress("rank texts", done, of))
    return LabelReport(
        level=level,
        t2i=by_text,
        i2t=by_image,
        n_labels=has.shape[1],
        labels_per_image=float(has.sum(axis=1).mean()),
        n_unlabelled=int((has.sum(axis=1) == 0).sum()),
        retrieval=measured.report,
    )


def _means(
    scores: NDArray[np.float32],
    asking: NDArray[np.float32],
    ranked: NDArray[np.float32],
    ns: Sequence[int],
    progress: Callable[[int, int], None],
) -> dict[str, dict[int, float]]:
    """Means over queries: scores `(q, n)`, labels of the queries `(q, labels)` and of what they rank `(n, labels)`."""
    sums = {name: dict.fromkeys(ns, 0.0) for name in FIGURES}
    for start in range(0, len(scores), _CHUNK):
        progress(start, len(scores))
        shared = np.rint(asking[start : start + _CHUNK] @ ranked.T).astype(np.int64)
        for row, own in zip(scores[start : start + _CHUNK], shared, strict=True):
            ranking = rank_labels(row, own, max(ns))
            for name, figure in FIGURES.items():
                for n in ns:
                    sums[name][n] += figure(ranking, n)
    progress(len(scores), len(scores))
    return {name: {n: total / len(scores) for n, total in by_n.items()} for name, by_n in sums.items()}
