"""The templates of the morning pages, and how what only they show is written."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from pipelines.reports.morning.totals import Ratio
from pipelines.reports.morning.trends import SERIES
from pipelines.reports.morning.words import TEXT
from pipelines.reports.pages.formats import MINUS, MISSING, percent, yuan
from pipelines.reports.pages.frame import in_both, make_environment, write_whole
from schemas.records import RECORDS
from schemas.reports import REPORTS

_SHORT = 12


def write_page(path: Path, template: str, **facts: Any) -> None:
    """Render a template into a file, whole or not at all."""
    write_whole(path, _environment().get_template(template).render(**facts))


@cache
def _environment() -> jinja2.Environment:
    environment = make_environment(Path(__file__).parent / "templates", TEXT, "morning")
    environment.globals |= {"dataset": _name_dataset, "series": SERIES}
    environment.filters |= {"rate": _rate, "points": _points, "sums": _sums, "short": _short}
    return environment


def _name_dataset(name: str) -> Markup:
    """The Chinese name of a dataset or report table, its code in English; what is neither stands for itself."""
    if name in REPORTS:
        return in_both(REPORTS[name].title_zh, name)
    return in_both(RECORDS[name].title if name in RECORDS else name, name)


def _rate(ratio: Ratio | None) -> str:
    return MISSING if ratio is None else percent(ratio.above, ratio.below)


def _points(now: Ratio | None, before: Ratio | None) -> str:
    """Difference of two rates in percentage points, from the exact quotients."""
    if now is None or before is None or now.value is None or before.value is None:
        return MISSING
    difference: Fraction = 100 * (now.value - before.value)
    return f"{float(difference):+.2f}".replace("-", MINUS) if difference else "±0"


def _sums(ratio: Ratio, which: str) -> Markup:
    """What the rate `which` divides by what; fen as yuan."""
    above, below = (yuan(n) if ratio.unit == "fen" else f"{n:,}" for n in (ratio.above, ratio.below))
    return in_both(*(text.format(above=above, below=below) for text in TEXT[f"{which}_sums"]))


def _short(digest: str) -> str:
    return digest[:_SHORT] if digest else MISSING
