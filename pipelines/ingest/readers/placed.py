"""Cells of markup put where they stand: cells that span rows and columns leave the next ones no place there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pipelines.errors import FileRefusedError
from pipelines.ingest.readers.grid import MOST_CELLS, MOST_COLUMNS, Grid, Merged, make_grid
from pipelines.ingest.readers.xlsx_scan import Scanned, refuse_far

_MOST_ROWS = 2**21


class Placed:
    """A sheet under construction; rows and cells are added in their order.

    `covers` says that a spanning cell is written once (HTML, SpreadsheetML); otherwise what it covers is written
    too, as empty cells (ODS).
    """

    def __init__(self, name: str = "", *, covers: bool = True) -> None:
        self.name, self.is_hidden, self.is_1904 = name, False, False
        self.widths: list[int] = []
        self._covers = covers
        self._rows: dict[int, list[Any]] = {}
        self._merged: list[Merged] = []
        self._spans: list[tuple[int, int, int]] = []  # last row, first column, last column
        self._row, self._column, self._cells = -1, 0, 0

    def add_row(self, index: int | None = None) -> None:
        """Begin the next row, or that of an index counted from 0."""
        self._row = self._row + 1 if index is None else index
        self._column = 0
        self._spans = [span for span in self._spans if span[0] >= self._row]
        if not 0 <= self._row < _MOST_ROWS:
            raise FileRefusedError("too_large", f"行数超过 {_MOST_ROWS}，请拆分后重新报送")

    def repeat_row(self, times: int) -> None:
        """The row just added stands there so many times in all; an empty one takes no room."""
        cells = self._rows.get(self._row)
        if cells is None:
            self._row += times - 1
            return
        for _ in range(times - 1):
            self.add_row()
            self._rows[self._row] = cells
            self._count(len(cells))

    def add_cell(self, value: Any, *, index: int | None = None, across: int = 1, down: int = 1) -> None:
        """Put a cell into the row, at an index counted from 0 or at the next free place."""
        column = self._column if index is None else index
        for _, first, last in sorted(self._spans, key=lambda span: span[1]):
            if first <= column <= last:
                column = last + 1
        if across < 1 or down < 1 or not 0 <= column <= 2 * MOST_COLUMNS:
            raise FileRefusedError("too_large", f"列数超过 {MOST_COLUMNS}，请删除多余的列后重新报送")
        self._column = column + (across if self._covers else 1)
        if value is not None:
            row = self._rows.setdefault(self._row, [])
            self._count(column + 1 - len(row))
            row += [None] * (column + 1 - len(row))
            row[column] = value
        if across > 1 or down > 1:
            last_row, last_column = self._row + down - 1, column + across - 1
            if value is not None:
                self._merged.append((self._row, column, last_row, last_column))
            if down > 1 and self._covers:
                self._spans.append((last_row, column, last_column))

    def note_width(self) -> None:
        """Remember how far the row reaches, with what spans into it."""
        self.widths.append(max([self._column, *(last + 1 for _, _, last in self._spans)]))

    def skip_cells(self, times: int) -> None:
        """Leave so many places empty."""
        self._column += times

    def finish(self) -> Grid:
        """The sheet as a grid; FileRefusedError where a cell stands so far from the others that it would fill memory."""
        filled = sum(len(row) - row.count(None) for row in self._rows.values())
        columns = max(map(len, self._rows.values()), default=0)
        refuse_far(self.name, Scanned(cells=filled, rows=max(self._rows, default=-1) + 1, columns=columns))
        grid = make_grid(self.name, self._lines(), is_hidden=self.is_hidden, merged=self._merged, is_1904=self.is_1904)
        return replace(grid, widths=self.widths)

    def _lines(self) -> Iterator[list[Any]]:
        for row in range(max(self._rows, default=-1) + 1):
            yield self._rows.get(row, [])

    def _count(self, cells: int) -> None:
        self._cells += max(cells, 0)
        if self._cells > MOST_CELLS:
            raise FileRefusedError("too_large", f"单元格超过 {MOST_CELLS} 个，请拆分或改用 csv 后重新报送")
