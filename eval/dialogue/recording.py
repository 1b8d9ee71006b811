"""What is kept of simulated dialogues: a report, and runs that `eval report` and `eval compare` read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from eval.dialogue.evaluate import Measured
from eval.dialogue.report import DialogueReport
from eval.outcomes import retrieval_outcomes
from eval.provenance import DataFile, commit, versions
from eval.recording import data_read, without_keys
from eval.report import Protocol, RetrievalReport, measure
from eval.run import MeasuredImage, Run
from eval.task import RetrievalTask, models_of
from eval.trained_on import documents_trained_on, image_encoder_trained_on, text_encoder_trained_on
from trsllava.config import Settings
from trsllava.records import Branch
from trsllava.search.fusion import DEFAULT_FUSION, DEFAULT_WEIGHTS, TIE

_BRANCHES: tuple[Branch, ...] = ("dense", "bm25", "image")


class KeptDialogues(BaseModel):
    """What a file holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    made: datetime = Field(default_factory=lambda: datetime.now(UTC))
    report: DialogueReport
    command: tuple[str, ...]
    versions: dict[str, str]
    commit: str | None
    settings: dict[str, Any]
    data: tuple[DataFile, ...]

    def write(self) -> str:
        """The file's text: one line of JSON."""
        return self.model_dump_json() + "\n"


def kept_dialogue(
    report: DialogueReport,
    settings: Settings,
    files: Mapping[str, Path | None],
    images: Path,
    task: RetrievalTask,
    command: Sequence[str],
) -> KeptDialogues:
    """A report with all that is needed to repeat it. Raises ImageError where a file has gone."""
    return KeptDialogues(
        report=report,
        command=tuple(command),
        versions=versions(),
        commit=commit(),
        settings=without_keys(settings),
        data=data_read(files, images, task.images, task.documents),
    )


def dialogue_runs(
    measured: Measured,
    task: RetrievalTask,
    settings: Settings,
    files: Mapping[str, Path | None],
    images: Path,
    seed: int,
    command: Sequence[str],
) -> dict[str, Run]:
    """By method: how every dialogue ended, as a run whose queries are the first ones. Both ways go by the chances that
    the dialogues give the images."""
    data = data_read(files, images, task.images, task.documents)
    return {
        name: Run(
            name=f"{name}, {measured.report.answered_by}",
            report=_report(measured, name, task),
            command=tuple(command),
            versions=versions(),
            commit=commit(),
            seeds={"dialogues": seed},
            settings=without_keys(settings),
            data=data,
            images=tuple(MeasuredImage(path=image) for image in task.images),
            texts=task.queries,
            owner=tuple(task.owner.tolist()),
            outcomes=retrieval_outcomes(task, course.logits[-1], course.logits[-1]),
        )
        for name, course in measured.courses.items()
    }


def _report(measured: Measured, name: str, task: RetrievalTask) -> RetrievalReport:
    told, logits = measured.report, measured.courses[name].logits[-1]
    expected, bounds = measure(logits, logits, task.owner)
    texts = [len(document.texts()) for document in task.documents]
    return RetrievalReport(
        t2i=expected.t2i,
        i2t=expected.i2t,
        mR=expected.mR,
        bounds=bounds,
        encoder=told.encoder,
        image_encoder=told.image_encoder,
        branches=_BRANCHES,
        fusion=DEFAULT_FUSION,
        weights={branch: DEFAULT_WEIGHTS[branch] for branch in _BRANCHES},
        rescoring=None,
        bm25_average_length=None,
        protocol=Protocol(
            split=told.split,
            n_images=told.n_images,
            n_queries=told.n_dialogues,
            n_distinct_queries=len(set(task.queries)),
            queries="dialogue",
            query_source=f"{told.first_queries}, then {len(measured.courses[name].asked)} rounds of {name}; "
            f"answers: {told.answered_by}",
            documents=models_of(task.documents),
            texts_per_image=sum(texts) / len(texts),
            oracle=True,
            transductive=True,
            statistics="bm25: document frequencies; zscore: a caption's scores over all images; chances of attributes "
            "over all documents",
            ties=f"random in expectation within {TIE:g} (McSherry & Najork, ECIR 2008)",
            scoring="exact: every caption of a dialogue with every image",
            bank="none",
            captioner_trained_on=documents_trained_on("not stated", models_of(task.documents)),
            encoder_trained_on=text_encoder_trained_on(told.encoder),
            image_encoder_trained_on=image_encoder_trained_on(told.image_encoder),
        ),
    )
