"""A report of shared labels or of composed queries as a file, with everything that is needed to repeat it.

Runs of `eval retrieval` keep the outcome of every query as well, to be compared (`eval.run`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from eval.composed import ComposedReport
from eval.labels import LabelReport
from eval.provenance import DataFile


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
