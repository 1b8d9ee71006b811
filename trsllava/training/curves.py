"""A run's curves as one picture."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

_WIDTH, _HEIGHT, _MARGIN, _GAP = 420, 260, 46, 20
_COLOURS = ("#1b6ca8", "#d1495b", "#66a182", "#edae49", "#8d5a97", "#00798c", "#775b3f")
_RECALLS = "@"
_NOT_DRAWN = {"epoch", "seconds", "scale"}


def draw_curves(history: Sequence[Mapping[str, float]], path: Path) -> None:
    """Write an SVG: losses by epoch on the left (each as a share of its first value), validation recalls and mR in
    percent on the right."""
    names = [name for name in history[0] if name not in _NOT_DRAWN]
    recalls = [name for name in names if name == "mR" or _RECALLS in name]
    losses = [name for name in names if name not in recalls]
    left = {name: [line[name] / (history[0][name] or 1.0) for line in history] for name in losses}
    right = {name: [line[name] for line in history] for name in recalls}
    panels = [
        _panel("loss, share of the first epoch's", left, 0),
        _panel("validation, percent", right, _WIDTH + _GAP),
    ]
    text = "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * _WIDTH + _GAP}" height="{_HEIGHT}" '
            'font-family="sans-serif" font-size="11">',
            '<rect width="100%" height="100%" fill="white"/>',
            *(line for panel in panels for line in panel),
            "</svg>\n",
        ]
    )
    draft = path.with_suffix(".part")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)


def _panel(title: str, curves: Mapping[str, Sequence[float]], x: int) -> Iterable[str]:
    highest = max((value for curve in curves.values() for value in curve), default=1.0) or 1.0
    left, top = x + _MARGIN, _MARGIN // 2 + 8
    width, height = _WIDTH - _MARGIN - 86, _HEIGHT - _MARGIN - 22
    yield f'<text x="{left}" y="{top - 8}">{title}</text>'
    for share in (0.0, 0.5, 1.0):
        y = top + height * (1 - share)
        yield f'<line x1="{left}" x2="{left + width}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
        yield f'<text x="{left - 4}" y="{y + 4:.1f}" text-anchor="end">{share * highest:.3g}</text>'
    for place, (name, curve) in enumerate(curves.items()):
        colour = _COLOURS[place % len(_COLOURS)]
        step = width / max(1, len(curve) - 1)
        points = " ".join(f"{left + i * step:.1f},{top + height * (1 - v / highest):.1f}" for i, v in enumerate(curve))
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.6"/>'
        yield f'<text x="{left + width + 6}" y="{top + 10 + 15 * place}" fill="{colour}">{name} {curve[-1]:.3g}</text>'
    epochs = max((len(curve) for curve in curves.values()), default=0)
    yield f'<text x="{left + width}" y="{top + height + 16}" text-anchor="end">epoch {epochs}</text>'
