"""Restatements as people read them: which published figure was changed, from what to what, by which run, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipelines.database.tables import METADATA
from pipelines.reports.pages.formats import MISSING, yuan
from pipelines.views.table_book import Sheet, title_of, write_table_book
from schemas.ledgers.restatements import CAUSES
from schemas.reports import REPORTS, Column

_CELLS, _RUNS = METADATA.tables["restatements"], METADATA.tables["runs"]
SHOWN = 200
MOST = 1_000_000
"""More rows do not fit a sheet."""
_COLUMNS = ("as_of", "table_name", "row_key", "column_name", "old_value", "new_value", "cause", "run_id", "previous_run_id")


@dataclass(frozen=True)
class Restated:
    """A cell that was changed, as the table restatements keeps it, and when the run that changed it ended."""

    as_of: date
    table_name: str
    row_key: str
    column_name: str
    old_value: str | None
    new_value: str | None
    cause: str
    run_id: str
    previous_run_id: str
    finished_at: str

    @property
    def column(self) -> Column:
        """The column as its table defines it."""
        return REPORTS[self.table_name].column(self.column_name)

    @property
    def title(self) -> str:
        """The Chinese title of the column; money says that it is in yuan."""
        return title_of(self.column)

    @property
    def values(self) -> tuple[str, str]:
        """The old and the new value as people read them: words, yuan, percent; a dash where the row was not there.

        Rates that differ further behind stand as they are.
        """
        raw = (self.old_value, self.new_value)
        old, new = (_shown(value, self.column) for value in raw)
        return (old, new) if old != new else (str(raw[0]), str(raw[1]))


def _shown(value: str | None, column: Column) -> str:
    if value is None:
        return MISSING
    if column.type == "fen":
        return yuan(int(value))
    return f"{float(value):.2%}" if column.unit == "ratio" else column.spoken.get(value, value)


def read_restated(
    connection: sa.Connection,
    *,
    as_of: date | None = None,
    table: str = "",
    row_key: str = "",
    run_id: str = "",
    cause: str = "",
    most: int = MOST,
) -> list[Restated]:
    """The cells that were changed and match, in the order of the changes; at most `most`."""
    given = {"as_of": as_of, "table_name": table, "row_key": row_key, "run_id": run_id, "cause": cause}
    query = (
        sa.select(*(_CELLS.c[c] for c in _COLUMNS), _RUNS.c.finished_at)
        .join_from(_CELLS, _RUNS, _RUNS.c.run_id == _CELLS.c.run_id)
        .where(*(_CELLS.c[c] == value for c, value in given.items() if value))
        .order_by(_RUNS.c.finished_at, *(_CELLS.c[c] for c in ("table_name", "row_key", "column_name")))
    )
    return [Restated(**row) for row in connection.execute(query.limit(most)).mappings()]


def show_restated(cells: Sequence[Restated], console: Console) -> None:
    """Print what each run changed: how many figures for which cause, then the first 200 of all by table."""
    if not cells:
        _say(console, "没有符合条件的修订")
    left = SHOWN
    for (as_of, run_id), of_run in _by(cells, "as_of", "run_id"):
        told = f"统计截止日 {as_of}：运行 {run_id}（{_clock(of_run[0])}）修订了 {len(of_run):,} 处"
        _say(console, f"{told}，此前是运行 {of_run[0].previous_run_id} 的数字")
        summary = _table("按结果表与原因", "结果表", "原因", "处数")
        for (table, cause), number in Counter((c.table_name, c.cause) for c in of_run).items():
            _add(summary, f"{REPORTS[table].title_zh} {table}", CAUSES[cause], f"{number:,}")
        console.print(summary)
        for (table,), of_table in _by(of_run[: max(left, 0)], "table_name"):
            detail = _table(f"{REPORTS[table].title_zh} {table}", "行（主键）", "列", "原值", "新值", "原因")
            for c in of_table:
                _add(detail, c.row_key, c.title, *c.values, CAUSES[c.cause])
            console.print(detail)
        left -= len(of_run)
    if left < 0:
        _say(console, f"共 {len(cells):,} 处，只列出前 {SHOWN} 处；全部请用 --xlsx 或 --json，或用筛选缩小范围")


def write_restated(path: Path, cells: Sequence[Restated], asked: Mapping[str, str], *, is_cut: bool) -> Path:
    """Write a workbook of the cells; where `is_cut`, it says so itself. `asked`: what was asked for, by title."""
    report = REPORTS["restatements"]
    columns = [report.column(c) for c in _COLUMNS]
    rows = [_as_row(c) for c in cells]
    facts = [*asked.items(), ("处数", f"{len(cells):,}"), ("金额单位", "列名带（元）的原值与新值以元计")]
    if is_cut:
        facts.append(("注意", f"本表不完整：只含前 {len(cells):,} 处，请按截止日、结果表或运行分别导出"))
    return write_table_book(path, facts, [Sheet("数据修订", columns, rows)])


def restated_as_json(cell: Restated) -> dict[str, Any]:
    """A changed cell as the table keeps it, money in fen."""
    return {**cell.__dict__, "as_of": cell.as_of.isoformat(), "cause_zh": CAUSES[cell.cause], "column_zh": cell.title}


def tell_restated(cells: Sequence[Restated]) -> list[str]:
    """One Chinese sentence for each run that changed one of the cells of a figure."""
    told = []
    for (run_id,), of_run in _by(cells, "run_id"):
        changed = "；".join(f"{c.title} {' → '.join(c.values)}（{CAUSES[c.cause]}）" for c in of_run)
        before = of_run[0].previous_run_id
        told.append(f"由运行 {run_id}（{_clock(of_run[0])}）修订，此前是运行 {before} 的数字：{changed}")
    return told


def _as_row(cell: Restated) -> dict[str, Any]:
    old, new = cell.values
    row = {c: getattr(cell, c) for c in _COLUMNS}
    named = f"{REPORTS[cell.table_name].title_zh} {cell.table_name}"
    return {**row, "table_name": named, "column_name": f"{cell.title} {cell.column_name}", "old_value": old, "new_value": new}


def _clock(cell: Restated) -> str:
    return cell.finished_at[:19].replace("T", " ")


def _by(cells: Sequence[Restated], *names: str) -> Iterator[tuple[tuple[Any, ...], list[Restated]]]:
    """Neighbours that agree in the attributes named."""
    for key, group in groupby(cells, lambda c: tuple(getattr(c, name) for name in names)):
        yield key, list(group)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _say(console: Console, text: str) -> None:
    console.print(text, soft_wrap=True)


def _add(table: Table, *cells: str) -> None:
    """A row of plain text: brackets in keys are no markup."""
    table.add_row(*(Text(cell) for cell in cells))
