"""The templates of the morning pages, and how what only they show is written."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from pipelines.reports.beside import shown_table
from pipelines.reports.followed import quotient_of
from pipelines.reports.morning.totals import Ratio
from pipelines.reports.morning.trends import list_lines
from pipelines.reports.pages.formats import MINUS, MISSING, percent, yuan
from pipelines.reports.pages.frame import in_both, make_environment, write_whole
from schemas.declared import RULES, SHOWN
from schemas.measure import Measure
from schemas.records import RECORDS
from schemas.reports import REPORTS
from schemas.table import ReportTable, Terms

_SHORT = 12


def write_page(path: Path, template: str, **facts: Any) -> None:
    """Render a template into a file, whole or not at all."""
    write_whole(path, _environment().get_template(template).render(**facts))


@cache
def _environment() -> jinja2.Environment:
    environment = make_environment(Path(__file__).parent / "templates", "morning")
    environment.globals |= {
        "dataset": _name_dataset,
        "rule": _name_rule,
        "series": list_lines(),
        "breaks": [shown.breaks.note for shown in SHOWN.values() if shown.breaks],
    }
    environment.filters |= {"rate": _rate, "points": _points, "sums": _sums, "short": _short}
    return environment


def _name_dataset(name: str) -> Markup:
    """The Chinese name of a dataset or report table, its code in English; what is neither stands for itself."""
    if name in REPORTS:
        return in_both(REPORTS[name].title_zh, name)
    return in_both(RECORDS[name].title if name in RECORDS else name, name)


def _name_rule(code: str) -> Markup:
    """The words of a rule; one that nothing declares any more stands for itself."""
    return in_both(RULES[code].title_zh, RULES[code].title_en) if code in RULES else in_both(code, code)


def _rate(ratio: Ratio | None) -> str:
    return MISSING if ratio is None else percent(ratio.above, ratio.below)


def _points(now: Ratio | None, before: Ratio | None) -> str:
    """Difference of two rates in percentage points, from the exact quotients."""
    if now is None or before is None or now.value is None or before.value is None:
        return MISSING
    difference: Fraction = 100 * (now.value - before.value)
    return f"{float(difference):+.2f}".replace("-", MINUS) if difference else "±0"


def _sums(ratio: Ratio, measure: Measure) -> Markup:
    """What a measure divides by what, by the titles of the columns; fen as yuan."""
    table, of = shown_table(measure.table), quotient_of(measure)
    is_money = all(table.column(name).type == "fen" for name in of.columns)
    above, below = (yuan(n) if is_money else f"{n:,}" for n in ratio)
    zh, en = (f"{_titles(table, of.above, at)} {above} ÷ {_titles(table, of.below, at)} {below}" for at in (0, 1))
    return in_both(f"{zh} 元", f"{en} yuan") if is_money else in_both(zh, en)


def _titles(table: ReportTable, terms: Terms, language: int) -> str:
    """The titles of what is added up, in Chinese (0) or English (1), without the word for money."""
    words = ""
    for sign, name in terms:
        column = table.column(name)
        title = (column.title_zh.removesuffix("金额"), column.title_en)[language]
        words += (" + " if sign > 0 else f" {MINUS} ") * bool(words) + title
    return words


def _short(digest: str) -> str:
    return digest[:_SHORT] if digest else MISSING
