"""Recall over K as a picture (SVG), one line a run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from eval.run import Run

COLOURS = 8
"""Runs with a colour of their own (`page.css`, classes s0 to s7); after them colours come again, dashed."""
_WIDTH, _HEIGHT = 520, 330
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 14, 14, 40


def curves(runs: Sequence[Run], way: str, title: str) -> str:
    """An `<svg>` of recall over K from 1 on, logarithmic, in percent; empty where the runs have no curve."""
    lines = [[(k, 100 * share) for k, share in sorted(run.outcomes[way].curve.items())] for run in runs]
    if not all(lines) or len(lines[0]) < 2:
        return ""
    widest = max(k for line in lines for k, _ in line)
    top = _nice(max(share for line in lines for _, share in line))

    def x(k: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * math.log(k) / math.log(widest)

    def y(share: float) -> float:
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * share / top

    marks = [k for k in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if k <= widest]
    grid = "".join(
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y(share):.1f}" y2="{y(share):.1f}"/>'
        f'<text class="tick" x="{_LEFT - 7}" y="{y(share) + 4:.1f}" text-anchor="end">{share:g}</text>'
        for share in (top * step / 4 for step in range(5))
    )
    grid += "".join(
        f'<line class="grid" x1="{x(k):.1f}" x2="{x(k):.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}"/>'
        f'<text class="tick" x="{x(k):.1f}" y="{_HEIGHT - _BOTTOM + 17}" text-anchor="middle">{k}</text>'
        for k in marks
    )
    drawn = "".join(
        f'<polyline class="{style(number)}" points="{" ".join(f"{x(k):.1f},{y(share):.1f}" for k, share in line)}">'
        f"<title>{escape(run.name)}</title></polyline>"
        for number, (run, line) in enumerate(zip(runs, lines, strict=True))
    )
    said = "; ".join(
        f"{run.name}: {line[0][1]:.1f} at {line[0][0]}, {line[-1][1]:.1f} at {line[-1][0]}"
        for run, line in zip(runs, lines, strict=True)
    )
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}"><desc>{escape(said)}</desc>'
        f"{grid}{drawn}"
        f'<text class="tick" x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{_HEIGHT - 6}" text-anchor="middle">'
        "K, images or texts looked at</text></svg>"
    )


def style(number: int) -> str:
    """Class of the line of a run by its place."""
    return f"line s{number % COLOURS}" + (" dashed" if number >= COLOURS else "")


def _nice(highest: float) -> float:
    """The end of the axis: a number that four steps divide well."""
    return next(end for end in (4, 8, 12, 20, 40, 60, 80, 100) if highest <= end + 1e-9)
