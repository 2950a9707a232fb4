"""Verifications as lines for the terminal, and as plain data for one JSON document."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipelines.verify.compare_tables import TablesVerified
from pipelines.verify.rebuild import RunVerified
from pipelines.verify.report import Cell
from schemas.reports import REPORTS


def show_verified(answer: RunVerified | TablesVerified, console: Console) -> None:
    """Print the outcome, what is not as it was, and the first changed cells."""
    is_rebuilt = isinstance(answer, RunVerified)
    what = "按存档输入重算" if is_rebuilt else "结果表现状"
    for note in (*answer.notes, *answer.proof.notes):
        _say(console, f"注意：{note}")
    _say(console, f"运行 {answer.run_id}（截止日 {answer.as_of}）")
    _say(console, f"台账的结果摘要 {answer.expected}")
    _say(console, f"{what}的摘要 {answer.found or '（未得出）'}")
    if isinstance(answer, RunVerified):
        for line in (*answer.inputs, *answer.differences):
            _say(console, f"不一致：{line}")
    for name in answer.tables:
        _say(console, f"不一致：表 {name}（{REPORTS[name].title_zh}）")
    for line in answer.chain:
        _say(console, f"不一致：运行台账：{line}")
    for line in answer.proof.faults:
        _say(console, f"不一致：{line}")
    _show_cells(console, "与封存或重算不同的格", answer.proof.cells, "应为", "现在")
    _show_cells(console, "与该运行不同的格", answer.cells, "当时", "重算" if is_rebuilt else "现在")
    if isinstance(answer, RunVerified):
        _show_cells(console, "结果表与重算不同的格", answer.shown, "重算", "结果表")
    _say(console, f"封存链头 {answer.proof.head or '（尚无封存记录）'}（与通报、晨报上所印的对照：vbp verify --head）")
    _say(console, "核验通过" if answer.is_good else "核验未通过")


def verified_as_json(answer: RunVerified | TablesVerified) -> dict[str, Any]:
    """Everything that was found; `is_good` says whether all of it agrees."""
    found = _plain(asdict(answer) | {"is_good": answer.is_good})
    assert isinstance(found, dict)
    return found


def _show_cells(console: Console, title: str, cells: tuple[Cell, ...], was: str, now: str) -> None:
    if not cells:
        return
    table = Table("表", "主键", "列", was, now, title=title, title_justify="left", title_style="bold")
    for c in cells:
        key = " ".join(str(v) if v != "" else "-" for v in c.key.values())
        column = f"{_title(c)} {c.column}".strip() if c.column else "（整行）"
        table.add_row(*(Text(str(v)) for v in (c.table, key, column, c.expected, c.found)))
    console.print(table)


def _title(cell: Cell) -> str:
    """The Chinese name of the column, where the report definitions know it."""
    report = REPORTS.get(cell.table)
    return report.column(cell.column).title_zh if report and cell.column in report.column_names else ""


def _plain(value: Any) -> Any:
    match value:
        case date():
            return value.isoformat()
        case dict():
            return {str(k): _plain(v) for k, v in value.items()}
        case list() | tuple():
            return [_plain(v) for v in value]
        case _:
            return value


def _say(console: Console, text: str) -> None:
    console.print(text, soft_wrap=True)
