"""xls: the workbooks of Excel 5 to 2003."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import time
from pathlib import Path
from typing import Any

import xlrd
from xlrd.biffh import XL_CELL_BOOLEAN, XL_CELL_DATE, XL_CELL_ERROR, XL_CELL_NUMBER, XL_CELL_TEXT
from xlrd.book import Book
from xlrd.sheet import Sheet

from pipelines.errors import FileRefusedError
from pipelines.ingest.readers.grid import Grid, make_grid
from pipelines.ingest.readers.xlsb_scan import ERROR_VALUES

_PASSWORD = "EncryptedPackage".encode("utf-16-le")


def read_xls(path: Path) -> Iterator[Grid]:
    """The sheets of an xls workbook, hidden ones too; an error cell has its error value as text."""
    if _PASSWORD in path.read_bytes():
        raise FileRefusedError("encrypted_file", "设有密码，无法读取；请去掉密码后重新报送")
    with (
        Path(os.devnull).open("w") as log,
        xlrd.open_workbook(str(path), logfile=log, formatting_info=True, ragged_rows=True, on_demand=True) as book,
    ):
        for sheet in book.sheets():
            yield make_grid(
                sheet.name,
                (_read_row(sheet, row, book) for row in range(sheet.nrows)),
                is_hidden=bool(sheet.visibility),
                merged=[(top, left, bottom - 1, right - 1) for top, bottom, left, right in sheet.merged_cells],
                is_1904=bool(book.datemode),
            )
            book.unload_sheet(sheet.name)


def _read_row(sheet: Sheet, row: int, book: Book) -> list[Any]:
    kinds = sheet.row_types(row)
    return [
        value if kind in (XL_CELL_TEXT, XL_CELL_NUMBER) else _convert(kind, value, book)
        for kind, value in zip(kinds, sheet.row_values(row), strict=True)
    ]


def _convert(kind: int, value: Any, book: Book) -> Any:
    if kind == XL_CELL_DATE:
        if 0 <= value < 1:
            hours, minutes, seconds = xlrd.xldate_as_tuple(value, book.datemode)[3:]
            return time(hours, minutes, seconds)
        try:
            return xlrd.xldate_as_datetime(value, book.datemode)
        except (xlrd.XLDateError, OverflowError, ValueError):
            return float(value)
    if kind == XL_CELL_BOOLEAN:
        return bool(value)
    return ERROR_VALUES.get(value, "#VALUE!") if kind == XL_CELL_ERROR else None
