"""Run files: one measurement as JSON, with everything that is needed to repeat it and to compare it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eval.leakage import Leakage
from eval.outcomes import Outcomes
from eval.provenance import DataFile
from eval.report import RetrievalReport
from trsllava.errors import InputError

FORMAT = 1


class MeasuredImage(BaseModel):
    """An image that was measured."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    group: str = ""
    """Its class, where the data set names one."""


class Run(BaseModel):
    """A run file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    kind: Literal["retrieval"] = "retrieval"
    """What was measured; each kind has a report of its own, outcomes are the same for all."""
    name: str = Field(min_length=1)
    made: datetime = Field(default_factory=lambda: datetime.now(UTC))
    report: RetrievalReport
    command: tuple[str, ...]
    versions: dict[str, str]
    commit: str | None
    seeds: dict[str, int] = {}
    """Empty: nothing was drawn."""
    settings: dict[str, Any]
    data: tuple[DataFile, ...]
    leakage: Leakage | None = None
    """None: it was not looked for."""
    images: tuple[MeasuredImage, ...]
    texts: tuple[str, ...]
    owner: tuple[int, ...]
    """The image that each text belongs to."""
    outcomes: dict[str, Outcomes]
    """By direction: `t2i`, `i2t`."""

    def write(self) -> str:
        """The file's text: one line of JSON."""
        return self.model_dump_json() + "\n"


def read_run(path: Path) -> Run:
    """Raises InputError, one sentence, for a file that is no run or one of another format."""
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read as a run file: {error}.") from error
    if not isinstance(row, dict) or "outcomes" not in row:
        raise InputError(f"{path} is no run file. `trsllava eval retrieval … --output run.json` writes one.")
    if row.get("format") != FORMAT:
        raise InputError(
            f"{path} is a run file of format {row.get('format')!r}, and this version of trsllava reads format "
            f"{FORMAT}. Measure again with --output, or read it with the version that wrote it."
        )
    try:
        return Run.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(
            f"{path} is a damaged run file: {'.'.join(map(str, first['loc'])) or 'run'}: {first['msg']}."
        ) from error


def derived_name(report: RetrievalReport) -> str:
    """What tells runs apart: who wrote the documents, the branches with their weights, the fusion, the encoders, what
    was done against hubs."""
    weights = report.weights
    branches = " + ".join(name if len(weights) == 1 else f"{weight:g} {name}" for name, weight in weights.items())
    fusion = f" ({report.fusion})" if report.fusion else ""
    encoders = [name.rpartition("/")[2] for name in (report.encoder, report.image_encoder) if name]
    parts = [
        report.protocol.documents,
        branches + fusion,
        *encoders,
        *([report.rescoring] if report.rescoring else []),
    ]
    return ", ".join(parts)
