"""Read an xlsx workbook as text, sheet by sheet."""

from __future__ import annotations

from pathlib import Path

import fastexcel
import polars as pl

from pipelines.errors import FileRefusedError
from pipelines.ingest.headers import SEARCHED_ROWS, find_header
from pipelines.ingest.sheet import Sheet
from schemas.records import Dataset

SHEET_LIMIT = 1_048_576
COVER = "说明"
"""The first sheet of a workbook that we returned: it tells the sender what to do and holds no rows."""
_RUINED = r"^\d{16,}$"


def read_workbook(path: Path, dataset: Dataset) -> tuple[list[Sheet], list[str]]:
    """Return the sheets with a recognizable header, and remarks on the others (Chinese).

    A number of sixteen digits or more in a numeric cell has lost digits in Excel: it is rendered in
    scientific notation, which the parser refuses. Raises FileRefusedError for a file that is no workbook and
    for one without any header.
    """
    try:
        reader = fastexcel.read_excel(path)
        names = reader.sheet_names
    except fastexcel.FastExcelError as error:
        raise FileRefusedError(
            "unreadable_file",
            f"{path.name}：不是可读取的 xlsx 工作簿（可能被截断或改名），请重新导出；{error}",
        ) from error
    sheets, remarks, headless = [], [], []
    for name in names:
        cells = _load(reader, path, name)
        header = None
        if cells.width:
            header = find_header(cells.head(SEARCHED_ROWS).rows(), dataset, f"{path.name} 工作表“{name}”")
        if header is None:
            headless.append(name)
            continue
        if cells.height >= SHEET_LIMIT:
            remarks.append(
                f"{path.name}：工作表“{name}”已达 Excel 行数上限 {SHEET_LIMIT}，可能被截断，请核对"
            )
        rows = cells.with_row_index("_line", offset=1).cast({"_line": pl.Int64}).slice(header.row + 1)
        sheets.append(Sheet(name, header, rows))
    if not sheets:
        raise FileRefusedError(
            "missing_column", f"{path.name}：所有工作表都找不到可识别的表头；请检查文件与所在目录"
        )
    is_returned = any(sheet.header.number is not None for sheet in sheets)
    passed_over = [name for name in headless if not (is_returned and name == COVER)]
    return sheets, [f"{path.name}：工作表“{name}”没有可识别的表头，未读取" for name in passed_over] + remarks


def _load(reader: fastexcel.ExcelReader, path: Path, name: str) -> pl.DataFrame:
    try:
        cells = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars()
    except fastexcel.FastExcelError as error:
        raise FileRefusedError("unreadable_file", f"{path.name} 工作表“{name}”无法读取：{error}") from error
    cells = cells.rename({c: f"c{i}" for i, c in enumerate(cells.columns)})
    suspects = [i for i, c in enumerate(cells.columns) if cells[c].str.contains(_RUINED).any()]
    for position in suspects:
        # as booleans, calamine gives a value for numeric cells and null for text
        numeric = reader.load_sheet(
            name, header_row=None, skip_rows=0, use_columns=[position], dtypes={position: "boolean"}
        )
        is_number = numeric.to_polars().to_series().is_not_null().alias("n")
        text = pl.col(f"c{position}")
        cells = cells.with_columns(
            pl.when(pl.lit(is_number) & text.str.contains(_RUINED))
            .then(
                pl.format(
                    "{}E+{}", text.str.slice(0, 1) + "." + text.str.slice(1, 4), text.str.len_chars() - 1
                )
            )
            .otherwise(text)
            .alias(f"c{position}")
        )
    return cells
