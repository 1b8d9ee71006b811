"""Recall over K as a picture (SVG), one line a run."""

from __future__ import annotations

from collections.abc import Sequence

from eval.chart import Chart, Line
from eval.run import Run


def curves(runs: Sequence[Run], way: str, title: str) -> str:
    """An `<svg>` of recall over K from 1 on, logarithmic, in percent; empty where the runs have no curve."""
    lines = [Line(run.name, [(k, 100 * v) for k, v in sorted(run.outcomes[way].curve.items())]) for run in runs]
    if not all(line.points for line in lines) or len(lines[0].points) < 2:
        return ""
    widest = max(line.points[-1][0] for line in lines)
    top = _nice(max(share for line in lines for _, share in line.points))
    marks = [k for k in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if k <= widest]
    shares = [top * step / 4 for step in range(5)]
    return Chart(title, lines, "K, images or texts looked at", marks, shares, logarithmic=True).svg()


def _nice(highest: float) -> float:
    """The end of the axis: a number that four steps divide well."""
    return next(end for end in (4, 8, 12, 20, 40, 60, 80, 100) if highest <= end + 1e-9)
