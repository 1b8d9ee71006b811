"""What `trsllava eval` commands put into a run file beside the figures."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from eval.composed import ComposedReport
    from eval.datasets.captions import CaptionedImage
    from eval.kept import KeptReport
    from eval.labels import LabelReport
    from eval.leakage import Leakage
    from eval.provenance import DataFile
    from eval.retrieval import Measurement
    from eval.run import Run
    from eval.task import RetrievalTask
    from indexer.progress import Progress
    from trsllava.config import Settings
    from trsllava.records import RichText

Training = Annotated[
    Path | None,
    typer.Option("--training", help="Captions that a model was trained on: what leaked from them is told."),
]
TrainedOn = Annotated[
    str, typer.Option("--trained-on", help="What the captioner was trained on; reported with the figures.")
]
ReportFile = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="Write the report as JSON with all that is needed to repeat it."),
]
TrainSplit = Annotated[str, typer.Option("--train-split", help="Split of the training captions.")]


def recorded(
    task: RetrievalTask,
    measured: Measurement,
    settings: Settings,
    asked: Sequence[CaptionedImage],
    files: Mapping[str, Path | None],
    seeds: Mapping[str, int],
    images: Path | None,
    leakage: Leakage | None,
    name: str | None,
) -> Run:
    """The run of a retrieval task. `files`: what was read, by what it is; `seeds`: of what was drawn. Raises
    ImageError where a file has gone."""
    from eval.outcomes import retrieval_outcomes
    from eval.provenance import commit, versions
    from eval.run import MeasuredImage, Run, derived_name

    scenes = {image.image: image.scene for image in asked}
    return Run(
        name=name or derived_name(measured.report),
        report=measured.report,
        command=("trsllava", *sys.argv[1:]),
        versions=versions(),
        commit=commit(),
        seeds=dict(seeds),
        settings=_told(settings),
        data=_data(files, images, task.images, task.documents),
        leakage=leakage,
        images=tuple(MeasuredImage(path=image, group=scenes[image]) for image in task.images),
        texts=task.queries,
        owner=tuple(task.owner.tolist()),
        outcomes=retrieval_outcomes(task, measured.by_text, measured.by_image),
    )


def kept(
    report: ComposedReport | LabelReport,
    settings: Settings,
    files: Mapping[str, Path | None],
    images: Path | None,
    names: Sequence[str],
    documents: Sequence[RichText],
) -> KeptReport:
    """A report as it is kept. `files`: what was read, by what it is; `names`: of the images measured, paths within
    `images`; `documents`: of no file where `files` has no rich texts. Raises ImageError where a file has gone."""
    from eval.kept import KeptReport
    from eval.provenance import commit, versions

    return KeptReport(
        report=report,
        command=("trsllava", *sys.argv[1:]),
        versions=versions(),
        commit=commit(),
        settings=_told(settings),
        data=_data(files, images, names, documents),
    )


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
    from eval.leakage import Pictures, find_leakage

    pictures = None
    if images is not None:
        pictures = Pictures(images, task.images), Pictures(images, [image.image for image in learnt])
    return find_leakage(task.documents, task.queries, learnt, source, pictures, progress=progress)


def _told(settings: Settings) -> dict[str, Any]:
    """Settings without keys."""
    return settings.model_dump(mode="json", exclude={"api_key", "encoder_api_key", "qdrant_api_key"})


def _data(
    files: Mapping[str, Path | None], images: Path | None, names: Sequence[str], documents: Sequence[RichText]
) -> tuple[DataFile, ...]:
    from eval.provenance import data_documents, data_file, data_folder

    found = [data_file(role, path) for role, path in files.items() if path is not None]
    if files.get("rich texts") is None and documents:
        found.append(data_documents(documents))
    return (*found, *([data_folder("images", images, names)] if images is not None else []))
