"""From grids of cells to sheets with a header: what merged cells, error cells and serial days mean."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence

import polars as pl

from pipelines.errors import FileRefusedError, NoHeaderError
from pipelines.ingest.headers import SEARCHED_ROWS, Header, find_header
from pipelines.ingest.readers.grid import Grid, cell_name, column_letters
from pipelines.ingest.sheet import Sheet
from schemas.records import Column, Dataset

SHEET_LIMIT = 1_048_576
COVER = "说明"
"""The sheet of a workbook of ours that tells the sender what to do and holds no rows."""
TEMPLATE = "填报模板"
"""How that of a workbook to be filled in begins."""
_ERROR = (
    r"^(?:#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|BUSY!|UNKNOWN!"
    r"|GETTING_DATA)|Err:\d{3})\s*$"
)
_SERIAL = r"^\d{4,5}(?:\.\d+)?$"
_FROM_1900_TO_1904 = 1462
_OF_ONE_ROW = {"fen", "quantity", "count"}
"""Kinds of columns whose value, merged over several rows, belongs to none of them."""
_OTHERS_IN_A_ROW = 2


def find_sheets(grids: Sequence[Grid], dataset: Dataset, where: str) -> tuple[list[Sheet], list[str]]:
    """The grids that have all required columns, as sheets, and remarks on the others and on hidden ones (Chinese).

    A row whose amount is merged with that of other rows, or with an error value in a column of the dataset, has a
    problem. Raises FileRefusedError where no grid can be read, where a header scales its unit, and where a column of the
    dataset has no text.
    """
    sheets, remarks = [], []
    headless: list[Grid] = []
    lacking: list[FileRefusedError] = []
    for grid in grids:
        place = f"{where} 工作表“{grid.name}”" if grid.name else where
        header = None
        try:
            if grid.cells.width > 1:
                top = grid.cells.head(SEARCHED_ROWS).drop("_line").rows()
                header = find_header(top, dataset, place)
        except FileRefusedError as error:
            if error.code != "missing_column":
                raise
            lacking.append(error)
            continue
        if header is None:
            headless.append(grid)
            continue
        _refuse_unreadable(grid, header, dataset, place)
        lines, told = grid.cells["_line"], f"{where}：工作表“{grid.name}”"
        if grid.name and lines[-1] >= SHEET_LIMIT:
            remarks.append(f"{told}已达 Excel 行数上限 {SHEET_LIMIT}，可能被截断，请核对")
        if grid.is_hidden:
            remarks.append(f"{told}是隐藏的，已照常读取，请核对是否应当报送")
        sheets.append(Sheet(grid.name, header, _read_rows(grid, header, dataset)))
    if not sheets:
        raise lacking[0] if lacking else NoHeaderError(_tell_headless(grids, where))
    is_returned = any(sheet.header.number is not None for sheet in sheets)
    passed_over = [grid.name for grid in headless if not _is_our_cover(grid, is_returned)]
    return sheets, [
        *(f"{where}：工作表“{name}”没有可识别的表头，未读取" for name in passed_over),
        *(f"{error}（该工作表未读取，其余工作表照常读取）" for error in lacking),
        *remarks,
    ]


def flag_errors(sheet: Sheet, dataset: Dataset) -> Sheet:
    """The same sheet; a row with an error value (#N/A …) in a column of the dataset has a problem that names the cell."""
    columns = _known_columns(sheet.header, dataset)
    may_hold = sheet.rows.select(_may_be_an_error(pl.col([f"c{i}" for i in columns])).any())
    suspects = [i for i in columns if may_hold[f"c{i}"].item()]
    found = [
        pl.when(pl.col(f"c{i}").str.contains(_ERROR)).then(
            pl.format(
                f"{column_letters(i)}{{}} 单元格（{sheet.header.names[i]}）是错误值 {{}}，请改正后重新报送",
                "_line",
                pl.col(f"c{i}").str.strip_chars(),
            )
        )
        for i in suspects
    ]
    if not found:
        return sheet
    problems = sheet.rows.select(pl.concat_str(found, separator="；", ignore_nulls=True)).to_series()
    return Sheet(sheet.name, sheet.header, _add_problems(sheet.rows, problems.set(problems == "", None)))


def _is_our_cover(grid: Grid, is_returned: bool) -> bool:
    if grid.name != COVER:
        return False
    first = grid.cells["c0"].drop_nulls().head(1).to_list() if "c0" in grid.cells.columns else []
    return is_returned or any(text.startswith(TEMPLATE) for text in first)


def _may_be_an_error(cell: pl.Expr) -> pl.Expr:
    return cell.str.starts_with("#") | cell.str.starts_with("Err:")


def _tell_headless(grids: Sequence[Grid], where: str) -> str:
    if any(grid.name for grid in grids):
        return f"{where}：所有工作表都找不到可识别的表头；请检查文件与所在目录"
    return f"{where}：没有任何可识别的列，请检查文件与所在目录"


def _known_columns(header: Header, dataset: Dataset) -> dict[int, Column]:
    """Position → the column of the dataset that stands there."""
    columns = {c.name: c for c in dataset.columns}
    return {place: columns[name] for name, places in header.positions.items() for place in places}


def _refuse_unreadable(grid: Grid, header: Header, dataset: Dataset, where: str) -> None:
    for position, why in grid.unreadable.items():
        if position in _known_columns(header, dataset):
            raise FileRefusedError(
                "unreadable_column",
                f"{where}：列“{header.names[position]}”{why}，不能读作文字；请把该列导出为文本、数字或日期后重新报送",
            )


def _read_rows(grid: Grid, header: Header, dataset: Dataset) -> pl.DataFrame:
    columns = _known_columns(header, dataset)
    rows = _count_from_1900(grid, columns).slice(header.row + 1)
    if rows.is_empty():
        return rows
    if grid.widths:
        rows = _flag_shifted(rows, grid.widths, header.row)
    return _spread(rows, grid, columns) if grid.merged else rows


def _flag_shifted(rows: pl.DataFrame, widths: Sequence[int], header_row: int) -> pl.DataFrame:
    """A row with cells too many or too few has a problem, unless those at its end are empty: one may be missing
    anywhere.
    """
    width, expected = pl.Series(widths).gather(rows["_line"] - 1), widths[header_row]
    suspects = (width != expected).arg_true()
    problems = pl.Series([None], dtype=pl.String).new_from_index(0, rows.height)
    told = {}
    for n in suspects:
        has, cells = width[n], rows.row(n)[1:]
        if any(cells[min(has, expected) - (has < expected) : has]):
            told[n] = f"该行有 {has} 个单元格，表头有 {expected} 个，请检查多余或缺少的单元格"
    return _add_problems(rows, problems.scatter(list(told), list(told.values())))


def _count_from_1900(grid: Grid, columns: dict[int, Column]) -> pl.DataFrame:
    """A day that a workbook counting from 1904 has as a bare number, as one that counts from 1900 would have it."""
    if grid.numbers is None:
        return grid.cells
    days = [f"c{i}" for i, c in columns.items() if c.kind == "day"]
    return grid.cells.with_columns(
        pl.when(pl.lit(grid.numbers[day]) & pl.col(day).str.contains(_SERIAL))
        .then((pl.col(day).cast(pl.Float64, strict=False) + _FROM_1900_TO_1904).cast(pl.Int64).cast(pl.String))
        .otherwise(day)
        .alias(day)
        for day in days
    )


def _spread(rows: pl.DataFrame, grid: Grid, columns: dict[int, Column]) -> pl.DataFrame:
    """Give every cell of merged ones the value of the first, in rows that hold more than that.

    A row of which all is merged into the row above is that row, drawn higher; a footer (制表人 …) merged over columns
    is one cell still.
    """
    lines, width = rows["_line"].to_list(), rows.width - 1
    filled = rows.select(pl.sum_horizontal(pl.exclude("_line").is_not_null().cast(pl.Int64))).to_series().to_list()
    moves: dict[int, tuple[list[int], list[str | None]]] = defaultdict(lambda: ([], []))
    problems: dict[int, list[str]] = defaultdict(list)
    for top, left, bottom, right in grid.merged:
        first, end = bisect_left(lines, top + 1), bisect_right(lines, bottom + 1)
        if first >= end or lines[first] != top + 1 or left >= width:
            continue
        value = rows.item(first, left + 1)
        if value is None:
            continue
        covered = [first, *(n for n in range(first + 1, end) if filled[n])]
        across = range(left, min(right + 1, width) if filled[first] > _OTHERS_IN_A_ROW else left + 1)
        known = [columns[i] for i in across if i in columns]
        names = [c.title for c in known if c.kind in _OF_ONE_ROW]
        if names and (len(covered) > 1 or len(known) > 1):
            area = f"{cell_name(top + 1, left)}:{cell_name(bottom + 1, right)}"
            for n in covered:
                problems[n].append(
                    f"“{'、'.join(names)}”在合并单元格 {area} 中，数值不能确定属于哪一行哪一列，请取消合并并逐行填写"
                )
        for column in across:
            places, values = moves[column]
            places += covered
            values += [value] * len(covered)
    rows = rows.with_columns(
        rows[f"c{column}"].scatter(places, values).alias(f"c{column}") for column, (places, values) in moves.items()
    )
    told = pl.Series([None], dtype=pl.String).new_from_index(0, rows.height)
    return _add_problems(rows, told.scatter(list(problems), ["；".join(p) for p in problems.values()]))


def _add_problems(rows: pl.DataFrame, problems: pl.Series) -> pl.DataFrame:
    if problems.null_count() == problems.len():
        return rows
    known = pl.col("_problem") if "_problem" in rows.columns else pl.lit(None, pl.String)
    both = pl.concat_str([known, pl.lit(problems)], separator="；", ignore_nulls=True)
    return rows.with_columns(_problem=both).with_columns(pl.when(pl.col("_problem") != "").then("_problem").alias("_problem"))
