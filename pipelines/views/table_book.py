"""A workbook of tables as people read them: Chinese headers, yuan, percent, dates; text is text, whatever it begins with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from schemas.reports import Column

_LONGEST_CELL = 32_767
_WIDE = 60
_FORMATS = {
    "text": "@",
    "date": "yyyy-mm-dd",
    "fen": "#,##0.00",
    "count": "#,##0",
    "integer": "0",
    "rate": "0.00%",
    "whole": "#,##0",
    "fraction": "#,##0.00##",
    "point": "0.00",
}


@dataclass(frozen=True)
class Sheet:
    """A sheet: its title, its columns as the report tables define them, and rows by column name."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]


def write_table_book(path: Path, facts: Sequence[tuple[str, str]], sheets: Sequence[Sheet]) -> Path:
    """Write the workbook whole or not at all: a first sheet 说明 with the facts (title, text), then the tables.

    Money is in yuan, rates are percent, headers are frozen and can be filtered by.
    """
    import xlsxwriter  # who but asks for the title of a column need not wait for it

    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.part")
    with xlsxwriter.Workbook(partial) as book:
        formats = {
            kind: book.add_format({"num_format": text, "valign": "top", "text_wrap": kind == "text"})
            for kind, text in _FORMATS.items()
        }
        head = book.add_format({"bold": True, "bg_color": "#DDEBF7", "bottom": 1, "text_wrap": True, "valign": "top"})
        _write_facts(book.add_worksheet("说明"), facts, head, formats["text"])
        for sheet in sheets:
            _write_sheet(book.add_worksheet(sheet.title), sheet, head, formats)
    partial.replace(path)
    return path


def _write_facts(page: Any, facts: Sequence[tuple[str, str]], head: Any, text: Any) -> None:
    page.set_column(0, 0, 18)
    page.set_column(1, 1, 100)
    for line, (title, fact) in enumerate(facts):
        page.write_string(line, 0, title, head)
        page.write_string(line, 1, fact[:_LONGEST_CELL], text)


def _write_sheet(page: Any, sheet: Sheet, head: Any, formats: Mapping[str, Any]) -> None:
    for place, column in enumerate(sheet.columns):
        page.write_string(0, place, title_of(column), head)
        longest = _widest(column, sheet)
        page.set_column(place, place, min(longest + 2, _WIDE))
    for line, row in enumerate(sheet.rows, start=1):
        for place, column in enumerate(sheet.columns):
            _write_cell(page, line, place, column, row[column.name], formats)
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, max(len(sheet.rows), 1), len(sheet.columns) - 1)


def title_of(column: Column) -> str:
    """The Chinese title; money says that it is in yuan."""
    return f"{column.title_zh}（元）" if column.type == "fen" else column.title_zh


def _widest(column: Column, sheet: Sheet) -> int:
    texts = [title_of(column), *(str(column.spoken.get(str(row[column.name]), row[column.name] or "")) for row in sheet.rows)]
    return max(sum(2 if ord(letter) > 0x2E7F else 1 for letter in text) for text in texts)


def _write_cell(page: Any, line: int, place: int, column: Column, value: Any, formats: Mapping[str, Any]) -> None:
    if value is None:
        return
    if isinstance(value, date):
        page.write_datetime(line, place, value, formats["date"])
    elif column.type == "fen":
        page.write_number(line, place, value / 100, formats["fen"])
    elif isinstance(value, int | float):
        page.write_number(line, place, value, formats[_kind_of(column, value)])
    else:
        shown = column.spoken.get(value, str(value))
        page.write_string(line, place, shown[:_LONGEST_CELL], formats["text"])


def _kind_of(column: Column, value: float) -> str:
    if column.type != "double":
        return column.type
    if column.unit in ("ratio", "point"):
        return "rate" if column.unit == "ratio" else "point"
    return "whole" if float(value).is_integer() else "fraction"
