"""How a correction workbook looks: a cover, and the rows under the sender's own headers with what is wrong beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from pipelines.desk.remedies import remedy
from pipelines.ingest.headers import NUMBER, PROBLEM, REMEDY, WHOLE_LINE
from pipelines.ingest.workbook import COVER

_ROWS = 200_000
_SMALL = 5_000
_LONGEST_CELL = 32_767
_STEPS = (
    "一、每张表按贵单位报送时的表头列出被退回的行；标黄的单元格有问题，把鼠标移到该格上可看原因。",
    "二、直接在原单元格改正，“问题”与“如何改正”两列供参考，不必清空。各格均为文本格式，长编码不会变形。",
    "三、请勿改动或删除“退回编号”：系统凭它认出改正的是哪一行，主键本身填错的也能对上。",
    "四、不再需要报送的行整行删除即可；没有改正的行可留在表中，会再次退回。",
    "五、改好后保存为 xlsx，按平时的方式放回数据目录中原数据集的文件夹，当晚自动接收。",
)
_STEPS_BEFORE = (
    "一、这些行还没有报送：每张表按原文件的表头列出报送后会被拒收的行；标黄的单元格有问题，把鼠标移到该格上可看原因。",
    *_STEPS[1:2],
    "三、“退回编号”为空的行是新行，请保持为空；已有编号的请勿改动：系统凭它认出改正的是哪一行。",
    "四、其余各行没有问题，仍在原文件中：把改好的行并入原文件一起报送，或删去原文件中的这些行，与本表分别报送。",
    "五、本表改好后保存为 xlsx，按平时的方式放入数据目录中该数据集的文件夹，当晚自动接收。",
)


@dataclass(frozen=True)
class ReturnedRow:
    """A row to be returned: number of its record, sender, cells as sent, its line where that could not be split,
    reasons, and which cells (position → reasons) they are about.
    """

    number: str
    sender: str
    cells: Sequence[str | None]
    whole_line: str | None
    reasons: Sequence[Mapping[str, Any]]
    failing: Mapping[int, Sequence[Mapping[str, Any]]]


def write_workbook(
    path: Path,
    title: str,
    sheets: Mapping[tuple[str, ...], Sequence[ReturnedRow]],
    problems: Mapping[str, int],
    until: date | None,
    waiting: int | None = None,
    *,
    is_sent: bool = True,
) -> None:
    """Write the workbook whole or not at all: a cover, then for each header as sent the rows under it.

    `waiting`: how many rows there are in all, where only some are listed; `is_sent`: whether they were sent, and come back,
    or were only looked at. Every cell is text, whatever it begins
    with: nothing sent to us is ever a formula of ours.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".xlsx.part")
    # a small workbook is put together in memory: a dozen temporary files cost more than its rows
    book = xlsxwriter.Workbook(partial, {"in_memory": sum(map(len, sheets.values())) <= _SMALL})
    text = {"num_format": "@", "valign": "top", "text_wrap": True}
    styles = {
        "cell": book.add_format(text),
        "failing": book.add_format(text | {"bg_color": "#FFE699", "border": 1, "border_color": "#C65911"}),
        "head": book.add_format(text | {"bold": True, "bg_color": "#DDEBF7", "bottom": 1}),
        "ours": book.add_format(text | {"font_color": "#595959", "bg_color": "#F2F2F2"}),
        "title": book.add_format({"bold": True, "font_size": 14}),
    }
    listed = sum(map(len, sheets.values()))
    heading = f"{'退回整改表' if is_sent else '报送前检查的整改表'}：{title}，共 {waiting or listed} 行"
    if waiting and waiting > listed:
        heading += f"，本表只列最近报送的 {listed} 行，其余另行退回"
    due = f"请于 {until.isoformat()} 前改正并重新报送。" if until else "请尽快改正并重新报送。"
    steps = (due, *_STEPS) if is_sent else ("请改正后报送。", *_STEPS_BEFORE)
    _write_cover(book, styles, heading, problems, steps)
    pages = [(header, rows[start : start + _ROWS]) for header, rows in sheets.items() for start in range(0, len(rows), _ROWS)]
    for number, (header, rows) in enumerate(pages, start=1):
        _write_page(book.add_worksheet(f"{title[:20]}{number}"), styles, header, rows)
    book.close()
    partial.replace(path)


def _write_cover(book: Any, styles: Mapping[str, Any], heading: str, problems: Mapping[str, int], steps: Sequence[str]) -> None:
    page = book.add_worksheet(COVER)
    page.set_column(0, 0, 100, book.add_format({"text_wrap": True, "valign": "top"}))
    page.set_column(1, 1, 12)
    _print_on_one_width(page)
    page.write_string(0, 0, heading, styles["title"])
    for line, step in enumerate(steps, start=2):
        page.write_string(line, 0, step)
    start = len(steps) + 3
    page.write_string(start, 0, "问题", styles["head"])
    page.write_string(start, 1, "行数", styles["head"])
    for line, (message, count) in enumerate(sorted(problems.items(), key=lambda p: (-p[1], p[0])), start=start + 1):
        page.write_string(line, 0, message[:_LONGEST_CELL])
        page.write_number(line, 1, count)


def _write_page(page: Any, styles: Mapping[str, Any], header: Sequence[str], rows: Sequence[ReturnedRow]) -> None:
    has_lines = any(row.whole_line for row in rows)
    ours = [*([WHOLE_LINE] if has_lines else []), PROBLEM, REMEDY]
    names = [NUMBER, *header, *ours]
    page.set_column(0, 0, 24, styles["ours"])
    for position, name in enumerate(header):
        written = [name, *(row.cells[position] or "" for row in rows)]
        page.set_column(position + 1, position + 1, _fit(written), styles["cell"])
    page.set_column(len(header) + 1, len(names) - 1, 48, styles["ours"])
    page.freeze_panes(1, 1)
    _print_on_one_width(page)
    page.repeat_rows(0)
    for column, name in enumerate(names):
        page.write_string(0, column, name, styles["head"])
    for line, row in enumerate(rows, start=1):
        page.write_string(line, 0, row.number, styles["ours"])
        for position, cell in enumerate(row.cells):
            failing = row.failing.get(position)
            style = styles["failing" if failing or row.whole_line else "cell"]
            if cell:
                page.write_string(line, position + 1, cell[:_LONGEST_CELL], style)
            else:
                page.write_blank(line, position + 1, None, style)
            if failing:
                page.write_comment(line, position + 1, "\n".join(str(r["message_zh"]) for r in failing))
        told = [*([row.whole_line or ""] if has_lines else []), _tell_problem(row), _tell_remedy(row)]
        for column, message in enumerate(told, start=len(header) + 1):
            page.write_string(line, column, message[:_LONGEST_CELL], styles["ours"])


def _print_on_one_width(page: Any) -> None:
    """A4, lying, as many pages long as it takes and one wide."""
    page.set_paper(9)
    page.set_landscape()
    page.fit_to_pages(1, 0)


def _fit(texts: Sequence[str]) -> int:
    """The width at which a code stands on one line; a Chinese character takes two places."""
    widest = max(sum(2 if ord(sign) > 0x2E80 else 1 for sign in text) for text in texts)
    return min(28, max(10, widest + 2))


def _tell_problem(row: ReturnedRow) -> str:
    return "\n".join(r["message_zh"] + (f"（原值：{r['value']}）" if r["value"] else "") for r in row.reasons)


def _tell_remedy(row: ReturnedRow) -> str:
    return "\n".join(dict.fromkeys(remedy(r["code"]) for r in row.reasons))
