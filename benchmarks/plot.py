"""A bar chart as plain SVG: it opens anywhere and needs nothing from outside."""

from __future__ import annotations

from xml.sax.saxutils import escape

_COLOURS = {"ours": "#1f6f8b", "duckdb": "#e0a030", "floor": "#9aa5ab"}
_LEFT, _WIDTH, _BAR, _GAP, _HEAD = 130, 480, 16, 6, 30


def draw_bars(title: str, groups: list[tuple[str, list[tuple[str, float, str]]]]) -> str:
    """Return the SVG text of horizontal bars; `groups` are (heading, [(label, seconds, colour name)]).

    Every group has its own scale, so that a short one can be read beside a long one.
    """
    y = 44
    parts = [f'<text x="12" y="24" font-size="16" font-weight="bold">{escape(title)}</text>']
    for heading, bars in groups:
        parts.append(f'<text x="12" y="{y + 14}" font-weight="bold">{escape(heading)}</text>')
        y += _HEAD - 8
        longest = max((seconds for _, seconds, _ in bars), default=0.0) or 1.0
        for label, seconds, colour in bars:
            parts += _draw_bar(y, label, seconds, seconds / longest, _COLOURS[colour])
            y += _BAR + _GAP
        y += 10
    size = f'width="{_LEFT + _WIDTH + 90}" height="{y}"'
    style = 'font-family="sans-serif" font-size="12" fill="#222"'
    start = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>']
    ground = '<rect width="100%" height="100%" fill="#fff"/>'
    return "\n".join([*start, ground, *parts, "</svg>", ""])


def _draw_bar(y: int, label: str, seconds: float, share: float, colour: str) -> list[str]:
    length = max(1.0, share * _WIDTH)
    return [
        f'<text x="{_LEFT - 8}" y="{y + 12}" text-anchor="end">{escape(label)}</text>',
        f'<rect x="{_LEFT}" y="{y}" width="{length:.1f}" height="{_BAR}" fill="{colour}"/>',
        f'<text x="{_LEFT + length + 6:.1f}" y="{y + 12}">{seconds:.2f} s</text>',
    ]
