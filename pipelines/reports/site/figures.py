"""The published figures of one date, with names: each report table that pages show is read once, and lies beside by the
institutions of its rows, so that a part of the pages takes what it shows and no more is in memory.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl
import sqlalchemy as sa

from pipelines.database.open import METADATA
from pipelines.database.unload import schema_of, unload
from pipelines.reports.added_up import Frame, sums_of, with_rates_of
from pipelines.reports.beside import beside_of, read_beside, shown_table
from pipelines.reports.read_frame import in_words, read_frame
from pipelines.reports.site.names import Names, add_names, read_names
from pipelines.reports.site.sheets.sheet import ALL, PAGE
from pipelines.store.store import Store
from pipelines.views.references import REFERENCES
from schemas.declared import SHOWN
from schemas.reports import REPORTS, ReportTable
from schemas.shown import PARTIES, Level, party_of

FINDINGS = "findings"
_ROWS, _AT_ONCE = 16_384, 100_000
_FEW = 10_000
"""Tables of so few rows are read and named once for all pages."""
_Where = Mapping[str, Collection[str]]


@dataclass(frozen=True)
class Figures:
    """What stands for a date: by report table its `rows`, and the same with names in columns `…_name` beside codes (`named`).

    Of a table whose rows state the same money in several ways `rows` are those that count, `alternatives` the sums of an
    institution in each way. `institutions` are all that are known by name; `names` are the names themselves. A part has
    the rows of its `pages` alone, which follow each other.
    """

    as_of: dt.date
    rows: Mapping[str, pl.LazyFrame]
    named: Mapping[str, pl.LazyFrame]
    alternatives: Mapping[str, pl.LazyFrame]
    institutions: pl.DataFrame
    names: Names
    pages: Sequence[str] = ()

    def at_level(self, table: str, level: Level) -> pl.LazyFrame | None:
        """The rows of a report table by the page of a level that they stand on, or are added up for; None where they cannot
        be told apart at that level.
        """
        return self._by_page(table, self.rows[table], level)

    def named_at_level(self, table: str, level: Level) -> pl.LazyFrame | None:
        """The same with names."""
        return self._by_page(table, self.named[table], level)

    def in_every_way(self, table: str, level: Level) -> pl.LazyFrame | None:
        """The same of the sums of an institution in each way in which the table states them."""
        return None if level in PARTIES else self._by_page(table, self.alternatives[table], level)

    def _by_page(self, table: str, frame: pl.LazyFrame, level: Level) -> pl.LazyFrame | None:
        if level in PARTIES:
            column = party_of(REPORTS[table], level)
            return self._on_pages(frame, column) if column else None
        if rolled_up := REPORTS[table].rolled_up:
            of, code = rolled_up
            own = frame.filter(pl.col(of) == level)
            return own.with_columns(pl.lit(ALL).alias(PAGE)) if level == ALL else self._on_pages(own, code)
        if level == ALL:
            return frame.with_columns(pl.lit(ALL).alias(PAGE))
        if (code := f"{level}_code") not in REPORTS[table].column_names and code not in frame.collect_schema():
            return None
        return self._on_pages(frame.filter(pl.col(code) != ""), code)

    def _on_pages(self, frame: pl.LazyFrame, column: str) -> pl.LazyFrame:
        own = frame.filter(pl.col(column).is_between(pl.lit(self.pages[0]), pl.lit(self.pages[-1]))) if self.pages else frame
        return own.with_columns(pl.col(column).alias(PAGE))

    def all_at_level(self, level: Level) -> list[pl.LazyFrame]:
        """Every frame by the page of a level, of those that can be told apart there."""
        frames = [self.at_level(table, level) for table in self.rows]
        frames += [self.in_every_way(table, level) for table in self.alternatives]
        return [frame for frame in frames if frame is not None]

    def pages_at(self, level: Level) -> list[str]:
        """Who or what has a page at a level, in order. A product or company has one where any row names it; whom only a finding
        names has none.
        """
        if level == ALL:
            return [ALL]
        return self._count_rows(level)[PAGE].to_list()

    def parts(self, level: Level) -> Iterator[Figures]:
        """The figures in parts of some pages of a level each, in order, with about as many rows in each."""
        counted = self._count_rows(level)
        part = (pl.col("rows").cum_sum() // _AT_ONCE).alias("part")
        for own in counted.with_columns(part).partition_by("part", maintain_order=True):
            yield replace(self, pages=own[PAGE].to_list())

    def _count_rows(self, level: Level) -> pl.DataFrame:
        if level in PARTIES:
            frames = [
                self._on_pages(frame, column.name)
                for table, frame in self.rows.items()
                if table != FINDINGS
                for column in REPORTS[table].columns
                if column.refers == level
            ]
        else:
            frames = self.all_at_level(level)
        counts = [frame.group_by(PAGE).agg(pl.len().cast(pl.Int64).alias("rows")) for frame in frames]
        none = pl.LazyFrame(schema={PAGE: pl.String, "rows": pl.Int64})
        return pl.concat([none, *counts]).drop_nulls().group_by(PAGE).agg(pl.col("rows").sum()).sort(PAGE).collect()


def read_figures(connection: sa.Connection, as_of: dt.date, scratch: Store) -> Figures:
    """The figures of a published date; every frame is empty where nothing is published for it. Their rows lie in `scratch`."""
    names, wanted = read_names(connection), _wanted()
    rows, named, alternatives = {}, {}, {}
    for name, wheres in wanted.items():
        table, t = REPORTS[name], METADATA.tables[name]
        columns = [c for c in t.columns if c.name not in ("as_of", "run_id")]
        chosen = _common(wheres)
        if table.alternatives:
            chosen[table.alternatives.column] = {table.alternatives.value}
            alternatives[name] = _read_alternatives(connection, table, as_of).lazy()
        conditions = (t.c[column].in_(sorted(values)) for column, values in chosen.items())
        query = sa.select(*columns).where(t.c.as_of == as_of, *conditions)
        if "institution_code" in t.c:
            query = query.order_by(t.c.institution_code)
        kept = scratch.at(f"{name}.parquet")
        with kept.writing(in_words(pl.DataFrame(schema=schema_of(query))).schema) as write:
            for part in unload(connection, query, _ROWS):
                write(in_words(part))
        whole = _with_beside(connection, name, place_in_divisions(table, kept.scan()), as_of)
        rows[name] = whole.collect().lazy() if (is_small := kept.rows < _FEW) else whole
        with_names = add_names(name, rows[name], names)
        named[name] = with_names.collect().lazy() if is_small else with_names
    return Figures(as_of, rows, named, alternatives, _read_institutions(connection, names), names)


def place_in_divisions(table: ReportTable, frame: Frame) -> Frame:
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


def _with_beside(connection: sa.Connection, name: str, frame: pl.LazyFrame, as_of: dt.date) -> pl.LazyFrame:
    beside, found = beside_of(name), read_beside(connection, name, as_of)
    if beside is None or found is None:
        return frame
    added = {column.name for column in beside.columns}
    key = [column for column in found.columns if column not in added]
    joined = frame.join(found.lazy(), on=key, how="left", maintain_order="left")
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
