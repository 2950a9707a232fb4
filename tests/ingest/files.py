"""Files for the tests of ingest, and what comes of reading them."""

from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from pipelines.ingest.delimited import read_delimited
from pipelines.ingest.sheet import Sheet, name_columns
from pipelines.ingest.take_in import read_sheets
from schemas.records import RECORDS

LOTS = "lot_code,name,program,category,document_no\n"
LOT = "国家,药品,文1\n"


def rows_of(sheet: Sheet, dataset: str) -> list[dict[str, Any]]:
    """The data rows of a sheet: the cells that are filled, and the line."""
    named = name_columns(sheet, RECORDS[dataset])
    return [{k: v for k, v in row.items() if v is not None and k != "_sheet"} for row in named.to_dicts()]


def read_csv(folder: Path, content: str | bytes, dataset: str = "lots") -> list[dict[str, Any]]:
    """The rows of a csv file."""
    path = folder / "file.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    sheets, _ = read_delimited(path, RECORDS[dataset])
    return rows_of(sheets[0], dataset)


def names(rows: list[dict[str, Any]], column: str = "lot_code") -> dict[int, str | None]:
    """Line → value of a column."""
    return {row["_line"]: row.get(column) for row in rows}


def write_xlsx(path: Path, **sheets: list[list[Any]]) -> Path:
    """A workbook; a number becomes a numeric cell, a text a text cell, None an empty one."""
    book = xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd", "strings_to_formulas": False})
    for name, rows in sheets.items():
        page = book.add_worksheet(name)
        for line, cells in enumerate(rows):
            page.write_row(line, 0, cells)
    book.close()
    return path


def read_xlsx(path: Path, dataset: str = "lots") -> tuple[dict[str, list[dict[str, Any]]], list[str]]:
    """The rows of every sheet read, and the remarks."""
    sheets, _, remarks = read_sheets(path, RECORDS[dataset])
    return {s.name: rows_of(s, dataset) for s in sheets}, remarks


def read_parquet(folder: Path, frame: pl.DataFrame, dataset: str = "lots") -> list[dict[str, Any]]:
    """The rows of a Parquet file."""
    frame.write_parquet(folder / "file.parquet")
    return rows_of(read_sheets(folder / "file.parquet", RECORDS[dataset])[0][0], dataset)
