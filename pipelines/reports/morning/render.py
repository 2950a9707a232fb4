"""The templates of the morning pages, and how what only they show is written."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from pipelines.reports.beside import shown_table
from pipelines.reports.followed import column_of, list_trends, quotient_of
from pipelines.reports.morning.totals import Ratio
from pipelines.reports.morning.trends import COLOURS
from pipelines.reports.pages.formats import MINUS, MISSING, percent, yuan
from pipelines.reports.pages.frame import in_both, make_environment
from pipelines.store.store import Object
from schemas.declared import RULES
from schemas.measure import Measure
from schemas.records import RECORDS
from schemas.reports import REPORTS
from schemas.table import ReportTable, Terms
from schemas.units import unit_zh

_SHORT = 12


def write_page(page: Object, template: str, **facts: Any) -> None:
    """Render a template into an object."""
    page.put(_environment().get_template(template).render(**facts).encode())


@cache
def _environment() -> jinja2.Environment:
    environment = make_environment(Path(__file__).parent / "templates", "morning")
    environment.globals |= {"dataset": _name_dataset, "rule": _name_rule, "followed": list_trends(), "colours": COLOURS}
    environment.filters |= {"rate": _rate, "points": _points, "sums": _sums, "short": _short, "signed_yuan": _signed_yuan}
    return environment


def _name_dataset(name: str) -> Markup:
    """The Chinese name of a dataset or report table, its code in English; what is neither stands for itself."""
    if name in REPORTS:
        return in_both(REPORTS[name].title_zh, name)
    return in_both(RECORDS[name].title if name in RECORDS else name, name)


def _name_rule(code: str) -> Markup:
    """The words of a rule; one that nothing declares any more stands for itself."""
    return in_both(RULES[code].title_zh, RULES[code].title_en) if code in RULES else in_both(code, code)


def _rate(ratio: Ratio | None, measure: Measure) -> str:
    """A share in percent, anything else in its unit."""
    if ratio is None or ratio.value is None:
        return MISSING
    units = column_of(measure).units
    return _in_unit(f"{float(ratio.value):,.2f}", units) if units else percent(*ratio)


def _points(now: Ratio | None, before: Ratio | None, measure: Measure) -> str:
    """Difference of two rates from the exact quotients: of shares in percentage points, of anything else in its unit."""
    if now is None or before is None or now.value is None or before.value is None:
        return MISSING
    units, difference = column_of(measure).units, now.value - before.value
    if not difference:
        return "±0"
    told = f"{float(difference if units else 100 * difference):+,.2f}".replace("-", MINUS)
    return _in_unit(told, units) if units else told


def _in_unit(told: str, units: tuple[str, str]) -> Markup:
    return in_both(*(f"{told} {unit}" for unit in units))


def _signed_yuan(fen: int) -> str:
    """How an amount moved, in yuan."""
    if not fen:
        return "±0"
    return ("+" if fen > 0 else MINUS) + yuan(abs(fen))


def _sums(ratio: Ratio, measure: Measure) -> Markup:
    """What a measure divides by what, by the titles of the columns; fen as yuan."""
    table, of = shown_table(measure.table), quotient_of(measure)
    sides = ((of.above, ratio.above), (of.below, ratio.below))
    told = [(terms, *_amount(table.column(terms[0][1]).unit, n)) for terms, n in sides]
    if told[0][2] == told[1][2]:  # said once, behind both
        told[0] = (*told[0][:2], ("", ""))
    zh, en = (
        " ÷ ".join(f"{_titles(table, terms, at)} {number} {units[at]}".rstrip() for terms, number, units in told)
        for at in (0, 1)
    )
    return in_both(zh, en)


def _amount(unit: str, n: float) -> tuple[str, tuple[str, str]]:
    """A sum as people read it, and the unit behind it in Chinese and English: that of money, or of money times days."""
    if not unit.startswith("fen"):
        return f"{n:,.4f}".rstrip("0").rstrip("."), ("", "")
    unit = "yuan" + unit.removeprefix("fen")
    return yuan(int(n)), (unit_zh(unit), unit)


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
