"""Records and numbers as explanations show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from pipelines.engine.explanation import PLACE, Line, Record
from pipelines.engine.indicator import Inputs
from schemas.policies import PolicyRow
from schemas.records import RECORDS
from schemas.reports import REPORTS

NO_DENOMINATOR = "分母为 0，不计算比率"
_SHOWN_TERMS = 6


def records_of(inputs: Inputs, dataset: str, condition: pl.Expr | None = None) -> list[Record]:
    """The records of a dataset that meet the condition, in the order in which they lie, as plain rows."""
    rows = inputs.scan(dataset)
    return (rows if condition is None else rows.filter(condition)).collect().to_dicts()


def line_of(dataset: str, record: Mapping[str, Any], role: str, facts: Record, reasons: Iterable[str] = ()) -> Line:
    """A record with its place as a line of an explanation."""
    file, sheet, line = (record[c] for c in PLACE)
    key = {c: record[c] for c in RECORDS[dataset].key}
    return Line(dataset, file, sheet, line, key, role, facts, tuple(reasons))


def units(decimal: Decimal | None) -> int:
    """A decimal of four places as the integer of its last place (10⁻⁴)."""
    return 0 if decimal is None else int(decimal * 10**4)


def ratio(numerator: int, denominator: int) -> float | None:
    """The exact quotient rounded once; None without a denominator."""
    return None if denominator == 0 else numerator / denominator


def plain(value: int | Fraction | Decimal, scale: int = 1) -> str:
    """A number as a reader writes it: thousands separated, no trailing zeros, nothing rounded below 10⁻¹²."""
    exact = Fraction(value) / scale
    text = f"{Decimal(exact.numerator) / Decimal(exact.denominator):,.12f}"
    return text.rstrip("0").rstrip(".")


def yuan(fen: int) -> str:
    """Fen as yuan with two decimals."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def word(table: str, column: str, value: Any) -> Any:
    """The Chinese word of a value of a report column; a value without one as it is."""
    return REPORTS[table].column(column).spoken.get(value, value)


def spelling(dataset: str, column: str, value: str | None) -> str | None:
    """The Chinese word of a value of a record's column, its first spelling; one without any as it is."""
    spellings = next(c.values for c in RECORDS[dataset].columns if c.name == column)
    return spellings[value].split("|")[0] if value in spellings else value


def excuse_facts(excuse: Mapping[str, Any]) -> Record:
    """What an approved excuse says: the reason, who approved it and when, under which document."""
    return {
        "正当理由": excuse["reason_code"],
        "审批人": excuse["approved_by"],
        "审批日期": excuse["approved_on"] or "未填",
        "文号": excuse["document_no"],
        "有效期": f"{excuse['valid_from']} 至 {excuse['valid_to'] or '长期'}",
    }


def add_terms(terms: Sequence[str]) -> str:
    """A sum with its terms, the first six of many."""
    if len(terms) <= _SHOWN_TERMS:
        return " + ".join(terms) or "0"
    return " + ".join(terms[:_SHOWN_TERMS]) + f" + …（共 {len(terms)} 项）"


def add_yuan(terms: Iterable[int]) -> str:
    """A sum of fen in yuan, with its terms; those of zero are left out."""
    shown = [t for t in terms if t]
    total = f"{yuan(sum(shown))} 元"
    return total if len(shown) < 2 else f"{add_terms([yuan(t) for t in shown])} = {total}"


def after_as_of(day: date | None, as_of: date, what: str) -> list[str]:
    """The reason why something dated after as_of does not count, or none."""
    return [f"{what} {day} 晚于统计截止日 {as_of}"] if day is not None and day > as_of else []


def distinct(rows: Iterable[PolicyRow]) -> tuple[PolicyRow, ...]:
    """Policy rows in their order, each once; a row with a list as its value cannot be a key."""
    found: list[PolicyRow] = []
    for row in rows:
        if row not in found:
            found.append(row)
    return tuple(found)


def codes(*values: str | None) -> frozenset[str]:
    """Codes without the missing ones."""
    return frozenset(v for v in values if v)
