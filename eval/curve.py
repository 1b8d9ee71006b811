"""One curve as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

_WIDTH, _HEIGHT, _LEFT, _TOP, _PLOT_WIDTH, _PLOT_HEIGHT = 480, 300, 52, 30, 400, 220


def draw_curve(points: Mapping[float, float], title: str, across: str) -> str:
    """An SVG of y (0 and up) by x, at least two points; the highest is marked with its place and value."""
    xs, ys = sorted(points), [points[x] for x in sorted(points)]
    top = max(ys) or 1.0
    low, span = xs[0], xs[-1] - xs[0]

    def at(x: float, y: float) -> tuple[float, float]:
        return _LEFT + _PLOT_WIDTH * (x - low) / span, _TOP + _PLOT_HEIGHT * (1 - y / top)

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" font-family="sans-serif" '
        'font-size="11">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="{_LEFT}" y="18">{escape(title)}</text>',
    ]
    for share in (0.0, 0.5, 1.0):
        _, y = at(low, share * top)
        lines.append(f'<line x1="{_LEFT}" x2="{_LEFT + _PLOT_WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        lines.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{share * top:.2f}</text>')
        x, _ = at(low + share * span, 0)
        lines.append(
            f'<text x="{x:.1f}" y="{_TOP + _PLOT_HEIGHT + 16}" text-anchor="middle">{low + share * span:g}</text>'
        )
    path = " ".join("{:.1f},{:.1f}".format(*at(x, y)) for x, y in zip(xs, ys, strict=True))
    best = max(xs, key=lambda x: points[x])
    x, y = at(best, points[best])
    lines += [
        f'<polyline points="{path}" fill="none" stroke="#1b6ca8" stroke-width="1.8"/>',
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="#d1495b"/>',
        f'<text x="{x + 6:.1f}" y="{y - 6:.1f}" fill="#d1495b">{points[best]:.2f} at {best:g}</text>',
        f'<text x="{_LEFT + _PLOT_WIDTH / 2}" y="{_HEIGHT - 8}" text-anchor="middle">{escape(across)}</text>',
        "</svg>",
    ]
    return "\n".join(lines) + "\n"
