"""A report of shared labels or of composed queries as a file, with everything that is needed to repeat it.

Runs of `eval retrieval` keep the outcome of every query as well, to be compared (`eval.run`).
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eval.composed import ComposedReport
from eval.labels import LabelReport
from eval.provenance import DataFile
from trsllava.errors import InputError
from trsllava.validation import first_fault


class KeptReport(BaseModel):
    """What a file holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    made: datetime = Field(default_factory=lambda: datetime.now(UTC))
    report: ComposedReport | LabelReport
    command: tuple[str, ...]
    versions: dict[str, str]
    commit: str | None
    settings: dict[str, Any]
    data: tuple[DataFile, ...]

    def write(self) -> str:
        """The file's text: one line of JSON."""
        return self.model_dump_json() + "\n"


def label_report_in(path: Path) -> KeptReport | None:
    """The report of shared labels that a file holds; None where it is no such file.

    Raises InputError for one that is damaged.
    """
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    report = row.get("report") if isinstance(row, dict) else None
    if not isinstance(report, dict) or "n_labels" not in report:
        return None
    try:
        LabelReport.model_validate(report)  # names its own fault, not one of the other kind of report
        return KeptReport.model_validate(row)
    except ValidationError as error:
        raise InputError(f"{path} is a damaged report of `eval labels`: {first_fault(error)}.") from error
