"""The methods that are compared, behind one interface: DiaRet's DIR in full, its variants (Figure 5), and others'."""

from __future__ import annotations

from collections.abc import Sequence

from eval.dialogue.simulation import Method
from trsllava.dialogue.state import DialogueSettings
from trsllava.errors import InputError, Parameter

FULL = "dir"
_CHOSEN = DialogueSettings()
_CAPTIONS_RANK = {"share": 0.0, "temperature": 1.0}
"""Baselines rank by the caption alone: a temperature changes no order."""


def methods(rounds: int, seed: int = 0, full: DialogueSettings = _CHOSEN) -> dict[str, Method]:
    """By name. `full`: how DIR asks and counts; all others share its limits."""
    limits = {"rounds": rounds, "seed": seed, "least_gain": 0.0}
    base = full.model_copy(update=limits)
    plain = base.model_copy(update={"opening": False, "enrichment": 0, **_CAPTIONS_RANK})
    of_name = {
        "rewriting": plain.model_copy(update={"rounds": 0, "enrichment": max(1, full.enrichment)}),
        "random": plain.model_copy(update={"questioner": "random"}),
        "chatir": plain.model_copy(update={"questioner": "chatir", "reformulator": "appended"}),
        "plugir": plain.model_copy(update={"questioner": "plugir"}),
        FULL: base,
        "dir, yes or no": base.model_copy(update={"opening": False}),
        "dir, random questions": base.model_copy(update={"questioner": "random"}),
        "dir, captions alone": base.model_copy(update={"share": 0.0}),
    }
    return {name: Method(name, settings) for name, settings in of_name.items()}


def chosen_methods(names: str, rounds: int, seed: int = 0) -> Sequence[Method]:
    """`random,dir` as methods; empty for all. Raises InputError for an unknown one."""
    known = methods(rounds, seed)
    asked = [name.strip() for name in names.split("+")] if names else list(known)
    unknown = [name for name in asked if name not in known]
    if unknown:
        raise InputError(Parameter("methods"), f" accepts {', '.join(known)}, not {unknown[0]!r}.")
    return [known[name] for name in asked]
