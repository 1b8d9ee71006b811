"""A run's curves as one picture."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from eval.chart import Chart, Line, marks_to, svg_file

_RECALLS = "@"
_NOT_DRAWN = {"epoch", "seconds", "scale"}


def draw_curves(history: Sequence[Mapping[str, float]], path: Path) -> None:
    """Write an SVG: losses by epoch on the left (each as a share of its first value), validation recalls and mR in
    percent on the right."""
    names = [name for name in history[0] if name not in _NOT_DRAWN]
    recalls = [name for name in names if name == "mR" or _RECALLS in name]
    losses = {
        name: [line[name] / (history[0][name] or 1.0) for line in history] for name in names if name not in recalls
    }
    charts = [
        _chart("loss, share of the first epoch's", losses),
        _chart("validation, percent", {name: [line[name] for line in history] for name in recalls}),
    ]
    draft = path.with_suffix(".part")
    draft.write_text(svg_file(*(chart for chart in charts if chart.lines)), encoding="utf-8")
    os.replace(draft, path)


def _chart(title: str, curves: Mapping[str, Sequence[float]]) -> Chart:
    lines = [Line(f"{name} {curve[-1]:.3g}", list(enumerate(curve, 1))) for name, curve in curves.items()]
    highest = max((y for curve in curves.values() for y in curve), default=0.0)
    epochs = max(map(len, curves.values()), default=0)
    return Chart(title, lines, "epoch", (0, epochs), marks_to(highest))
