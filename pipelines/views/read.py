"""What people's views show, for programs: a frame with Chinese headers, and what its columns hold."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple, cast

import polars as pl
import sqlalchemy as sa

from pipelines.errors import UsageError
from pipelines.views.shown import JURISDICTION, Dialect, Shown, show
from pipelines.views.views import quote_name, view_of
from schemas.reports import REPORTS

AS_OF = "统计截止日"
_DTYPES: dict[str, pl.DataType] = {
    "date": pl.Date(),
    "double": pl.Float64(),
    "yuan": pl.Decimal(22, 2),
    "count": pl.Int64(),
    "integer": pl.Int64(),
}


class Seen(NamedTuple):
    """The rows a people's view shows, and its columns in the order of the frame."""

    rows: pl.DataFrame
    columns: tuple[Shown, ...]


def see(connection: sa.Connection, table: str, as_of: date | None = None, jurisdiction: str = "") -> Seen:
    """Return what people see of a report table: `rows` with Chinese headers, `columns` with title, type, unit.

    Of a figure table the rows of the published date `as_of`, without it those of the latest one; of any other
    table all rows, or those of `as_of` where it has dates. `jurisdiction` is a prefix of a division code. Texts and
    codes are strings, money is Decimal(22, 2) in yuan, rates and quantities are unrounded doubles, dates are dates.
    Rows are in the order of the table's key. No rows when nothing was published for the date. UsageError when the
    table has no date or no division to choose by.
    """
    report = REPORTS[table]
    dialect = cast(Dialect, connection.dialect.name)
    columns, _ = show(report, dialect)
    titles = {shown.title for shown in columns}
    wanted: list[str] = []
    values: dict[str, Any] = {}
    if report.figure and as_of is None:
        wanted.append(f"{quote_name(AS_OF)} = (SELECT MAX(as_of) FROM publications)")
    elif as_of is not None:
        _require(AS_OF, titles, table)
        wanted.append(f"{quote_name(AS_OF)} = :as_of")
        values["as_of"] = as_of
    if jurisdiction:
        _require(JURISDICTION, titles, table)
        # No LIKE: a prefix is taken as it stands.
        wanted.append(f"substr({quote_name(JURISDICTION)}, 1, {len(jurisdiction)}) = :jurisdiction")
        values["jurisdiction"] = jurisdiction
    listed = ", ".join(quote_name(shown.title) for shown in columns)
    where = f" WHERE {' AND '.join(wanted)}" if wanted else ""
    query = sa.text(f"SELECT {listed} FROM {quote_name(view_of(table))}{where}")
    if "as_of" in values:
        query = query.bindparams(sa.bindparam("as_of", type_=sa.Date()))
    found = connection.execute(query, values).all()
    rows = _frame(found, columns, dialect)
    key = [shown.title for name in report.key for shown in columns if shown.origin == name]
    return Seen(rows.sort(key), columns)


def _require(title: str, titles: set[str], table: str) -> None:
    if title not in titles:
        raise UsageError(f"表 {table}（{REPORTS[table].title_zh}）没有“{title}”这一列，不能按它选取")


def _frame(rows: Any, columns: tuple[Shown, ...], dialect: Dialect) -> pl.DataFrame:
    """The rows in the types of the columns, the same whichever database they come from."""
    by_column = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    return pl.DataFrame([_series(*pair, dialect) for pair in zip(columns, by_column, strict=True)])


def _series(shown: Shown, values: tuple[Any, ...], dialect: Dialect) -> pl.Series:
    dtype = _DTYPES.get(shown.type, pl.String())
    if dialect == "sqlite" and shown.type == "yuan":  # the nearest doubles: rounded, they are the fen again
        return pl.Series(shown.title, values, dtype=pl.Float64).cast(dtype)
    if dialect == "sqlite" and shown.type == "date":
        return pl.Series(shown.title, values, dtype=pl.String).str.to_date()
    return pl.Series(shown.title, values, dtype=dtype)
