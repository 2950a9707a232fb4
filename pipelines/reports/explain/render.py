"""Explanations as tables for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipelines.engine.explained_rows import plain, word
from pipelines.engine.explanation import Line
from pipelines.reports.explain.contributions import Contribution
from pipelines.reports.explain.figure import FigureExplained
from pipelines.reports.explain.line import LineExplained
from pipelines.reports.explain.sources import SentFile
from pipelines.reports.pages.formats import MISSING, yuan
from pipelines.reports.restatements import tell_restated
from pipelines.views.table_book import title_of
from schemas.policies import PARAMETERS, PolicyRow
from schemas.records import RECORDS
from schemas.reports import REPORTS, Column
from schemas.spellings import OWNERSHIPS, PRODUCT_KINDS, SPECIAL_CATEGORIES, first_spellings

SHOWN_FOR_A_REASON = 10
_CODES = {**first_spellings(OWNERSHIPS), **first_spellings(PRODUCT_KINDS), **first_spellings(SPECIAL_CATEGORIES)}
"""What policy rows of any parameter hold as codes of records, in the words that stand for them everywhere."""
_STATES = {
    "accepted": "已接收，现行有效",
    "replaced": "已接收，但不再有效",
    "rejected": "被拒收",
    "duplicate": "重复行",
    "no_data": "不是数据行",
}


def show_figure(answer: FigureExplained, console: Console, *, every: bool = False) -> None:
    """Print a figure explained: formula, policy rows, the rows that count, what was left out and why.

    Of the rows left out for one and the same reason ten are shown, unless `every` is true.
    """
    report = REPORTS[answer.table]
    key = "，".join(f"{report.column(c).title_zh} {word(answer.table, c, v) or '（空）'}" for c, v in answer.key.items())
    _say(console, f"{report.title_zh}：{key}（截止日 {answer.as_of}，运行 {answer.run_id}）")
    if answer.finding is not None:
        _say(console, f"问题 {answer.finding['finding_id'][:12]}：{answer.finding['message_zh']}")
        clock = (("首次发现", "first_seen"), ("限期", "due_on"), ("状态", "state"))
        times = [f"{title} {word('findings', c, answer.finding[c])}" for title, c in clock if c in answer.finding]
        _say(console, "；".join([f"依据 {answer.finding['clause']}", *times]))
    for note in answer.notes:
        _say(console, f"注意：{note}")
    for told in tell_restated(answer.restated):
        _say(console, f"修订：{told}")
    for difference in answer.differences:
        _say(console, f"不一致：{difference}")
    steps = _table("公式与数字", "列", "公式", "代入数字", "结果")
    for s in answer.steps:
        column = report.column(s.column)
        _add(steps, f"{title_of(column)}\n{s.column}", s.formula, s.numbers, _result(column, s.value))
    policies = _table("适用的政策条目", "参数", "值", "文号", "条款", "有效期", "区划")
    for p in answer.policies:
        validity = f"{p.valid_from} 至 {p.valid_to or '今'}"
        _add(
            policies,
            f"{PARAMETERS[p.parameter].title}\n{p.parameter}",
            _policy_value(p),
            p.document_no,
            p.clause,
            validity,
            p.jurisdiction or "全国",
        )
    lines = _table(f"计入的各行（{len(answer.lines)}）", "作用", "文件:行", "主键", "内容")
    for line in answer.lines:
        _add(lines, line.role, _place(line, answer.files), _join(line.key), _facts(line.facts))
    for table in (steps, policies, lines, _left_out(answer, every)):
        if table.row_count:
            console.print(table)


def show_line(answer: LineExplained, console: Console) -> None:
    """Print what became of a source line, and the figures that it is part of."""
    sheet = f"[{answer.sheet}]" if answer.sheet else ""
    dataset = RECORDS[answer.file.dataset].title
    _say(console, f"{dataset} {answer.file.path}{sheet}:{answer.line}（由运行 {answer.file.run_id} 接收）")
    _say(console, "；".join([_STATES[answer.state], *answer.reasons]))
    for note in answer.notes:
        _say(console, f"注意：{note}")
    cells = _table("该行内容", "列", "值")
    for name, value in answer.cells.items():
        _add(cells, name, value)
    figures = _table(f"参与的数字（截止日 {answer.as_of}，运行 {answer.run_id}）", "结果表", "主键", "作用", "内容")
    left_out = _table("未计入", "结果表", "例如", "原因")
    for c in answer.contributions:
        title = f"{REPORTS[c.table].title_zh}\n{c.table}"
        if c.counts:
            role = f"{c.role}（经 {c.via}）" if c.via else c.role
            _add(figures, title, _key(c), role, _facts(c.facts))
        else:
            _add(left_out, title, _key(c), "；".join(c.reasons))
    for table in (cells, figures, left_out):
        if table.row_count:
            console.print(table)
    if answer.finding_ids:
        _say(console, "相关的问题：" + "、".join(i[:12] for i in answer.finding_ids))


def _result(column: Column, value: Any) -> str:
    """The value as people read it; a rate also as the table holds it."""
    if value is None:
        return MISSING
    if column.unit.startswith("fen"):
        return yuan(value)
    if column.unit == "ratio":
        return f"{value:.2%}（{value}）"
    if isinstance(value, float):
        return f"{value:,.4f}".rstrip("0").rstrip(".") if value == round(value, 4) else f"{value:,.2f}（{value}）"
    return str(column.spoken.get(str(value).lower() if isinstance(value, bool) else value, value))


def _policy_value(row: PolicyRow) -> str:
    words = _CODES | dict(PARAMETERS[row.parameter].words)
    match row.value:
        case bool():
            return "是" if row.value else "否"
        case list():
            return "、".join(words.get(value, value) for value in row.value)
    return words.get(str(row.value), str(row.value))


def _key(contribution: Contribution) -> str:
    return " ".join(str(word(contribution.table, c, v)) or "-" for c, v in contribution.key.items())


def _left_out(answer: FigureExplained, every: bool) -> Table:
    table = _table(f"未计入的各行（{len(answer.left_out)}）", "作用", "文件:行", "主键", "原因")
    shown: dict[tuple[str, ...], int] = {}
    for line in answer.left_out:
        shown[line.reasons] = shown.get(line.reasons, 0) + 1
        if every or shown[line.reasons] <= SHOWN_FOR_A_REASON:
            _add(table, line.role, _place(line, answer.files), _join(line.key), "；".join(line.reasons))
    for reasons, number in shown.items():
        if not every and number > SHOWN_FOR_A_REASON:
            _add(table, "…", f"另 {number - SHOWN_FOR_A_REASON} 行", "", "；".join(reasons))
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _add(table: Table, *cells: str) -> None:
    """A row of plain text: brackets in what people sent are no markup."""
    table.add_row(*(Text(cell) for cell in cells))


def _place(line: Line, files: Mapping[int, SentFile]) -> str:
    sheet = f"[{line.sheet}]" if line.sheet else ""
    return f"{files[line.file].path}{sheet}:{line.line}"


def _join(values: Mapping[str, Any]) -> str:
    return " ".join(str(v) if v not in (None, "") else "-" for v in values.values())


def _facts(facts: Mapping[str, Any]) -> str:
    told: Iterable[str] = (f"{name} {_fact(value)}" for name, value in facts.items() if value is not None)
    return "，".join(told)


def _fact(value: Any) -> str:
    match value:
        case bool():
            return "是" if value else "否"
        case Decimal():
            return plain(value)
        case float() if value.is_integer():
            return f"{value:,.0f}"
    return str(value)


def _say(console: Console, text: str | Sequence[str]) -> None:
    console.print(text, soft_wrap=True)
