"""Sheets as indicators declare them, filled with the rows of a date: of an institution, a division, or all."""

from __future__ import annotations

import polars as pl

from pipelines.reports.added_up import add_up, with_rates_of
from pipelines.reports.beside import shown_table
from pipelines.reports.site.figures import Figures
from pipelines.reports.site.sheets.columns import heading
from pipelines.reports.site.sheets.sheet import ALL, PAGE, Filled, Heading
from pipelines.views.references import REFERENCES
from schemas.declared import SHOWN
from schemas.reports import REPORTS, ReportTable
from schemas.shown import Level, Sheet

_SIX = 6  # digits of a division; cities and provinces as a whole have fewer


def fill_sheets(figures: Figures, level: Level, *, alone: bool = False) -> dict[str, Filled]:
    """The sheets of every page of a level by their codes; with `alone` those with a page of their own."""
    filled = (fill(figures, sheet, level) for shown in SHOWN.values() for sheet in shown.all_sheets(level, alone=alone))
    return {sheet.name: sheet for sheet in filled if sheet}


def fill(figures: Figures, sheet: Sheet, level: Level) -> Filled | None:
    """One sheet with its rows by page; None where its table says nothing at the level."""
    table = shown_table(sheet.table)
    ways = table.alternatives
    in_every_way = ways is not None and ways.column in sheet.where
    if sheet.part and table.rolled_up:
        of, code = table.rolled_up
        rows = figures.named[sheet.table].filter(pl.col(of) == sheet.part).with_columns(pl.lit(ALL).alias(PAGE))
        rows = _with_parts(figures, sheet, rows, code)
    else:
        found = (figures.in_every_way if in_every_way else figures.named_at_level)(sheet.table, level)
        if found is None:
            return None
        rows = found
    if sheet.where:
        rows = rows.filter(pl.col(name).is_in(values) for name, values in sheet.where.items())
    if sheet.single:
        rows = rows.filter(pl.col(PAGE).str.len_chars() == _SIX)
    if sheet.by is not None:
        named = [f"{name}_name" for name in sheet.by if f"{name}_name" in rows.collect_schema().names()]
        rows = with_rates_of(add_up(rows, table.columns, [PAGE, *sheet.by, *named]), table)
    columns = [_heading(sheet, name) for name in sheet.columns]
    return Filled(sheet.code, columns, _sorted(rows.collect(), sheet, table))


def _heading(sheet: Sheet, name: str) -> Heading:
    parts = {column: table for table, column in (part.split(".") for part in sheet.code_parts)}
    changes = {"mark": sheet.mark[name]} if name in sheet.mark else {}
    return heading(parts.get(name, sheet.table), name, **changes)


def _with_parts(figures: Figures, sheet: Sheet, rows: pl.LazyFrame, code: str) -> pl.LazyFrame:
    """The parts of a code, between slashes, each with its name where it has one."""
    for at, part in enumerate(sheet.code_parts):
        table, _, name = part.partition(".")
        own = pl.col(code).str.splitn("/", len(sheet.code_parts)).struct.field(f"field_{at}")
        rows = rows.with_columns(own.alias(name))
        if (refers := REPORTS[table].column(name).refers) in REFERENCES:
            names = figures.names[refers].lazy().rename({"code": name, "name": f"{name}_name"})
            rows = rows.join(names, on=name, how="left")
    return rows


def _sorted(rows: pl.DataFrame, sheet: Sheet, table: ReportTable) -> pl.DataFrame:
    """By page in the sheet's order, then in that of its columns: the same rows always stand alike."""
    if rows.height < 2:
        return rows
    order = [(name.removeprefix("-"), name.startswith("-")) for name in sheet.order or sheet.by or ()]
    order += [(name, False) for name in (sheet.by if sheet.by is not None else rows.columns)]
    keys = [_key(table, name) for name, _ in order]
    return rows.sort(PAGE, *keys, descending=[False, *(falls for _, falls in order)], nulls_last=True)


def _key(table: ReportTable, name: str) -> pl.Expr:
    """What a column is sorted by: its place in the list where it has one."""
    values = list(table.column(name).values) if name in table.column_names else []
    return pl.col(name).cast(pl.Enum(values), strict=False) if values else pl.col(name)
