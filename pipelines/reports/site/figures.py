"""The published figures of one date, with names: each report table that pages show is read once, as columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl
import sqlalchemy as sa

from pipelines.database.open import METADATA
from pipelines.reports.added_up import sums_of, with_rates_of
from pipelines.reports.beside import beside_of, read_beside, shown_table
from pipelines.reports.read_frame import read_frame
from pipelines.reports.site.names import Names, add_names, read_names
from pipelines.reports.site.sheets.sheet import ALL, PAGE, page_of
from pipelines.views.references import REFERENCES
from schemas.declared import SHOWN
from schemas.reports import REPORTS, ReportTable
from schemas.shown import PARTIES, Level, party_of

FINDINGS = "findings"
_Where = Mapping[str, Collection[str]]


@dataclass(frozen=True)
class Figures:
    """What stands for a date: by report table its rows, with names in columns `…_name` beside codes.

    Of a table whose rows state the same money in several ways `rows` are those that count, `alternatives` the sums of an
    institution in each way. `institutions` are all that are known by name; `names` are the names themselves.
    """

    as_of: dt.date
    rows: Mapping[str, pl.DataFrame]
    alternatives: Mapping[str, pl.DataFrame]
    institutions: pl.DataFrame
    names: Names

    def at_level(self, table: str, level: Level, *, alternatives: bool = False) -> pl.DataFrame | None:
        """The rows of a report table by the page of a level that they stand on, or are added up for; None where they cannot
        be told apart at that level.
        """
        frame = (self.alternatives if alternatives else self.rows)[table]
        if level in PARTIES:
            column = party_of(REPORTS[table], level)
            return frame.with_columns(pl.col(column).alias(PAGE)) if column in frame.columns else None
        if rolled_up := REPORTS[table].rolled_up:
            of, code = rolled_up
            own = frame.filter(pl.col(of) == level)
            return own.with_columns((pl.lit(ALL) if level == ALL else pl.col(code)).alias(PAGE))
        is_there = level == ALL or f"{level}_code" in frame.columns
        return frame.with_columns(page_of(level)) if is_there else None

    def all_at_level(self, level: Level) -> list[pl.DataFrame]:
        """Every frame by the page of a level, of those that can be told apart there."""
        frames = [self.at_level(table, level) for table in self.rows]
        frames += [self.at_level(table, level, alternatives=True) for table in self.alternatives]
        return [frame for frame in frames if frame is not None]

    def pages_at(self, level: Level) -> list[str]:
        """Who or what has a page at a level, in order. A product or company has one where any row names it; whom only a finding
        names has none.
        """
        if level == ALL:
            return [ALL]
        if level not in PARTIES:
            return _each_once(frame[PAGE] for frame in self.all_at_level(level))
        return _each_once(
            frame[column.name]
            for table, frame in self.rows.items()
            if table != FINDINGS
            for column in REPORTS[table].columns
            if column.refers == level and column.name in frame.columns
        )


def _each_once(codes: Iterable[pl.Series]) -> list[str]:
    found = [pl.Series("code", [], pl.String), *(series.rename("code") for series in codes)]
    return pl.concat(found).drop_nulls().unique().sort().to_list()


def read_figures(connection: sa.Connection, as_of: dt.date) -> Figures:
    """The figures of a published date; every frame is empty where nothing is published for it."""
    names, wanted = read_names(connection), _wanted()
    rows, alternatives = {}, {}
    for name, wheres in wanted.items():
        table, t = REPORTS[name], METADATA.tables[name]
        columns = [c for c in t.columns if c.name not in ("as_of", "run_id")]
        chosen = _common(wheres)
        if table.alternatives:
            chosen[table.alternatives.column] = {table.alternatives.value}
            alternatives[name] = _read_alternatives(connection, table, as_of)
        conditions = (t.c[column].in_(sorted(values)) for column, values in chosen.items())
        frame = place_in_divisions(table, read_frame(connection, sa.select(*columns).where(t.c.as_of == as_of, *conditions)))
        rows[name] = _with_beside(connection, name, add_names(name, frame, names), as_of)
    return Figures(as_of, rows, alternatives, _read_institutions(connection, names), names)


def place_in_divisions(table: ReportTable, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows, of which those of cities and all (`of_divisions`) have no division: it would be the city's own level."""
    if table.of_divisions is None:
        return frame
    level, _, division = table.of_divisions
    return frame.with_columns(jurisdiction_code=pl.when(pl.col(level) == division).then("jurisdiction_code"))


def _wanted() -> dict[str, list[_Where]]:
    """The report tables that pages show, with the values of the rows that each of their sheets and figures needs."""
    wanted: dict[str, list[_Where]] = {FINDINGS: [{}]}
    for shown in SHOWN.values():
        needs: list[tuple[str, _Where]] = [(sheet.table, sheet.where) for sheet in shown.all_sheets()]
        needs += [(f.table, {name: {value} for name, value in f.where.items()}) for f in shown.all_figures()]
        needs += [(shown.breaks.table, {})] if shown.breaks else []
        for table, where in needs:
            wanted.setdefault(table, []).append(where)
    return wanted


def _common(wheres: Sequence[_Where]) -> dict[str, set[str]]:
    """What all of them ask for in common: columns of which none needs other values than these."""
    shared = set(wheres[0]).intersection(*wheres)
    return {column: {value for where in wheres for value in where[column]} for column in shared}


def _with_beside(connection: sa.Connection, name: str, frame: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    beside, found = beside_of(name), read_beside(connection, name, as_of)
    if beside is None or found is None:
        return frame
    added = {column.name for column in beside.columns}
    key = [column for column in found.columns if column not in added]
    joined = frame.join(found, on=key, how="left", maintain_order="left")
    return with_rates_of(joined, shown_table(name))


def _read_institutions(connection: sa.Connection, names: Names) -> pl.DataFrame:
    table = REFERENCES["institution"].table
    return add_names(table, read_frame(connection, sa.select(METADATA.tables[table])), names)


def _read_alternatives(connection: sa.Connection, table: ReportTable, as_of: dt.date) -> pl.DataFrame:
    """Sums by division and institution of every way in which rows of the table state the same money."""
    assert table.alternatives
    t = METADATA.tables[table.name]
    places = [name for name in ("jurisdiction_code", "institution_code") if name in t.c]
    keys = [t.c[name] for name in (*places, table.alternatives.column)]
    sums = sums_of(t, [column.name for column in table.columns if column.adds_up])
    return read_frame(connection, sa.select(*keys, *sums).where(t.c.as_of == as_of).group_by(*keys))
