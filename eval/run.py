"""Run files: one measurement as JSON, with everything that is needed to repeat it and to compare it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from eval.leakage import Leakage
from eval.outcomes import Outcomes
from eval.provenance import DataFile
from eval.report import KS, RetrievalReport
from trsllava.errors import InputError, Parameter
from trsllava.validation import first_fault, reason_of

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

    @model_validator(mode="after")
    def _every_place_is_there(self) -> Run:
        """What is read of a run can be looked up: a file may have been cut or edited by hand."""
        if not (self.images and self.texts):
            raise ValueError("there are no images or no texts")
        if len(self.owner) != len(self.texts):
            raise ValueError(f"{len(self.texts)} texts have {len(self.owner)} owners")
        _check_places("owner", self.owner, len(self.images))
        if set(self.outcomes) != {"t2i", "i2t"}:
            raise ValueError(f"outcomes of {', '.join(sorted(self.outcomes)) or 'nothing'}, not of t2i and i2t")
        for way, side in self.outcomes.items():
            self._check_outcomes(way, side)
        return self

    def _check_outcomes(self, way: str, side: Outcomes) -> None:
        if f"{side.asked_with} {side.found}" != {"t2i": "text image", "i2t": "image text"}[way]:
            raise ValueError(f"{way} asks with {side.asked_with} and finds {side.found}")
        if set(side.values) != {f"R@{k}" for k in KS}:
            raise ValueError(f"{way}.values are of {', '.join(side.values) or 'nothing'}")
        if not side.queries:
            raise ValueError(f"{way} has no queries")
        count = {"text": len(self.texts), "image": len(self.images)}
        _check_places(f"{way}.queries", side.queries, count[side.asked_with])
        for wrong in side.wrong:
            _check_places(f"{way}.wrong", wrong, count[side.found])
        own = side.queries if way == "i2t" else tuple(self.owner[place] for place in side.queries)
        if side.unit != own:
            raise ValueError(f"{way}.unit is not the image that each query belongs to")
        if silent := set(side.unit) - set(self.owner):
            raise ValueError(f"{way}.unit: image {min(silent)} has no text")

    def write(self) -> str:
        """The file's text: one line of JSON."""
        return self.model_dump_json() + "\n"


def _check_places(what: str, places: Iterable[int], count: int) -> None:
    outside = next((place for place in places if not 0 <= place < count), None)
    if outside is not None:
        raise ValueError(f"{what}: there is no place {outside} among {count}")


def read_run(path: Path) -> Run:
    """Raises InputError, one sentence, for a file that is no run or one of another format."""
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read as a run file: {reason_of(error)}.") from error
    if not isinstance(row, dict) or "outcomes" not in row:
        raise InputError(
            f"{path} is not a run file. `trsllava eval retrieval` writes one with ",
            Parameter("output", "run.json"),
            ".",
        )
    if row.get("format") != FORMAT:
        raise InputError(
            f"{path} is a run file of format {row.get('format')!r}, and this version of trsllava reads format "
            f"{FORMAT}. Measure again with ",
            Parameter("output"),
            ", or read it with the version that wrote it.",
        )
    try:
        return Run.model_validate(row)
    except ValidationError as error:
        raise InputError(f"{path} is a damaged run file: {first_fault(error)}.") from error


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
