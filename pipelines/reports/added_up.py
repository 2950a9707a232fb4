"""Sums of report rows for an institution, a division or all, and rates as quotients of the sums: Σ ÷ Σ, never a mean of rates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import polars as pl
import polars.selectors as cs
import sqlalchemy as sa

from pipelines.database.tables import METADATA
from pipelines.engine.figures import quotient_of, total_of
from pipelines.reports.beside import read_beside, shown_table
from pipelines.reports.read_frame import read_frame
from schemas.table import Column, ReportTable

Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)


def at_level(table: ReportTable, t: sa.FromClause, level: str) -> tuple[sa.ColumnElement[bool], list[sa.ColumnElement[str]]]:
    """Which rows of a report table, or of its versions, hold the figures of a level, and the column that names whose they are.

    A table that is rolled up has rows of its own for each level; of others those of a level are added up. Of all there is
    nothing to name.
    """
    if table.rolled_up:
        name, code = table.rolled_up
        return t.c[name] == level, [] if level == "all" else [t.c[code]]
    return sa.true(), [] if level == "all" else [t.c[f"{level}_code"]]


def having(t: sa.FromClause, where: Mapping[str, str]) -> list[sa.ColumnElement[bool]]:
    """The rows with these values."""
    return [t.c[name] == value for name, value in where.items()]


def sums_of(t: sa.FromClause, names: Iterable[str]) -> list[sa.ColumnElement[Any]]:
    """Sums of columns in the database, each under its name; packs are doubles, all else is whole."""
    kinds = {name: sa.Double if isinstance(t.c[name].type, sa.Double) else sa.BigInteger for name in names}
    return [sa.cast(sa.func.sum(t.c[name]), kind).label(name) for name, kind in kinds.items()]


def exact(number: float | None) -> float:
    """A sum of packs without what adding doubles leaves behind their four decimals; other sums as they are."""
    return round(number, 4) if isinstance(number, float) else number or 0


def within(column: sa.ColumnElement[str], prefixes: Sequence[str]) -> sa.ColumnElement[bool]:
    """The rows whose code begins with one of these; all where there are none."""
    return sa.or_(*map(column.startswith, prefixes)) if prefixes else sa.true()


def read_sums(
    connection: sa.Connection,
    name: str,
    columns: Iterable[str],
    by: Sequence[str],
    as_of: dt.date,
    *,
    where: Mapping[str, str],
    jurisdictions: Sequence[str] = (),
) -> pl.DataFrame:
    """Sums of `columns` of a report table, and of what stands beside them, on a published date: a row for each value of `by`,
    over all, or over the divisions that begin with one of `jurisdictions`.
    """
    table, t, level = shown_table(name), METADATA.tables[name], "jurisdiction" if jurisdictions else "all"
    rows_at, codes = at_level(table, t, level)
    keys = [t.c[key] for key in by]
    wanted = (t.c.as_of == as_of, rows_at, *having(t, where), *(within(code, jurisdictions) for code in codes))
    own, others = [c for c in columns if c in t.c], [c for c in columns if c not in t.c]
    sums = read_frame(connection, sa.select(*keys, *sums_of(t, own)).where(*wanted).group_by(*keys))
    beside = read_beside(connection, name, as_of) if others else None
    if beside is None or table.rolled_up is None:
        return sums
    place, code = table.rolled_up
    starts = [pl.col(code).str.starts_with(prefix) for prefix in jurisdictions]
    inside = beside.filter(pl.col(place) == level, pl.any_horizontal(pl.lit(not jurisdictions), *starts))
    return sums.join(add_up(inside, table.columns, by), on=by, how="left")


def add_up(rows: Frame, columns: Iterable[Column], by: Sequence[str]) -> Frame:
    """Sums of what adds up in the rows by some of their columns; null where all that is added is."""
    has = set(rows.collect_schema().names())
    names = [c.name for c in columns if c.adds_up and c.name in has and c.name not in by]
    sums = rows.lazy().group_by(by).agg(pl.when(pl.col(n).count() > 0).then(pl.col(n).sum()) for n in names)
    return _like(rows, sums.with_columns(cs.float().exclude(by).round(4)))


def with_rates_of(rows: Frame, table: ReportTable) -> Frame:
    """The rates of a report table that the rows lack, of which they have what they are quotients of."""
    has = set(rows.collect_schema().names())
    return rows.with_columns(
        quotient_of(total_of(column.of.above), total_of(column.of.below)).alias(column.name)
        for column in table.columns
        if column.of and column.name not in has and has.issuperset(column.of.columns)
    )


def _like(given: Frame, found: pl.LazyFrame) -> Frame:
    return found.collect() if isinstance(given, pl.DataFrame) else found
