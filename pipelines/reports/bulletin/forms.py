"""Official forms: workbooks beside the bulletin, with a sheet for each lot."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipelines.database.tables import METADATA
from pipelines.reports.added_up import within
from pipelines.reports.bulletin.form.workbook import Sheet, open_book, write_sheet
from pipelines.reports.bulletin.listing import SUM, Cell, Head, Kind, Row, list_rows
from pipelines.reports.bulletin.subject import Subject
from schemas.declared import SHOWN
from schemas.form import Form
from schemas.reports import REPORTS, Column, ReportTable
from schemas.section import Entry, Titles

_PLACE = (
    Head("医疗机构", "institution", "text"),
    Head("医疗机构编码", "code", "text"),
    Head("地区", "division", "text"),
    Head("批次", "lot", "text"),
)
_KINDS: Mapping[str, Kind] = {"fen": "yuan", "date": "date", "count": "count", "text": "text"}
_CODES = {"institution": "institution_code", "division": "jurisdiction_code", "lot": "lot_code"}
_LONGEST = 31
"""More letters the title of a sheet must not have."""


@dataclass(frozen=True)
class Written:
    """A form that was written, and the csv files that hold what a sheet could not."""

    titles: Titles
    path: Path
    cut: tuple[Path, ...]


def write_forms(connection: sa.Connection, subject: Subject, folder: Path, sheet_rows: int) -> Iterator[Written]:
    """Write `<code>-<as_of>.xlsx` for each form that has rows on the date, in the scope of the bulletin.

    `take_names` has been called on the connection before.
    """
    for form in (form for shown in SHOWN.values() for form in shown.forms):
        if lots := _read_lots(connection, subject, form):
            path = folder / f"{form.code}-{subject.as_of}.xlsx"
            heading = f"{form.titles[0]} · 统计截止日 {subject.as_of}"
            with open_book(path, heading, subject.finished, sheet_rows) as made:
                taken: set[str] = set()
                for lot, rows in lots.items():
                    title = _name_sheet(lot, taken)
                    heads = [*_PLACE, *(_head(REPORTS[form.table], entry) for entry in form.entries)]
                    listing = list_rows(f"{form.code}_{len(taken)}", lot, lot, heads, rows, form.note)
                    write_sheet(made, Sheet(title, [listing]))
            yield Written(form.titles, path, tuple(made.cut))


def _read_lots(connection: sa.Connection, subject: Subject, form: Form) -> dict[str, list[Row]]:
    """By name of the lot, in the order of their codes: the rows of institutions, and their sum."""
    table, t = REPORTS[form.table], METADATA.tables[form.table]
    names = {of: _read_names(connection, f"{of}_names") for of in ("institution", "division", "lot")}
    wanted = (t.c.as_of == subject.as_of, within(t.c.jurisdiction_code, subject.scope))
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for row in sorted(connection.execute(sa.select(t).where(*wanted)).mappings(), key=lambda row: [row[k] for k in table.key]):
        named = {of: names[of].get(row[code], row[code]) for of, code in _CODES.items()}
        rows.setdefault(row["lot_code"], []).append({**row, **named})
    return {
        own[0]["lot"] if own[0]["lot"] == code else f"{own[0]['lot']} {code}": [
            *(_list(form, table, row) for row in own),
            _sum(form, table, own),
        ]
        for code, own in sorted(rows.items())
    }


def _read_names(connection: sa.Connection, table: str) -> dict[str, str]:
    code, name = list(METADATA.tables[table].columns)[:2]
    return {str(row[0]): str(row[1]) for row in connection.execute(sa.select(code, name))}


def _list(form: Form, table: ReportTable, row: Mapping[str, Any]) -> list[Cell]:
    values = (_value(table, entry, row) for entry in form.entries)
    return [row["institution"], row["institution_code"], row["division"], row["lot"], *values]


def _value(table: ReportTable, entry: Entry, row: Mapping[str, Any]) -> Cell:
    value: Cell = entry.of.value(row) if entry.of else row[entry.column]
    return value / 100 if isinstance(value, int) and _column(table, entry).type == "fen" else value


def _sum(form: Form, table: ReportTable, rows: list[Mapping[str, Any]]) -> list[Cell]:
    """Whole numbers added up, and quotients of these; nothing else is said of all institutions."""
    whole = [column.name for column in table.columns if column.type in ("fen", "count")]
    sums = {name: sum(row[name] or 0 for row in rows) for name in whole}
    values: list[Cell] = []
    for entry in form.entries:
        of = entry.of or _column(table, entry).of
        values.append(of.value(sums) if of else _value(table, entry, sums) if entry.column in sums else None)
    return [SUM, "", "", "", *values]


def _column(table: ReportTable, entry: Entry) -> Column:
    return table.column(entry.column)


def _head(table: ReportTable, entry: Entry) -> Head:
    column = _column(table, entry)
    zh, en = entry.titles
    return Head(zh or column.title_zh, en or column.title_en, "rate" if entry.of else _KINDS.get(column.type, "rate"))


def _name_sheet(name: str, taken: set[str]) -> str:
    """The name as a sheet may be called that no other one is called."""
    plain = re.sub(r"[\[\]:*?/\\']", " ", name)
    title, number = plain[:_LONGEST], 1
    while title.lower() in taken:
        number += 1
        title = f"{plain[: _LONGEST - len(str(number)) - 1]} {number}"
    taken.add(title.lower())
    return title
