"""What a law is: something that holds of every report row, or of all rows of a table together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from schemas.table import Column, Quotient, ReportTable, Terms


class Changed(Protocol):
    """What a night changes in the report tables, as SQL that a law may select from."""

    def rows(self, table: str, *columns: str, beside: str = "") -> str:
        """What to select from: the rows that come (`sign` 1) and those that leave (`sign` -1), with these columns.

        Where nothing stands of the table `beside`, which came later to the database, all that stands of the other counts as
        coming: only then do the sums of both say the same.
        """

    def delta(self, table: str, *columns: str) -> str:
        """The distinct values of these columns, of the table's key, in rows that come or leave."""

    def missing(self, table: str, keys: str, *columns: str) -> str:
        """The rows of the query `keys` (`columns`, of the table's key) of which it has none once the night is published."""


@dataclass(frozen=True)
class Law:
    """Something that must hold of a report `table`; its check is called `<table>.<name>`.

    Either `broken_by`, an SQL condition on one row that no row may meet (`shown`: the columns that tell why), or
    `failing`: from what the night changes a query whose rows are what breaks the law, with `applied` a query of how many
    were looked at. Sums over rows are linear: over what comes less what leaves they hold if they held before.
    """

    table: str
    name: str
    message_zh: str
    broken_by: str = ""
    shown: tuple[str, ...] = ()
    failing: Callable[[Changed], str] | None = None
    applied: Callable[[Changed], str] | None = None

    @property
    def code(self) -> str:
        """The number of its check."""
        return f"{self.table}.{self.name}"


def adds_up(table: str, name: str, whole: str, parts: tuple[str, ...], message_zh: str) -> Law:
    """A whole is the sum of its parts, in whole numbers."""
    return Law(table, name, message_zh, f"{whole} <> {' + '.join(parts)}", (whole, *parts))


def at_most(table: str, name: str, part: str, whole: str, message_zh: str) -> Law:
    """A part is never more than the whole, a beginning never after its end."""
    return Law(table, name, message_zh, f"{part} > {whole}", (part, whole))


def laws_of(table: ReportTable) -> Iterator[Law]:
    """The laws that follow from what a table says of itself: of its rates, and of rows that sum up its other rows."""
    for column in table.columns:
        if column.of:
            yield _quotient(table, column, column.of)
    if table.rolled_up:
        yield _total(table, *table.rolled_up)


def _quotient(table: ReportTable, column: Column, of: Quotient) -> Law:
    """A rate is null exactly where its denominator is 0, and else the quotient to one part in a thousand million."""
    rate, above, below = column.name, _signed(of.above), _signed(of.below)
    # Multiplied out, lest anything is divided by 0; where terms are taken away, they and not the rest say what is close.
    size = f"ABS({above})" if _only_adds(of) else f"(ABS({rate}) * ({_size(of.below)}) + {_size(of.above)})"
    close = f"ABS({rate} * ({below}) - ({above})) <= 1e-9 * {size}"
    # Most are equal outright, which is found with less arithmetic.
    equal = f"WHEN {rate} * ({below}) = {above} THEN {below} = 0"
    broken_by = f"CASE WHEN {rate} IS NULL THEN {below} <> 0 {equal} ELSE {below} = 0 OR NOT {close} END"
    if any(table.column(name).nullable for name in of.columns):
        broken_by = f"COALESCE({broken_by}, {rate} IS NOT NULL)"
    if of.where:
        broken_by = f"{of.where} AND {broken_by}"
    message_zh = f"{column.title_zh}不是分子除以分母，或分母为 0 却有值"
    return Law(table.name, rate, message_zh, broken_by, (rate, *of.columns))


def _only_adds(of: Quotient) -> bool:
    return all(sign > 0 for sign, _ in (*of.above, *of.below))


def _signed(terms: Terms) -> str:
    return " ".join(f"{'+' if sign > 0 else '-'} {name}" for sign, name in terms).removeprefix("+ ")


def _size(terms: Terms) -> str:
    return " + ".join(f"ABS({name})" for _, name in terms)


def _total(table: ReportTable, level: str, code: str) -> Law:
    """What stands for all is the sum over institutions, in every column of money or number."""
    apart = [key for key in table.key if key not in ("as_of", level, code)]
    summed = [column.name for column in table.columns if column.type in ("fen", "count")]
    sums = {c: f"SUM(CASE {level} WHEN 'all' THEN sign ELSE -sign END * COALESCE({c}, 0))" for c in summed}

    def failing(changed: Changed) -> str:
        shown = [*apart, *(f"{sql} AS {column}_difference" for column, sql in sums.items())]
        differs = " OR ".join(f"{sql} <> 0" for sql in sums.values())
        rows = changed.rows(table.name, level, *apart, *summed)
        of_both = f"{level} IN ('all', 'institution')"
        return f"SELECT {', '.join(shown)} FROM {rows} WHERE {of_both} GROUP BY {', '.join(apart)} HAVING {differs}"

    def applied(changed: Changed) -> str:
        return f"SELECT COUNT(*) FROM ({changed.delta(table.name, *apart)}) AS totals"

    return Law(table.name, "all", "合计行不等于各医疗机构之和", failing=failing, applied=applied)
