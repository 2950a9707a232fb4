"""A grid of cells as a file shows them: text, before anyone asks which column is which."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any

import polars as pl

from pipelines.errors import FileRefusedError

MOST_CELLS = 60_000_000
"""Above this many filled cells a file is refused: it is to be split or sent as csv."""
MOST_COLUMNS = 16_384
_KEPT_LINES = 200
_SLICE = 20_000
_RUINED_FROM = 1e15

Merged = tuple[int, int, int, int]
"""First row, first column, last row, last column of merged cells, counted from 0, the last included."""


@dataclass(frozen=True)
class Grid:
    """A sheet, a table or a Parquet file as text.

    `cells` has `_line` (1-based; 0 is a header that stands on no line) and `c0` … `cN`; blank lines far below
    the top may be left out. `merged` are ranges whose value stands in their first cell. `numbers` says of a
    workbook that counts days from 1904 which cells are numbers (Boolean `c0` … `cN`). `widths` says how many cells
    each line has, from line 1, in files that write them one after the other (HTML), where one left out shifts the
    others. `unreadable` says why the cells of a column have no text.
    """

    name: str
    cells: pl.DataFrame
    is_hidden: bool = False
    merged: list[Merged] = field(default_factory=list)
    numbers: pl.DataFrame | None = None
    unreadable: dict[int, str] = field(default_factory=dict)
    widths: list[int] = field(default_factory=list)


def make_grid(
    name: str, rows: Iterable[Sequence[Any]], *, is_hidden: bool = False, merged: Sequence[Merged] = (), is_1904: bool = False
) -> Grid:
    """Turn rows of Python values (text, numbers, dates, None; the first is line 1) into a grid of text."""
    parts, numbers, line, width, filled = [], [], 1, 0, 0
    for chunk in _slices(rows):
        columns = [] if line > _KEPT_LINES and _is_blank(chunk) else list(_transposed(chunk))
        width = max(width, len(columns))
        if width > MOST_COLUMNS:
            raise FileRefusedError("too_large", f"列数超过 {MOST_COLUMNS}，请删除多余的列后重新报送")
        if columns:
            text = pl.DataFrame([to_text(v).alias(f"c{i}") for i, v in enumerate(columns)])
            text = text.select(pl.int_range(line, line + len(chunk)).alias("_line"), pl.all())
            kept = text.select(
                (pl.col("_line") <= _KEPT_LINES) | pl.any_horizontal(pl.exclude("_line").is_not_null())
            ).to_series()
            parts.append(text.filter(kept))
            filled += parts[-1].height * len(columns)
            if is_1904:
                flags = [pl.Series(f"c{i}", [type(c) in (int, float) for c in v]) for i, v in enumerate(columns)]
                numbers.append(pl.DataFrame(flags).filter(kept))
        line += len(chunk)
        if filled > MOST_CELLS:
            raise FileRefusedError("too_large", f"单元格超过 {MOST_CELLS} 个，请拆分或改用 csv 后重新报送")
    cells = pl.concat(parts, how="diagonal") if parts else pl.DataFrame(schema={"_line": pl.Int64})
    found = pl.concat(numbers, how="diagonal").fill_null(False) if numbers else None
    return Grid(name, cells, is_hidden, list(merged), found)


def _slices(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    source = iter(rows)
    while chunk := list(islice(source, _SLICE)):
        yield chunk


def _is_blank(rows: list[Sequence[Any]]) -> bool:
    first = rows[0]
    return all(cell is None or cell == "" for cell in first) and all(row == first for row in rows)


def _transposed(rows: list[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    width = max(map(len, rows))
    if any(len(row) != width for row in rows):
        rows = [[*row, *[None] * (width - len(row))] for row in rows]
    return zip(*rows, strict=True)


def to_text(values: Sequence[Any]) -> pl.Series:
    """The text of a column of Python values; empty text is null."""
    if not set(map(type, values)) <= {str, type(None)}:
        values = [v if type(v) is str else _FORMATS.get(type(v), str)(v) for v in values]
    text = pl.Series(values, dtype=pl.String)
    return text.set(text == "", None)


def number_text(value: float) -> str:
    """A number with the fifteen digits that Excel keeps; one of sixteen digits before the point has lost some,
    and is written so that no one takes it for whole.
    """
    if abs(value) < _RUINED_FROM:
        return f"{value:.15g}"
    if value != value or abs(value) == float("inf"):
        return str(value)
    digits = str(abs(int(value)))
    return f"{'-' if value < 0 else ''}{digits[0]}.{digits[1:5]}E+{len(digits) - 1}"


_FORMATS: dict[type, Callable[[Any], str | None]] = {
    float: number_text,
    int: number_text,
    bool: lambda value: "true" if value else "false",
    date: lambda value: f"{value} 00:00:00",
    datetime: lambda value: str(value)[:19],
    type(None): lambda value: None,
}


def cell_name(line: int, column: int) -> str:
    """B7: the name of a cell by its line (1-based) and column (0-based)."""
    return f"{column_letters(column)}{line}"


def column_letters(column: int) -> str:
    """A, B … AA: the name of a column (0-based)."""
    letters, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
