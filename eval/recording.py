"""What is put into run files and kept reports beside the figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.composed import ComposedReport
from eval.datasets.captions import CaptionedImage
from eval.kept import KeptReport
from eval.labels import LabelReport
from eval.leakage import Leakage
from eval.outcomes import retrieval_outcomes
from eval.provenance import DataFile, commit, data_documents, data_file, data_folder, versions
from eval.retrieval import Measurement, scoring_of
from eval.run import MeasuredImage, Run, derived_name
from eval.task import RetrievalTask
from trsllava.config import Settings
from trsllava.records import RichText


def recorded_run(
    task: RetrievalTask,
    measured: Measurement,
    settings: Settings,
    asked: Sequence[CaptionedImage],
    files: Mapping[str, Path | None],
    seeds: Mapping[str, int],
    images: Path | None,
    leakage: Leakage | None,
    name: str | None,
    command: Sequence[str],
) -> Run:
    """The run of a retrieval task. `files`: what was read, by what it is; `seeds`: of what was drawn; `command`: what
    made it, word by word. Raises ImageError where a file has gone."""

    scenes = {image.image: image.scene for image in asked}
    return Run(
        name=name or derived_name(measured.report),
        report=measured.report,
        command=tuple(command),
        versions=versions(),
        commit=commit(),
        seeds=dict(seeds),
        settings=without_keys(settings),
        data=data_read(files, images, task.images, task.documents),
        leakage=leakage,
        images=tuple(MeasuredImage(path=image, group=scenes[image]) for image in task.images),
        texts=task.queries,
        owner=tuple(task.owner.tolist()),
        outcomes=retrieval_outcomes(task, measured.by_text, measured.by_image),
    )


def kept_report(
    report: ComposedReport | LabelReport,
    settings: Settings,
    files: Mapping[str, Path | None],
    images: Path | None,
    names: Sequence[str],
    documents: Sequence[RichText],
    command: Sequence[str],
) -> KeptReport:
    """A report as it is kept. `files`: what was read, by what it is; `names`: of the images measured, paths within
    `images`; `documents`: of no file where `files` has no rich texts; `command`: what made it, word by word. Raises
    ImageError where a file has gone."""

    return KeptReport(
        report=report,
        command=tuple(command),
        versions=versions(),
        commit=commit(),
        settings=without_keys(settings),
        data=data_read(files, images, names, documents),
    )


def without_keys(settings: Settings) -> dict[str, Any]:
    """Settings without keys, the defaults of the fusion in them."""
    told = settings.model_dump(mode="json", exclude={"api_key", "encoder_api_key", "qdrant_api_key"})
    scoring = scoring_of(settings)
    return told | {"fusion": scoring.fusion, "weights": dict(scoring.weights)}


def data_read(
    files: Mapping[str, Path | None], images: Path | None, names: Sequence[str], documents: Sequence[RichText]
) -> tuple[DataFile, ...]:
    """What was read, file by file, and documents of no file. Raises ImageError where one has gone."""
    found = [data_file(role, path) for role, path in files.items() if path is not None]
    if files.get("rich texts") is None and documents:
        found.append(data_documents(documents))
    return (*found, *([data_folder("images", images, names)] if images is not None else []))
