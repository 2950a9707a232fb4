"""From facts to HTML: one file that opens from disk, in two languages, with nothing from outside.

Everything is escaped. The page's own policy allows no script but the language switch, so that a name of a file
that says `<script>` would stay text even where an escape were forgotten.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from pipelines.reports.morning.totals import Ratio
from pipelines.reports.morning.trends import SERIES
from pipelines.reports.morning.words import TEXT
from schemas.records import RECORDS

_HERE = Path(__file__).parent
_SHORT = 12
_BOTH = Markup('<span class="zh" lang="zh-CN">{}</span><span class="en" lang="en">{}</span>')


def write_page(path: Path, template: str, **facts: Any) -> None:
    """Render a template into a file, whole or not at all."""
    html = _environment().get_template(template).render(**facts)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    partial.write_text(html, encoding="utf-8")
    partial.replace(path)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = ((_HERE / name).read_text(encoding="utf-8") for name in ("style.css", "language.js"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    environment.globals |= {
        "t": _say, "dataset": _name_dataset, "words": TEXT, "series": SERIES,
        "style": Markup(style), "script": Markup(script), "script_digest": digest,
    }  # fmt: skip
    environment.filters |= {
        "number": _number, "signed": _signed, "percent": _percent, "rate": _rate, "points": _points, "sums": _sums,
        "short": _short, "lasting": _lasting, "href": _href, "moment": _moment,
    }  # fmt: skip
    return environment


def _say(key: str, **values: Any) -> Markup:
    """A text in both languages; the style sheet shows one. An unknown key, such as a new rule, stands for itself."""
    zh, en = TEXT.get(key, (key, key))
    return _BOTH.format(*(Markup.escape(text).format(**values) if values else text for text in (zh, en)))


def _name_dataset(name: str) -> Markup:
    """The Chinese name of a dataset, its code in English; a name that is none stands for itself."""
    title = RECORDS[name].title if name in RECORDS else name
    return _BOTH.format(title, name)


def _number(value: int | None) -> str:
    return "—" if value is None else f"{value:,}"


def _signed(value: int) -> str:
    return f"{value:+,}".replace("-", "−") if value else "±0"


def _percent(above: int, below: int) -> str:
    return f"{100 * above / below:.2f}%" if below else "—"


def _rate(ratio: Ratio | None) -> str:
    return "—" if ratio is None else _percent(ratio.above, ratio.below)


def _points(now: Ratio | None, before: Ratio | None) -> str:
    """Difference of two rates in percentage points, from the exact quotients."""
    if now is None or before is None or now.value is None or before.value is None:
        return "—"
    difference: Fraction = 100 * (now.value - before.value)
    return f"{float(difference):+.2f}".replace("-", "−") if difference else "±0"


def _sums(ratio: Ratio) -> Markup:
    """Numerator and denominator; fen as yuan."""
    if ratio.unit == "fen":
        return Markup("{} ÷ {} {}").format(_yuan(ratio.above), _yuan(ratio.below), _say("yuan"))
    return Markup("{:,} ÷ {:,} {}").format(ratio.above, ratio.below, _say(f"{ratio.unit}_unit"))


def _yuan(fen: int) -> str:
    sign = "−" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def _short(digest: str) -> str:
    return digest[:_SHORT] if digest else "—"


def _lasting(seconds: int | None) -> str:
    if seconds is None:
        return "—"
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _moment(value: Any) -> str:
    return "—" if value is None else f"{value:%Y-%m-%d %H:%M:%S}"


def _href(parts: Sequence[str]) -> str:
    """A relative address of path segments, each percent-encoded."""
    return "/".join(part if part == ".." else quote(part, safe="") for part in parts)
