"""What a run leaves behind after every epoch, and how it goes on from there."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from trsllava.errors import InputError, Parameter
from trsllava.training.plan import TrainingPlan

_LAST = "last.pt"


@dataclass
class RunState:
    """Where a run stands."""

    epoch: int = 0
    """Epochs done."""
    best: float = -1.0
    """Best validation mR so far, percent."""
    best_epoch: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    """A line an epoch: losses, recalls, seconds."""


def check_run_folder(folder: Path) -> None:
    """Before minutes of work: raises InputError where a file has the place of the run's folder."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file, and a run is a folder. Choose another ", Parameter("output"), ".")


def save_run(folder: Path, plan: TrainingPlan, about: str, progress: RunState, state: Mapping[str, Any]) -> None:
    """Write `last.pt`, whole or not at all, and the history beside it as `history.json`.

    `about` says in words what data and network the run is of; `state` holds state dicts.
    """
    draft = folder / f"{_LAST}.part"
    torch.save({"plan": asdict(plan), "about": about, "progress": asdict(progress), **state}, draft)
    os.replace(draft, folder / _LAST)
    history = folder / "history.json.part"
    history.write_text(json.dumps(progress.history, indent=0), encoding="utf-8")
    os.replace(history, folder / "history.json")


def load_run(folder: Path, plan: TrainingPlan, about: str) -> tuple[RunState, dict[str, Any]] | None:
    """Progress and state of the run that `folder` holds, None where it holds none.

    Raises InputError where it is a run of another plan, other data or another network.
    """
    path = folder / _LAST
    if not path.exists():
        return None
    found = torch.load(path, weights_only=True, map_location="cpu")
    if found["about"] != about:
        raise InputError(f"{folder} holds a run on other data or another network ({found['about']}; asked for: "
                         f"{about}). Choose another ", Parameter("output"), ".")  # fmt: skip
    theirs, ours = found["plan"], asdict(plan)
    differing = [name for name in ours if theirs.get(name) != ours[name]]
    if differing:
        changes = ", ".join(f"{name} was {theirs.get(name)!r}, is {ours[name]!r}" for name in differing)
        raise InputError(
            f"{folder} holds a run with other settings ({changes}). Give those, or another ", Parameter("output"), "."
        )
    return RunState(**found["progress"]), found
