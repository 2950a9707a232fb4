"""xlsx and xlsb: cells by calamine, errors and checksums by a look of one's own."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from python_calamine import CalamineSheet, SheetTypeEnum, SheetVisibleEnum, load_workbook

from pipelines.ingest.readers.grid import Grid, make_grid
from pipelines.ingest.readers.xlsb_scan import scan_xlsb
from pipelines.ingest.readers.xlsx_scan import Errors, parse_part, scan_xlsx


def read_xlsx(path: Path) -> Iterator[Grid]:
    """The sheets of an xlsx or xlsm workbook, hidden ones too; an error cell has its error value as text."""
    with zipfile.ZipFile(path) as book:
        scanned = scan_xlsx(book)
        properties = parse_part(book, "xl/workbook.xml").find("{*}workbookPr")
    is_1904 = properties is not None and properties.get("date1904", "0").lower() in ("1", "true", "on")
    for sheet, is_hidden in _open(path):
        yield make_grid(
            sheet.name,
            _rows(sheet, scanned[sheet.name].errors),
            is_hidden=is_hidden,
            merged=[(*start, *end) for start, end in sheet.merged_cell_ranges or ()],
            is_1904=is_1904,
        )


def read_xlsb(path: Path) -> Iterator[Grid]:
    """The sheets of a binary workbook."""
    with zipfile.ZipFile(path) as book:
        scanned, is_1904 = scan_xlsb(book)
    for sheet, is_hidden in _open(path):
        seen = scanned[sheet.name]
        yield make_grid(sheet.name, _rows(sheet, seen.errors), is_hidden=is_hidden, merged=seen.merged, is_1904=is_1904)


def _open(path: Path) -> Iterator[tuple[CalamineSheet, bool]]:
    with path.open("rb") as file, load_workbook(file) as book:  # by its path it would believe the end of its name
        for sheet in book.sheets_metadata:
            if sheet.typ == SheetTypeEnum.WorkSheet:
                yield book.get_sheet_by_name(sheet.name), sheet.visible != SheetVisibleEnum.Visible


def _rows(sheet: CalamineSheet, errors: Errors) -> Iterator[list[Any]]:
    """Rows from line 1, columns from A; calamine leaves out what is empty before the first column."""
    left = [""] * (sheet.start[1] if sheet.start else 0)
    for index, row in enumerate(sheet.iter_rows()):
        cells = left + row if left else row
        for column, value in errors.get(index, ()):
            cells[column] = value
        yield cells
