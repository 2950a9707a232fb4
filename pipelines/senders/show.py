"""What a check found, for the terminal and as plain data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import polars as pl
from rich.table import Table

from pipelines.rejects.ranges import tell_ranges
from pipelines.senders.check import Checked, CheckedFile
from schemas.records import RECORDS

LIMIT = 200
"""So many lines a table shows on a terminal; the workbooks and the JSON hold all."""
_FIRST_LINES = 5
_FIRST_VALUES = 10


def show_checked(checked: Checked) -> Iterator[Table | str]:
    """Tables and lines for people, in the order in which they are printed; the last says what it comes to (Chinese)."""
    yield _show_files(checked)
    if not checked.rejected.is_empty():
        yield _show_reasons(checked)
    if not checked.missing.is_empty():
        yield _show_missing(checked)
    for file in checked.files:
        yield from _tell_file(file)
    if checked.unchecked_numbers:
        yield f"{checked.unchecked_numbers} 行填有退回编号，没有 --home，编号是否存在未核对"
    for path in checked.workbooks:
        yield f"整改表：{path}"
    yield _conclude(checked)


def checked_as_json(checked: Checked) -> list[dict[str, Any]]:
    """One object per file: what it would come to, its `rejected` rows with their reasons, its `missing` references (of the
    whole dataset), `references_checked`, and the correction workbooks.
    """
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in checked.rejected.drop("dataset").iter_rows(named=True):
        rows[row.pop("file")].append(row)
    return [
        {
            **asdict(file),
            "rejected": rows[file.file],
            "missing": checked.missing.filter(dataset=file.dataset).drop("dataset").to_dicts(),
            "references_checked": checked.has_home,
            "workbooks": [str(path) for path in checked.workbooks if path.parent.name == file.dataset],
        }
        for file in checked.files
    ]


def _show_files(checked: Checked) -> Table:
    table = Table(title="报送前检查", title_justify="left")
    for name in ("文件", "数据集", "结论", "读取", "可接收", "拒收", "重复"):
        is_number = name in ("读取", "可接收", "拒收", "重复")
        table.add_column(name, justify="right" if is_number else "left", no_wrap=is_number, overflow="fold")
    for file in checked.files:
        counts = (file.rows_read, file.rows_accepted, file.rows_rejected, file.rows_duplicate)
        shown = [f"{n:,}" for n in counts] if file.status == "accepted" else [""] * 4
        table.add_row(file.file, f"{RECORDS[file.dataset].title} {file.dataset}\n{file.because}", tell_status(file), *shown)
    return table


def tell_status(file: CheckedFile) -> str:
    """What would become of a file, in Chinese."""
    match file.status:
        case "accepted" if not file.rows_read:
            return "没有数据行"
        case "accepted":
            return "有拒收行" if file.rows_rejected else "全部可接收"
        case "skipped":
            return "内容此前已接收（或与另一文件相同），会跳过"
        case "waiting":
            return "不会读取：临时文件（*.part、~$*、隐藏文件）或说明文件"
    return f"整个文件会被拒收：{file.message}"


def _show_reasons(checked: Checked) -> Table:
    """Rejected rows by file and reason: how many, and the first lines."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    lines: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in checked.rejected.iter_rows(named=True):
        place = f"[{row['sheet']}]{row['line_no']}" if row["sheet"] else str(row["line_no"])
        for message in {reason["message_zh"] for reason in row["reasons"]}:
            found[row["file"]][message] += 1
            lines[row["file"], message].append(place)
    table = Table(title="会被拒收的行", title_justify="left")
    for name in ("文件", "原因", "行数", "行号"):
        table.add_column(name, justify="right" if name == "行数" else "left", overflow="fold")
    told = [
        (file, message, rows, "、".join(lines.get((file, message), [])[:_FIRST_LINES]) + ("…" if rows > _FIRST_LINES else ""))
        for file, messages in found.items()
        for message, rows in tell_ranges(messages).items()
    ]
    for file, message, rows, at in told[:LIMIT]:
        table.add_row(file, message, f"{rows:,}", at)
    if len(told) > LIMIT:
        table.caption = f"共 {len(told):,} 种，只显示前 {LIMIT} 种；全部见整改表（--to）或 --json"
    return table


def _show_missing(checked: Checked) -> Table:
    """References by what they name: how many values, the first of them."""
    title = (
        "引用的记录尚未报送，补报后这些行自动接收"
        if checked.has_home
        else "引用未核对：这些编码不在所给文件中，没有 --home 可查"
    )
    table = Table(title=title, title_justify="left")
    for name in ("数据集", "列", "应先报送", "行数", "编码"):
        table.add_column(name, justify="right" if name == "行数" else "left", overflow="fold")
    groups = checked.missing.group_by("dataset", "column", "target", maintain_order=True).agg(pl.col("rows").sum(), "value")
    for row in groups.iter_rows(named=True):
        dataset, values = RECORDS[row["dataset"]], row["value"]
        column = next(c.title for c in dataset.columns if c.name == row["column"])
        more = f" 等 {len(values):,} 个" if len(values) > _FIRST_VALUES else ""
        shown = "、".join(values[:_FIRST_VALUES]) + more
        table.add_row(dataset.title, column, RECORDS[row["target"]].title, f"{row['rows']:,}", shown)
    return table


def _tell_file(file: CheckedFile) -> Iterator[str]:
    if file.unknown_columns:
        yield f"{file.file}：不认识的列（不读取）：{'、'.join(file.unknown_columns)}"
    yield from file.remarks


def _conclude(checked: Checked) -> str:
    read = sum(f.rows_accepted for f in checked.files)
    if checked.is_good and not any(f.rows_read for f in checked.files):
        return "没有要报送的行"
    if checked.is_good:
        trusted = (
            ""
            if checked.has_home or checked.missing.is_empty()
            else "；引用的编码未核对（用 --home 指定 vbp 的数据目录可核对）"
        )
        return f"可以报送：{read:,} 行全部会被接收{trusted}"
    rejected = sum(f.rows_rejected for f in checked.files)
    unread = sum(f.status not in ("accepted", "skipped") for f in checked.files)
    told = [f"{rejected:,} 行会被拒收" if rejected else "", f"{unread} 个文件不会被读取" if unread else ""]
    remedy = "" if checked.workbooks or not rejected else "；用 --to 目录 可写出整改表"
    return f"请先改正：{'，'.join(filter(None, told))}{remedy}"
